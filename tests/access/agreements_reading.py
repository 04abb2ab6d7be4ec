"""Section 2.3 read into plain Python: projects, turns and versions of a protocol."""

from tests.access.facts import Cycle, Project, Someone, Target, Upload, Version, World
from tests.access.lessons_reading import watch
from tests.access.short import alive, clauses_proposed, current, entry, here, participant, signed


def takes_part(w: World, p: Someone, x: Project) -> bool:
    """Participant ∧ here."""
    return participant(p, x) and here(w, p, x)


def may_propose(w: World, p: Someone, x: Project) -> bool:
    """Who may put a new version to the group; before the first, whoever opened the project."""
    if not takes_part(w, p, x) or clauses_proposed(x):
        return False
    v = current(x)
    if v is None:
        return p is x.opened_by
    mine = entry(v, p)
    return mine is not None and signed(v, p) and mine.capacity not in {"guest", "detective"}


def draft_propose(w: World, p: Someone, v: Version) -> bool:
    """A draft is edited and proposed by its author, who may propose."""
    return v.state == "draft" and v.author is p and may_propose(w, p, v.project)


def version_read(w: World, p: Someone, v: Version) -> bool:
    """Participants read the protocol; a draft is still its author's alone (3.3), and nobody else's business."""
    return takes_part(w, p, v.project) and (v.state != "draft" or v.author is p)


def sign(w: World, p: Someone, v: Version) -> bool:
    """Also on the roster of a proposed version, in person; who has signed has nothing more to sign (3.3)."""
    named = entry(v, p) is not None and not signed(v, p)
    return takes_part(w, p, v.project) and v.state == "proposed" and named


def drop(w: World, p: Someone, v: Version) -> bool:
    """Its proposer, or any participant by declining it; a proposer who left has no part in it any more."""
    return v.state == "proposed" and takes_part(w, p, v.project)


def own_turn(w: World, p: Someone, cycle: Cycle) -> bool:
    """Participant with capacity teacher, in the own cycle ∧ here: upload and brief."""
    teaches = participant(p, cycle.project, capacity="teacher")
    return teaches and cycle.teacher is p and here(w, p, cycle.project)


def upload_resume(w: World, p: Someone, upload: Upload) -> bool:
    """The same, for a file on its way: it is its recording's own, and nothing arrives for what is gone."""
    r = upload.recording
    return own_turn(w, p, r.cycle) and r.owner is p and alive(w, r)


def brief_read(w: World, p: Someone, cycle: Cycle) -> bool:
    """rec.watch of its recording, or teacher of the cycle."""
    teacher = cycle.teacher is p and here(w, p, cycle.project)
    return teacher or any(watch(w, p, recording) for recording in cycle.recordings)


def cycle_read(w: World, p: Someone, cycle: Cycle) -> bool:
    """Participant ∧ here."""
    return takes_part(w, p, cycle.project)


def target_set(w: World, p: Someone, cycle: Cycle) -> bool:
    """The person alone: whose turn it is."""
    return cycle.teacher is p and here(w, p, cycle.project)


def target_read(w: World, p: Someone, target: Target) -> bool:
    """The person alone: a target belongs to whoever set it, not to the project it came from."""
    return target.person is p and here(w, p)
