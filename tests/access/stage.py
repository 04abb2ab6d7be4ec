"""The world before anything goes wrong: everyone has signed, lessons are shared, and each role is somebody's."""

from datetime import date, datetime, timedelta
from random import Random

from tests.access.facts import (
    Clip,
    Cycle,
    Entry,
    Feedback,
    GuestLink,
    Invitation,
    Membership,
    Note,
    Participant,
    Project,
    Recording,
    School,
    Someone,
    Target,
    Upload,
    Version,
    Watched,
    Window,
    World,
)

DAY = timedelta(days=1)
LESSON_ON = date(2026, 3, 12)
#: Name: school and role; the first letters are those of the rule book's table.
PEOPLE: dict[str, tuple[str, str]] = {
    "Olu": ("Hillside", "teacher"),
    "Ben": ("Riverbank", "teacher"),
    "Mina": ("Hillside", "mentor"),
    "Gus": ("", ""),
    "Kit": ("Hillside", "pupil"),
    "Rob": ("Riverbank", "teacher"),
    "Una": ("Moor", "new_teacher"),
    "Fay": ("Riverbank", "teacher"),
    "Tess": ("Riverbank", "teacher"),
    "Ash": ("Moor", "teacher"),
    "Cora": ("Hillside", "co_ordinator"),
    "Lee": ("Moor", "alliance_lead"),
    "Ada": ("Hillside", "school_administrator"),
    "Dee": ("Hillside", "data_protection_lead"),
    "Max": ("Hillside", "data_protection_lead"),
    "Sid": ("Hillside", "safeguarding_lead"),
    "Zoe": ("Moor", "alliance_administrator"),
    "Pam": ("Riverbank", "pupil"),
}
#: Who takes part in the first project, as what, and whether as a watcher.
PAIR: dict[str, tuple[str, bool]] = {
    "Olu": ("teacher", True),
    "Ben": ("observer", True),
    "Mina": ("mentor", True),
    "Gus": ("guest", True),
    "Kit": ("detective", True),
    "Rob": ("moderator", False),
    "Tess": ("teacher", True),
    "Max": ("observer", True),
}
OTHER: dict[str, tuple[str, bool]] = {"Ben": ("teacher", True), "Olu": ("observer", True), "Una": ("mentor", True)}

#: Which project, whose lesson, at which school, in which state.
LESSONS = (
    (0, "Olu", "Hillside", "shared"),
    (0, "Tess", "Riverbank", "shared"),
    (1, "Ben", "Riverbank", "shared"),
    (0, "Olu", "Hillside", "private"),
    (0, "Olu", "Hillside", "paused"),
)


def stage(rng: Random, now: datetime, *, generous: bool = False) -> World:
    """Make a world in which everything is in order; `generous`: with every clause of a protocol at its widest."""
    w = World(now)
    w.schools = {name: School(name) for name in ("Hillside", "Riverbank", "Moor")}
    for name, (school, role) in PEOPLE.items():
        w.people[name] = p = Someone(name)
        if school:
            join(w, p, school, {role})
    w.invitations = [Invitation(school, w.people["Ada"]) for school in w.schools.values()]
    first = _project(w, rng, "Olu", PAIR, generous)
    first.participants += [
        Participant(w.people["Una"], "observer"),
        Participant(w.people["Ash"], "observer", joined=False),
        Participant(w.people["Fay"], "observer", left=True),
    ]
    w.people["Gus"].links = [GuestLink(first, now + 5 * DAY)]
    for pupil in (w.people["Kit"], w.people["Pam"]):
        pupil.consent, pupil.trained = "given", True
    _project(w, rng, "Ben", OTHER, generous)
    for number, teacher, school, state in LESSONS:
        x = w.projects[number]
        cycle = Cycle(x, w.people[teacher])
        cycle.targets = [Target(cycle.teacher, cycle)]
        x.cycles.append(cycle)
        _lesson(w, rng, cycle, w.schools[school], state)
        if generous:
            _all_say_something(cycle.recordings[0])
    return w


def join(w: World, p: Someone, school: str, roles: set[str]) -> Membership:
    """Make somebody a member of a school since a month ago."""
    p.memberships.append(Membership(p, w.schools[school], roles, w.now - 30 * DAY))
    return p.memberships[-1]


def clauses(rng: Random, now: datetime, *, generous: bool) -> dict[str, object]:
    """Choose what a version says."""
    wide = generous or rng.random() < 0.5
    return {
        "readers": "group" if wide or rng.random() < 0.5 else "teacher",
        "clips_by": "watchers" if wide or rng.random() < 0.5 else "owner",
        "download": "watchers" if wide or rng.random() < 0.4 else rng.choice(["owner", "nobody"]),
        "pupils": "yes" if wide or rng.random() < 0.6 else "no",
        "after_erase": "teacher_keeps_text" if wide or rng.random() < 0.5 else "erase",
        "text_until_at": now + 40 * DAY,
    }


def version(w: World, rng: Random, x: Project, state: str, kind: str) -> Version:
    """Add a version to a project, with the roster of the last one."""
    made = Version(
        x, len(x.versions) + 1, x.opened_by, state, kind, w.now + 20 * DAY, clauses=clauses(rng, w.now, generous=False)
    )
    if x.versions:
        before = x.versions[-1]
        made.entries = [Entry(each.person, each.capacity, each.watches, each.left) for each in before.entries]
        made.clauses = dict(before.clauses) if kind == "people" else made.clauses
    x.versions.append(made)
    return made


def _project(w: World, rng: Random, opener: str, roster: dict[str, tuple[str, bool]], generous: bool) -> Project:
    x = Project(w.people[opener])
    x.participants = [Participant(w.people[name], capacity) for name, (capacity, _) in roster.items()]
    v = version(w, rng, x, "in_force", "first")
    v.clauses = clauses(rng, w.now, generous=generous)
    v.entries = [Entry(w.people[name], capacity, watches) for name, (capacity, watches) in roster.items()]
    if "Kit" in roster:
        v.entries.append(Entry(w.people["Fay"], "observer", watches=True, left=True))
        v.signatures[w.people["Fay"]] = False
    v.signatures |= {w.people[name]: True for name in roster}
    w.projects.append(x)
    return x


def _lesson(w: World, rng: Random, cycle: Cycle, school: School, state: str) -> None:
    x, teacher = cycle.project, cycle.teacher
    bound = None if state == "private" else x.versions[0]
    r = Recording(cycle, teacher, school, state, w.now + 10 * DAY, LESSON_ON, bound=bound)
    cycle.recordings.append(r)
    r.windows = [Window(w.people["Kit"], w.now - DAY / 96, w.now + DAY / 96)]
    r.uploads = [Upload(r)]
    if state != "shared":
        r.notes = [Note(r, teacher)]
        return
    for p in [each.person for each in x.versions[0].entries]:
        r.watched.append(Watched(r, p))
        r.clips += [Clip(r, p)] if rng.random() < 0.15 else []
        _words(w, rng, r, p)


def _all_say_something(r: Recording) -> None:
    """Let every adult on the roster but one have released, and all have marked a clip."""
    for p in {note.author: None for note in r.notes if r.state == "shared"}:
        if p.name not in {r.owner.name, "Kit", "Mina"} and all(each.author is not p for each in r.feedback):
            r.feedback.append(Feedback(r, p, r.delete_at))
            r.notes.append(Note(r, p, "released", r.feedback[-1]))
        if all(each.author is not p for each in r.clips):
            r.clips.append(Clip(r, p))


def _words(w: World, rng: Random, r: Recording, p: Someone) -> None:
    """Let somebody write, and perhaps release: most have, so that 'others' is never an empty word."""
    if p.name == "Kit":
        r.notes.append(Note(r, p, rng.choice(["handed_in", "passed_on", "own"])))
        return
    if rng.random() < 0.8:
        r.notes.append(Note(r, p))
    if p is not r.owner and rng.random() < 0.5:
        feedback = Feedback(r, p, w.now + DAY / 288)
        r.feedback.append(feedback)
        r.notes.append(Note(r, p, "released", feedback))
