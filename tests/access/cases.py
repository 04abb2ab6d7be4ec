"""Worlds made by hand for what chance seldom brings: one fact at its very edge, and everything else in order."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random

from tests.access.cases_of_lessons import Case, of_lessons
from tests.access.changing import MOMENT
from tests.access.facts import Case as Task
from tests.access.facts import Entry, GuestLink, Someone, Version, World
from tests.access.stage import DAY, join, stage, version


def edge_worlds(now: datetime) -> list[World]:
    """Make one world for each case; a newer version is in force in all, and no lesson is carried over to it."""
    found = []
    for name, case in {**_of_people(now), **_of_versions(now), **of_lessons(now)}.items():
        rng = Random(name)  # noqa: S311 - worlds, not secrets
        w = stage(rng, now, generous=True)
        _renew(w)
        case(w)
        w.told = [name]
        found.append(w)
    return found


def _renew(w: World) -> None:
    """Put a newer version in force in each project, which all have signed; another, with one more, is proposed.

    A data-protection lead has a case open about each lesson.
    """
    for x in w.projects:
        x.versions[0].state = "superseded"
        new = version(w, Random(0), x, "in_force", "people")  # noqa: S311 - nothing is left to chance in it
        new.entries.append(Entry(w.people["Pam"], "observer", watches=True))
        new.signatures = {each.person: True for each in new.entries if not each.left}
        proposed = version(w, Random(0), x, "proposed", "people")  # noqa: S311
        proposed.author = w.people["Ben"]
        proposed.entries.append(Entry(w.people["Ash"], "observer", watches=True))
        proposed.signatures = {w.people["Ben"]: True}
    for r in w.recordings:
        r.cases = [Task()]


def _of_people(now: datetime) -> dict[str, Case]:
    """Move each person's own instants, for the owner alone and for everybody else."""
    found: dict[str, Case] = {}
    for whose in ("Olu", "others"):
        for state in ("suspended", "ended"):
            found[f"{whose} {state}"] = partial(_each, whose=whose, do=partial(_stop, state=state))
    for moment, at in (("now", now), ("in a moment", now + MOMENT)):
        for whose in ("Olu", "others"):
            found[f"{whose} locked until {moment}"] = partial(_each, whose=whose, do=partial(_lock, at=at))
            found[f"{whose} member until {moment}"] = partial(_each, whose=whose, do=partial(_until_at, at=at))
            found[f"{whose} member from {moment}"] = partial(_each, whose=whose, do=partial(_from_at, at=at))
            found[f"{whose} at two schools, one until {moment}"] = partial(
                _each, whose=whose, do=partial(_until_at, at=at, then_elsewhere=True)
            )
            found[f"{whose} at two schools, one from {moment}"] = partial(
                _each, whose=whose, do=partial(_from_at, at=at, then_elsewhere=True)
            )
        found[f"guest until {moment}"] = partial(_guest, at=at)
    for name, (project, ended) in {"its": (0, False), "its, ended": (0, True), "another": (1, False)}.items():
        found[f"everybody a guest, of {name}"] = partial(_guests, project=project, ended=ended)
    return found


def _each(w: World, *, whose: str, do: Callable[[World, Someone], None]) -> None:
    for p in w.people.values():
        if (p.name == "Olu") == (whose == "Olu"):
            do(w, p)


def _stop(_w: World, p: Someone, *, state: str) -> None:
    p.account = state


def _lock(_w: World, p: Someone, *, at: datetime) -> None:
    p.locked_until = at


def _until_at(w: World, p: Someone, *, at: datetime, then_elsewhere: bool = False) -> None:
    for membership in p.memberships:
        membership.until_at = at
    if then_elsewhere:
        _elsewhere(w, p)


def _from_at(w: World, p: Someone, *, at: datetime, then_elsewhere: bool = False) -> None:
    for membership in p.memberships:
        membership.from_at = at
    if then_elsewhere:
        _elsewhere(w, p)


def _elsewhere(w: World, p: Someone) -> None:
    """Make somebody a member of another school too, for good."""
    if p.memberships:
        roles = {"pupil"} if "pupil" in p.memberships[0].roles else {"teacher"}
        join(w, p, "Riverbank" if p.memberships[0].school.name == "Moor" else "Moor", roles)


def _guest(w: World, *, at: datetime) -> None:
    w.people["Gus"].links[0].until_at = at


def _guests(w: World, *, project: int, ended: bool) -> None:
    """Make guests of all who are members, teachers too: whose turn it is can be a guest's."""
    for p in w.people.values():
        p.memberships, p.links = [], [GuestLink(w.projects[project], w.now + DAY, ended=ended)]


def _of_versions(now: datetime) -> dict[str, Case]:
    """Let one of the two versions alone say no: the one that lessons are bound to, or the one in force."""
    found: dict[str, Case] = {}
    for which, at in (("bound", 0), ("current", 1), ("proposed", 2)):
        for name, do in _SPOILT.items():
            found[f"{which}: {name}"] = partial(_spoil, at=at, do=do)
        for moment, until in (("now", now), ("in a moment", now + MOMENT)):
            found[f"{which} until {moment}"] = partial(_spoil, at=at, do=partial(_ends, until=until))
    return found


def _spoil(w: World, *, at: int, do: Callable[[Version], None]) -> None:
    for x in w.projects:
        do(x.versions[at])


def _ends(v: Version, *, until: datetime) -> None:
    v.until_at = until


def _set(v: Version, name: str, value: object, *, teachers: bool = False) -> None:
    """Set something of everybody but the project's own teachers, or of them alone."""
    for each in v.entries:
        if (each.capacity == "teacher") is teachers:
            setattr(each, name, value)


def _signed(v: Version, *, teachers: bool | None = None, to: bool | None = None) -> None:
    """Let signatures be taken back (False) or never given (None): everybody's, or the teachers' or the others'."""
    for each in v.entries:
        if teachers is None or (each.capacity == "teacher") is teachers:
            v.signatures.pop(each.person, None)
            v.signatures |= {} if to is None else {each.person: to}


def _third(v: Version, *, to: bool | None) -> None:
    """Let one who doesn't watch be the only one without a signature."""
    for each in v.entries:
        if not each.watches or each.person.name == "Una":
            v.signatures.pop(each.person, None)
            v.signatures |= {} if to is None else {each.person: to}


def _alone(v: Version, *, but: tuple[str, ...] = ()) -> None:
    """Leave the project's first teacher, and perhaps one more."""
    teacher = v.project.cycles[0].teacher
    for each in v.entries:
        each.left = each.person is not teacher and each.person.name not in but


def _say(v: Version, name: str, word: str) -> None:
    v.clauses[name] = word


_SPOILT: dict[str, Callable[[Version], None]] = {
    "nobody watches": partial(_set, name="watches", value=False),
    "all have left": partial(_set, name="left", value=True),
    "all are moderators": partial(_set, name="capacity", value="moderator"),
    "all are detectives": partial(_set, name="capacity", value="detective"),
    "all are guests": partial(_set, name="capacity", value="guest"),
    "all are mentors": partial(_set, name="capacity", value="mentor"),
    "nobody has signed": _signed,
    "all took back": partial(_signed, to=False),
    "the teachers have left": partial(_set, name="left", value=True, teachers=True),
    "the teachers took back": partial(_signed, teachers=True, to=False),
    "the others took back": partial(_signed, teachers=False, to=False),
    "one who doesn't watch hasn't signed": partial(_third, to=None),
    "one who doesn't watch took back": partial(_third, to=False),
    "only one teacher is left": _alone,
    "only two are left": partial(_alone, but=("Ben", "Una")),
    "no pupils": partial(_say, name="pupils", word="no"),
    "teacher alone reads": partial(_say, name="readers", word="teacher"),
    "owner alone clips": partial(_say, name="clips_by", word="owner"),
    "owner alone downloads": partial(_say, name="download", word="owner"),
    "nobody downloads": partial(_say, name="download", word="nobody"),
}
