"""What can change in a world that was in order; each change has a name, so that a failure can say what was done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from tests.access.facts import (
    Case,
    Entry,
    GuestLink,
    Hold,
    Objection,
    Project,
    Recording,
    Someone,
    Version,
    Window,
    World,
)
from tests.access.short import current, entry
from tests.access.stage import DAY, LESSON_ON, join, version

Change = Callable[[World, Random], None]
CHANGES: dict[str, Change] = {}
MOMENT = timedelta(microseconds=1)


def change(made: Change) -> Change:
    """Keep a change under its name."""
    CHANGES[made.__name__] = made
    return made


def around(w: World, rng: Random) -> datetime:
    """Choose an instant round now: limits must be judged to the microsecond."""
    return w.now + rng.choice([-DAY, -MOMENT, timedelta(), timedelta(), MOMENT, DAY])


def some_project(w: World, rng: Random) -> Project:
    """Choose a project: mostly the larger one."""
    return rng.choice([w.projects[0], w.projects[0], *w.projects])


def some_recording(w: World, rng: Random) -> Recording:
    """Choose a recording: mostly the first."""
    return rng.choice([w.recordings[0], w.recordings[0], *w.recordings])


def anyone(w: World, rng: Random) -> Someone:
    """Choose a person: an owner, somebody on a roster, or anyone at all."""
    entries = [each.person for v in some_project(w, rng).versions for each in v.entries]
    return rng.choice([some_recording(w, rng).owner, rng.choice(entries), rng.choice(list(w.people.values()))])


def agreed(w: World, rng: Random) -> Version:
    """Choose a version that binds somebody: the current one, or the one that a recording is bound to."""
    r = some_recording(w, rng)
    return rng.choice([v for v in (current(r.project), r.bound) if v] or r.project.versions)


@change
def account_stops(w: World, rng: Random) -> None:
    anyone(w, rng).account = rng.choice(["suspended", "ended"])


@change
def content_locks(w: World, rng: Random) -> None:
    anyone(w, rng).locked_until = around(w, rng)


@change
def membership_ends(w: World, rng: Random) -> None:
    for membership in anyone(w, rng).memberships:
        membership.until_at = around(w, rng)


@change
def membership_begins(w: World, rng: Random) -> None:
    for membership in anyone(w, rng).memberships:
        membership.from_at = around(w, rng)


@change
def moves_school(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    roles = p.memberships[-1].roles if p.memberships else {"teacher"}
    free = [name for name, school in w.schools.items() if all(m.school is not school for m in p.memberships)]
    if free:
        join(w, p, rng.choice(free), set(roles))
        p.memberships[0].until_at = w.now - DAY if rng.random() < 0.5 else p.memberships[0].until_at


@change
def roles_change(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    roles = [
        "teacher",
        "pupil",
        "data_protection_lead",
        "alliance_administrator",
        "school_administrator",
        "co_ordinator",
    ]
    for membership in p.memberships:
        membership.roles = set(rng.sample(roles, rng.choice([1, 2])))


@change
def guest_link_ends(w: World, rng: Random) -> None:
    for link in w.people["Gus"].links:
        link.until_at = around(w, rng)
        link.ended = rng.random() < 0.3


@change
def guest_link_ends_early(w: World, _rng: Random) -> None:
    for link in w.people["Gus"].links:
        link.ended = True


@change
def guest_of_another_project(w: World, _rng: Random) -> None:
    w.people["Gus"].links = [GuestLink(w.projects[1], w.now + DAY)]


@change
def member_becomes_guest(w: World, rng: Random) -> None:
    p = anyone(w, rng)
    for membership in p.memberships:
        membership.until_at = w.now - DAY
    p.links = [GuestLink(some_project(w, rng), around(w, rng))]


@change
def one_leaves(w: World, rng: Random) -> None:
    x, p = some_project(w, rng), anyone(w, rng)
    for each in [each for v in x.versions for each in v.entries if each.person is p]:
        each.left = True
    for participant in x.participants:
        participant.left = participant.left or participant.person is p


@change
def entry_is_marked_left(w: World, rng: Random) -> None:
    entries = agreed(w, rng).entries
    rng.choice(entries).left = True


@change
def entry_is_gone(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.entries.remove(rng.choice(v.entries))


@change
def not_signed(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.signatures.pop(rng.choice(v.entries).person, None)


@change
def signature_taken_back(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    v.signatures[rng.choice(v.entries).person] = False


@change
def signed_without_being_named(w: World, rng: Random) -> None:
    agreed(w, rng).signatures[anyone(w, rng)] = True


@change
def no_watcher(w: World, rng: Random) -> None:
    each = rng.choice(agreed(w, rng).entries)
    each.watches = not each.watches


@change
def capacity_changes(w: World, rng: Random) -> None:
    each = rng.choice(agreed(w, rng).entries)
    each.capacity = rng.choice(["teacher", "observer", "mentor", "moderator", "detective", "guest"])


@change
def group_shrinks(w: World, rng: Random) -> None:
    v = agreed(w, rng)
    keep = rng.sample(v.entries, rng.choice([1, 1, 2]))
    for each in v.entries:
        each.left = each not in keep


@change
def version_ends(w: World, rng: Random) -> None:
    agreed(w, rng).until_at = around(w, rng)


@change
def clause_changes(w: World, rng: Random) -> None:
    says = agreed(w, rng).clauses
    name, words = rng.choice(
        [("readers", ["teacher", "group"]), ("clips_by", ["owner", "watchers"]), ("pupils", ["yes", "no"])]
    )
    says[name] = rng.choice(words)


@change
def words_are_kept(w: World, rng: Random) -> None:
    says = agreed(w, rng).clauses
    says["after_erase"] = rng.choice(["erase", "teacher_keeps_text", "teacher_keeps_text"])
    says["text_until_at"] = around(w, rng)


@change
def proposal(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    if all(v.state != "proposed" for v in x.versions):
        v = version(w, rng, x, "proposed", rng.choice(["clauses", "people"]))
        v.author = rng.choice(v.entries).person
        v.entries.append(Entry(w.people["Ash"], "observer", watches=True))
        v.signatures = {each.person: rng.random() < 0.8 for each in rng.sample(v.entries, 2)}


@change
def draft(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    v = version(w, rng, x, rng.choice(["draft", "draft", "dropped"]), rng.choice(["clauses", "people"]))
    v.author = rng.choice([v.author, rng.choice(v.entries).person])


@change
def newer_version(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    old = current(x)
    if old is None or any(v.state == "proposed" for v in x.versions):
        return
    old.state = "superseded"
    v = version(w, rng, x, "in_force", rng.choice(["clauses", "people"]))
    una = w.people["Una"]
    if all(each.person is not una for each in v.entries):
        v.entries.append(Entry(una, rng.choice(["observer", "detective", "mentor"]), watches=True))
    v.signatures = {each.person: True for each in v.entries if not each.left}
    for r in w.recordings:
        r.bound = v if r.bound is old and rng.random() < 0.3 else r.bound


@change
def none_in_force(w: World, rng: Random) -> None:
    x = some_project(w, rng)
    v = current(x)
    taken = any(each.state == "proposed" for each in x.versions)
    if v is not None:
        v.state = rng.choice(["superseded", "dropped", "draft"] if taken else ["proposed", "draft", "dropped"])


@change
def state_changes(w: World, rng: Random) -> None:
    r = some_recording(w, rng)
    r.state = rng.choice(["private", "paused", "withdrawn", "erasing", "erased", "private", "paused", "withdrawn"])
    if r.state == "private":
        r.bound = None


@change
def every_state_changes(w: World, rng: Random) -> None:
    for r in w.recordings:
        r.state = rng.choice(["private", "paused", "withdrawn", "erased"])


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
