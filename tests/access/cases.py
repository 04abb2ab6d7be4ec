"""Worlds made by hand for what chance seldom brings: one fact at its very edge, and everything else in order."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from tests.access.changes import MOMENT
from tests.access.facts import Entry, Someone, Version, World
from tests.access.stage import DAY, stage, version

Case = Callable[[World], None]


def edge_worlds(now: datetime) -> list[World]:
    """Make one world for each case; a newer version is in force in all, and no lesson is carried over to it."""
    found = []
    for name, case in {**_of_people(now), **_of_versions(now), **_of_things(now)}.items():
        rng = Random(name)  # noqa: S311 - worlds, not secrets
        w = stage(rng, now, generous=True)
        _renew(w)
        case(w)
        w.told = [name]
        found.append(w)
    return found


def _renew(w: World) -> None:
    """Put a newer version in force in each project, which all have signed and which says just the same."""
    for x in w.projects:
        old = x.versions[0]
        old.state = "superseded"
        new = version(w, Random(0), x, "in_force", "people")  # noqa: S311 - nothing is left to chance in it
        new.entries.append(Entry(w.people["Pam"], "observer", watches=True))
        new.signatures = {each.person: True for each in new.entries if not each.left}


def _of_people(now: datetime) -> dict[str, Case]:
    """Move each person's own instants, for the owner alone and for everybody else."""
    found: dict[str, Case] = {}
    for moment, at in (("now", now), ("in a moment", now + MOMENT)):
        for whose in ("Olu", "others"):
            found[f"{whose} locked until {moment}"] = _each(whose, lambda p, at=at: setattr(p, "locked_until", at))
            found[f"{whose} member until {moment}"] = _each(whose, lambda p, at=at: _memberships(p, until_at=at))
            found[f"{whose} member from {moment}"] = _each(whose, lambda p, at=at: _memberships(p, from_at=at))
        found[f"guest until {moment}"] = lambda w, at=at: setattr(w.people["Gus"].links[0], "until_at", at)
    return found


def _each(whose: str, do: Callable[[Someone], None]) -> Case:
    def case(w: World) -> None:
        for p in w.people.values():
            if (p.name == "Olu") == (whose == "Olu"):
                do(p)

    return case


def _memberships(p: Someone, **values: datetime) -> None:
    for membership in p.memberships:
        for name, value in values.items():
            setattr(membership, name, value)


def _of_versions(now: datetime) -> dict[str, Case]:
    """Let one of the two versions alone say no: the one that lessons are bound to, or the one in force."""
    found: dict[str, Case] = {}
    for which, at in (("bound", 0), ("current", -1)):
        for name, do in _SPOILT.items():
            found[f"{which}: {name}"] = lambda w, do=do, at=at: [do(x.versions[at]) for x in w.projects] and None
        for moment, until in (("now", now), ("in a moment", now + MOMENT)):
            found[f"{which} until {moment}"] = lambda w, at=at, until=until: _until(w, at, until)
    return found


def _until(w: World, at: int, until: datetime) -> None:
    for x in w.projects:
        x.versions[at].until_at = until


def _entries(v: Version, **values: object) -> None:
    """Set something of everybody but the project's own teachers."""
    for each in v.entries:
        if each.capacity != "teacher":
            for name, value in values.items():
                setattr(each, name, value)


_SPOILT: dict[str, Callable[[Version], None]] = {
    "nobody watches": lambda v: _entries(v, watches=False),
    "all have left": lambda v: _entries(v, left=True),
    "all are moderators": lambda v: _entries(v, capacity="moderator"),
    "all are detectives": lambda v: _entries(v, capacity="detective"),
    "all are guests": lambda v: _entries(v, capacity="guest"),
    "all are mentors": lambda v: _entries(v, capacity="mentor"),
    "nobody has signed": lambda v: v.signatures.clear(),
    "all took back": lambda v: v.signatures.update(dict.fromkeys(v.signatures, False)),
    "the teacher has left": lambda v: [setattr(e, "left", True) for e in v.entries if e.capacity == "teacher"] and None,
    "the teacher took back": lambda v: v.signatures.update(
        {e.person: False for e in v.entries if e.capacity == "teacher"}
    ),
    "only the teacher is left": lambda v: (
        [setattr(e, "left", True) for e in v.entries if e.person is not v.project.cycles[0].teacher] and None
    ),
    "no pupils": lambda v: v.clauses.update(pupils="no"),
    "teacher alone reads": lambda v: v.clauses.update(readers="teacher"),
    "owner alone clips": lambda v: v.clauses.update(clips_by="owner"),
}


def _of_things(now: datetime) -> dict[str, Case]:
    """Move what belongs to lessons to its edge."""
    found: dict[str, Case] = {}
    for moment, at in (("now", now), ("in a moment", now + MOMENT)):
        found[f"erased by {moment}"] = lambda w, at=at: [setattr(r, "delete_at", at) for r in w.recordings] and None
        found[f"window until {moment}"] = lambda w, at=at: _windows(w, at - DAY / 48, at)
        found[f"window from {moment}"] = lambda w, at=at: _windows(w, at, at + DAY / 48)
        found[f"undo until {moment}"] = lambda w, at=at: _undo(w, at)
        found[f"text until {moment}, film gone"] = lambda w, at=at: _text(w, at)
    return found


def _windows(w: World, from_at: datetime, until_at: datetime) -> None:
    for r in w.recordings:
        for each in r.windows:
            each.from_at, each.until_at = from_at, until_at


def _undo(w: World, at: datetime) -> None:
    for r in w.recordings:
        for each in r.feedback:
            each.undo_until = at


def _text(w: World, at: datetime) -> None:
    for x in w.projects:
        x.versions[0].clauses["text_until_at"] = at
    for r in w.recordings:
        r.delete_at = w.now - DAY
