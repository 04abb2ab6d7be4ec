"""What this machine itself shows, beside the tests: its jail, its role's rights, its record, its erasures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.audit.verifying import verify
from config import wire
from config.accounts import PostgresTrouble
from config.doctor import BAD, WELL, Finding, database, machine
from config.embedded import running_database
from config.lock import Taken
from config.logging import describe
from config.settings import Settings, SettingsProblems

#: What the doctor looks at → the promise that it belongs to.
_BELONGS: Final = {"jail": 35, "role": 12, "record": 56, "erasures": 20}


@dataclass(frozen=True)
class Probe:
    """One thing seen on this machine about one promise: `held` is None where it could not be looked at."""

    promise: int
    held: bool | None
    says: str


def probes() -> list[Probe]:
    """Look at this machine; what can't be looked at says so."""
    try:
        settings = Settings.from_env()
    except SettingsProblems:
        return _unseen("the settings are refused; `backrow doctor` names them")
    return [*_of(machine.media(settings)), *_of_the_database(settings)]


def _of_the_database(settings: Settings) -> list[Probe]:
    if settings.embedded and not (settings.data / "database").is_dir():
        return _unseen(f"Backrow has never run on {settings.data}", jail=False)
    try:
        with running_database(settings):
            return _ask(settings)
    except (PostgresTrouble, Taken) as trouble:
        return _unseen(str(trouble), jail=False)
    except Exception as error:  # noqa: BLE001 - whatever the driver met, the report is still made
        return _unseen(f"the database did not answer: {describe(error)}", jail=False)


def _ask(settings: Settings) -> list[Probe]:
    engine = wire.engine(settings, wire.COMMAND)
    try:
        if database.migrated(engine).state != WELL:
            return _unseen("the database lacks steps", jail=False)
        seen = [*_of(database.rights(engine)), *_of([database.erasures(engine)])]
    finally:
        engine.dispose()
    with wire.session(settings) as session:
        chain = verify(session)
    if chain.broken is None:
        says = f"the record is whole: {chain.length} rows, head {chain.head or 'none'}"
        return [*seen, Probe(56, held=True, says=says)]
    return [*seen, Probe(56, held=False, says=f"row {chain.broken.number} of the record {chain.broken.say}")]


def _of(findings: Iterable[Finding]) -> list[Probe]:
    return [
        Probe(_BELONGS[found.what], held=found.state != BAD, says=f"{found.what}: {found.says}")
        for found in findings
        if found.what in _BELONGS
    ]


def _unseen(why: str, *, jail: bool = True) -> list[Probe]:
    return [
        Probe(number, held=None, says=f"{what} was not looked at: {why}")
        for what, number in _BELONGS.items()
        if jail or what != "jail"
    ]
