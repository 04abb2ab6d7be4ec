"""The promises themselves, from the one file that says them."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("promises.toml")
# `test_p02_p08_who_may_do_what`, `test_p08_and_p12_outsiders`: a test may prove several.
_NAMED = re.compile(r"test(?:(?:_and)?_p\d{1,2})+(?=_|\[|$)")


@dataclass(frozen=True)
class Promise:
    """One promise, in the words that a teacher reads; a starred one must hold from the first recording on."""

    id: str
    starred: bool
    says: str

    @property
    def number(self) -> int:
        """Its number: 2 of P2."""
        return int(self.id.removeprefix("P"))


@cache
def promises() -> tuple[Promise, ...]:
    """List all promises in their order."""
    kept = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(Promise(**each) for each in kept["promise"])


def proved_by(test_name: str) -> frozenset[int]:
    """Tell which promises a test proves, by its name: none, for most tests."""
    found = _NAMED.match(test_name)
    return frozenset(int(number) for number in re.findall(r"_p(\d{1,2})", found[0])) if found else frozenset()


def selection() -> str:
    """Write what pytest's `-k` takes so that the tests of promises run, and hardly any other."""
    spelt = {spelling for each in promises() for spelling in (f"{each.number:02}", f"{each.number}")}
    return " or ".join(f"test_p{number}_" for number in sorted(spelt))
