"""What of this machine can be used, and the mend for what can't: `backrow doctor`."""

from collections.abc import Callable, Iterator, Mapping

from config.doctor import database, machine, outside
from config.doctor.finding import BAD, MIND, WELL, Finding, tell, tell_json
from config.settings import Settings, SettingsProblems

__all__ = ["BAD", "MIND", "WELL", "Finding", "examine", "look", "tell", "tell_json"]

_LOOKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    machine.python,
    machine.media,
    database.look,
    outside.storage,
    outside.address,
    outside.secret,
    outside.mail,
    machine.disk,
    machine.pages,
)


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at one thing after the other; each is told as soon as it is known."""
    for each in _LOOKS:
        yield from each(settings)


def look(environ: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """Read the settings and look; where they can't be, each of their problems is a finding, and nothing is tried."""
    try:
        settings = Settings.from_env(environ)
    except SettingsProblems as problems:
        for problem in problems.problems:
            yield Finding("settings", BAD, f"{problem.setting} {problem.wrong}", problem.mend)
        return
    yield from examine(settings)
