"""Lessons at their very edges: dates, windows, objections, holds, words, and versions that aren't in force."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from tests.access.changing import MOMENT
from tests.access.facts import Case as Task
from tests.access.facts import Entry, Hold, Note, Objection, Participant, World
from tests.access.stage import DAY, LESSON_ON

Case = Callable[[World], None]


def of_lessons(now: datetime) -> dict[str, Case]:
    """Move what belongs to lessons to its edge."""
    found: dict[str, Case] = {}
    for moment, at in (("now", now), ("in a moment", now + MOMENT)):
        found[f"erased by {moment}"] = partial(_dates, at=at)
        found[f"window until {moment}"] = partial(_windows, from_at=at - DAY / 48, until_at=at)
        found[f"window from {moment}"] = partial(_windows, from_at=at, until_at=at + DAY / 48)
        found[f"undo until {moment}"] = partial(_undo, at=at)
        found[f"text until {moment}, film gone"] = partial(_text, at=at)
    return found | _of_words(now) | _of_parts() | _of_bars()


def _of_words(now: datetime) -> dict[str, Case]:
    """Let no version keep words for the teacher, whatever becomes of the film."""
    found: dict[str, Case] = {}
    for state in ("erasing", "erased", "withdrawn", "paused", "private"):
        for held in (False, True):
            found[f"words go with the film, {state}, hold: {held}"] = partial(_gone, state=state, held=held)
    found["words go with the film, now"] = partial(_gone, state="shared", held=False, at=now)
    found["words go with the film, held past its date"] = partial(_gone, state="shared", held=True, at=now - DAY)
    found["feedback opened at once"] = _opened
    return found


def _of_parts() -> dict[str, Case]:
    """Change what is on the table, and who has a part in what."""
    found: dict[str, Case] = {}
    for state, kind in (("proposed", "clauses"), ("dropped", "people"), ("draft", "clauses"), ("dropped", "clauses")):
        found[f"{kind} {state}"] = partial(_table, state=state, kind=kind)
    found["only a pupil's words were passed on"] = _passed_on
    for which, name in enumerate(("this", "another")):
        found[f"a lead was on a roster of {name} project"] = partial(_rostered, which=which)
        found[f"a lead took part in {name} project"] = partial(_took_part, which=which)
    found["turns are another teacher's"] = _turns
    return found


def _of_bars() -> dict[str, Case]:
    """Put a bar before lessons: an objection, a hold, and what guards pupils."""
    found: dict[str, Case] = {}
    for name, (first, last, settled) in _OBJECTIONS.items():
        found[f"objection {name}"] = partial(_object, first=first, last=last, settled=settled)
    for over in (False, True):
        found[f"hold, lifted: {over}"] = partial(_hold, lifted=over)
        found[f"case, closed: {over}"] = partial(_case, closed=over)
    return found | _of_pupils()


def _of_pupils() -> dict[str, Case]:
    """Take from a pupil one of the things that guard them."""
    found: dict[str, Case] = {"window of another pupil": _windows_of_another}
    for trained, consent in ((False, "given"), (True, "none"), (True, "taken back"), (True, "library")):
        found[f"pupil trained: {trained}, consent: {consent}"] = partial(_pupil, trained=trained, consent=consent)
    return found


def _gone(w: World, *, state: str, held: bool, at: datetime | None = None) -> None:
    """Let no version keep words, and lessons be gone or going."""
    for v in [v for x in w.projects for v in x.versions]:
        v.clauses["after_erase"] = "erase"
    for r in w.recordings:
        r.state, r.delete_at = state, at or r.delete_at
        r.bound = r.bound or r.project.versions[0]
        r.holds = [Hold()] if held else []


def _opened(w: World) -> None:
    for r in w.recordings:
        for each in r.feedback:
            each.opened, each.undo_until = True, w.now + DAY


def _table(w: World, *, state: str, kind: str) -> None:
    """Let what is proposed be something else."""
    for x in w.projects:
        x.versions[2].state, x.versions[2].kind = state, kind


def _passed_on(w: World) -> None:
    for r in w.recordings:
        r.feedback, r.notes = [], [Note(r, w.people["Kit"], "passed_on")]


def _rostered(w: World, *, which: int) -> None:
    w.projects[which].versions[0].entries.append(Entry(w.people["Dee"], "observer", watches=False, left=True))


def _took_part(w: World, *, which: int) -> None:
    w.projects[which].participants.append(Participant(w.people["Dee"], "observer", left=True))


def _turns(w: World) -> None:
    for cycle in w.projects[0].cycles:
        cycle.teacher = w.people["Tess" if cycle.teacher.name == "Olu" else "Olu"]


def _pupil(w: World, *, trained: bool, consent: str) -> None:
    w.people["Kit"].trained, w.people["Kit"].consent = trained, consent


def _windows_of_another(w: World) -> None:
    for r in w.recordings:
        for each in r.windows:
            each.pupil = w.people["Pam"]


def _dates(w: World, *, at: datetime) -> None:
    for r in w.recordings:
        r.delete_at = at


#: From which day after the lesson, to which; and for which lesson it is settled.
_OBJECTIONS: dict[str, tuple[int, int | None, str]] = {
    "from that day on": (0, None, "none"),
    "from the next day on": (1, None, "none"),
    "until that day": (-9, 0, "none"),
    "until the day before": (-9, -1, "none"),
    "settled for it": (0, None, "it"),
    "settled for another": (0, None, "another"),
    "twice, settled once": (0, None, "once"),
}


def _object(w: World, *, first: int, last: int | None, settled: str) -> None:
    """Let somebody object in the class of each lesson."""
    day = timedelta(days=1)
    for r in list(w.recordings):
        others = [each for each in w.recordings if each is not r]
        made = Objection(
            r.school, r.class_code, LESSON_ON + first * day, None if last is None else LESSON_ON + last * day
        )
        if settled in {"it", "once"}:
            made.settled_for = list(w.recordings)
        elif settled == "another" and r is w.recordings[0]:
            made.settled_for = others
        w.objections.append(made)
        if settled == "another":
            return
    if settled == "once":
        w.objections += [Objection(s, "8F2", LESSON_ON, None) for s in w.schools.values()]


def _hold(w: World, *, lifted: bool) -> None:
    for r in w.recordings:
        r.holds = [Hold(lifted=lifted)]


def _case(w: World, *, closed: bool) -> None:
    for r in w.recordings:
        r.cases = [Task(closed=closed)]


def _windows(w: World, *, from_at: datetime, until_at: datetime) -> None:
    for r in w.recordings:
        for each in r.windows:
            each.from_at, each.until_at = from_at, until_at


def _undo(w: World, *, at: datetime) -> None:
    for r in w.recordings:
        for each in r.feedback:
            each.undo_until = at


def _text(w: World, *, at: datetime) -> None:
    for x in w.projects:
        x.versions[0].clauses["text_until_at"] = at
    for r in w.recordings:
        r.delete_at = w.now - DAY
