"""What the doctor found, one thing at a time, and how it is told."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

WELL, MIND, BAD = "well", "mind", "bad"
#: What shows each state at the beginning of a line.
MARKS: dict[str, str] = {WELL: "well", MIND: "mind", BAD: "BAD "}


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is well, mind (it works, but read on) or bad; the mend is empty when well."""

    what: str
    state: str
    says: str
    mend: str = ""

    def __post_init__(self) -> None:
        """Refuse a complaint without a mend: whoever reads it would be left alone with it."""
        if (self.state == WELL) is bool(self.mend):
            msg = f"{self.what} is {self.state} and has {'a' if self.mend else 'no'} mend"
            raise ValueError(msg)


def tell(findings: Iterable[Finding], say: Callable[[str], object]) -> bool:
    """Tell each finding with its mend; return whether none is bad."""
    well = True
    for found in findings:
        say(f"{MARKS[found.state]}  {found.what:<11} {found.says}")
        if found.mend:
            say(f"      {'':<11} → {found.mend}")
        well = well and found.state != BAD
    return well


def tell_json(findings: Iterable[Finding], say: Callable[[str], object]) -> bool:
    """Tell all findings as one object for a program; return whether none is bad."""
    found = list(findings)
    well = all(each.state != BAD for each in found)
    say(json.dumps({"well": well, "findings": [asdict(each) for each in found]}, ensure_ascii=False))
    return well
