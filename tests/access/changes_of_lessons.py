"""What can change about lessons, and about who takes part in a project."""

from datetime import timedelta
from random import Random

from tests.access.changing import MOMENT, anyone, around, change, some_project, some_recording
from tests.access.facts import Case, Hold, Objection, Recording, Window, World
from tests.access.short import current, entry
from tests.access.stage import DAY, LESSON_ON


@change
def state_changes(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    state = rng.choice(["private", "paused", "withdrawn", "erasing", "erased", "private", "paused", "withdrawn"])
    r.state = r.state if _another_is_there(r) else state
    r.bound = None if r.state == "private" else r.bound or r.project.versions[0]


@change
def every_state_changes(w: World, rng: Random) -> None:
    for r in w.recordings:
        state = rng.choice(["private", "paused", "withdrawn", "erased"])
        r.state = r.state if _another_is_there(r) else state
        r.bound = r.bound or r.project.versions[0]


def _another_is_there(r: Recording) -> bool:
    """Tell whether its turn has another lesson that isn't gone: a turn has one, so that this one stays gone."""
    return any(other is not r and other.state not in {"erasing", "erased"} for other in r.cycle.recordings)


@change
def bound_to_another(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.bound = rng.choice([v for x in w.projects for v in x.versions])


@change
def date_comes(w: World, rng: Random) -> None:
    some_recording(w, rng).delete_at = around(w, rng)


@change
def hold(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.holds = [Hold(lifted=rng.random() < 0.3)]


@change
def hold_past_the_date(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.holds, r.delete_at = [Hold(lifted=rng.random() < 0.3)], w.now - DAY


@change
def case_opens(w: World, rng: Random) -> None:
    some_recording(w, rng).cases = [Case(closed=rng.random() < 0.3)]


@change
def objection(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    school = rng.choice([r.school, r.school, r.school, *w.schools.values()])
    first = LESSON_ON + timedelta(days=rng.choice([-9, -1, 0, 0, 1]))
    last = rng.choice([None, first, LESSON_ON, LESSON_ON - timedelta(days=1), LESSON_ON + timedelta(days=9)])
    made = Objection(
        school, rng.choice(["8F2", "8F2", " 8f2 ", "9A1"]), first, last if last and last >= first else None
    )
    made.settled_for = [rng.choice([r, *w.recordings])] if rng.random() < 0.3 else []
    w.objections.append(made)


@change
def class_changes(w: World, rng: Random) -> None:
    some_recording(w, rng).class_code = "9A1"


@change
def filmed_elsewhere(w: World, rng: Random) -> None:
    some_recording(w, rng).school = rng.choice(list(w.schools.values()))


@change
def window_moves(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    from_at = around(w, rng)
    pupil = w.people[rng.choice(["Kit", "Kit", "Kit", "Pam"])]
    until_at = min(from_at + timedelta(minutes=60), max(from_at + MOMENT, around(w, rng)))
    r.windows = [Window(pupil, from_at, until_at, closed=rng.random() < 0.2)]


@change
def window_closes(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    until_at = w.now + rng.choice([-MOMENT, timedelta(), MOMENT])
    r.windows = [Window(w.people["Kit"], until_at - timedelta(minutes=60), until_at)]


@change
def window_is_shut_or_another_pupils(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    open_for = r.windows[0] if r.windows else Window(w.people["Kit"], w.now, w.now + MOMENT)
    r.windows = [open_for]
    if rng.random() < 0.5:
        open_for.closed = True
    else:
        open_for.pupil = w.people["Pam"]


@change
def pupil_not_ready(w: World, rng: Random) -> None:
    kit = w.people["Kit"]
    kit.trained, kit.consent = rng.choice([(False, "given"), (True, "none"), (True, "taken back")])


@change
def staff_is_named_detective(w: World, _rng: Random) -> None:
    v = current(w.projects[0])
    mine = entry(v, w.people["Kit"]) if v else None
    if mine:
        mine.person, mine.capacity = w.people["Dee"], "detective"


@change
def participant_is_only_asked(w: World, rng: Random) -> None:
    rng.choice(some_project(w, rng).participants).joined = False


@change
def participant_leaves(w: World, rng: Random) -> None:
    rng.choice(some_project(w, rng).participants).left = True


@change
def participant_does_something_else(w: World, rng: Random) -> None:
    rng.choice(some_project(w, rng).participants).capacity = rng.choice(["teacher", "observer", "detective"])


@change
def opened_by_another(w: World, rng: Random) -> None:
    some_project(w, rng).opened_by = anyone(w, rng)


@change
def feedback_is_opened(w: World, rng: Random) -> None:
    for each in some_recording(w, rng).feedback:
        each.opened = rng.random() < 0.5
        each.undo_until = around(w, rng)


@change
def feedback_is_gone(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.feedback = r.feedback[:1] if rng.random() < 0.3 else []
    r.notes = [note for note in r.notes if note.feedback is None or note.feedback in r.feedback]


@change
def no_notes(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.notes = [note for note in r.notes if note.feedback is not None]


@change
def pupils_words_move(w: World, rng: Random) -> None:
    for r in w.recordings:
        for note in r.notes:
            if note.feedback is None and note.state != "own":
                note.state = rng.choice(["own", "handed_in", "passed_on"])


@change
def upload_moves(w: World, rng: Random) -> None:
    for upload in some_recording(w, rng).uploads:
        upload.state = rng.choice(["open", "verified", "mismatch", "completing", "erased", "expired"])


@change
def turn_moves(w: World, rng: Random) -> None:
    for cycle in some_project(w, rng).cycles:
        cycle.state = rng.choice(["begun", "briefed", "recorded", "observing", "closed"])


@change
def turn_is_anothers(w: World, rng: Random) -> None:
    rng.choice(some_project(w, rng).cycles).teacher = anyone(w, rng)


@change
def turn_holds_an_erased_lesson_too(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    gone = Recording(r.cycle, r.owner, r.school, "erased", w.now - DAY, LESSON_ON, bound=r.bound)
    r.cycle.recordings.append(gone)
