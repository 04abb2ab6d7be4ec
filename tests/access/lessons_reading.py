"""Section 2.3 read into plain Python: what is asked of a recording, and of what is made from it."""

from tests.access.facts import Clip, Feedback, Note, Recording, Someone, Version, Watched, World
from tests.access.short import (
    DATA_LEAD,
    adult_observer,
    alive,
    both,
    capacity,
    current,
    free,
    held,
    here,
    holds_role,
    open_,
    outside,
    stands,
    text_alive,
    watch_named,
    watch_owner,
)


def own(w: World, p: Someone, r: Recording) -> bool:
    """Owner ∧ here."""
    return p is r.owner and here(w, p, r.project)


def rec_list(w: World, p: Someone, r: Recording) -> bool:
    """That it exists."""
    return (own(w, p, r) and text_alive(w, r)) or watch_named(w, p, r)


def watch(w: World, p: Someone, r: Recording) -> bool:
    """Play it, and write notes on it."""
    return watch_owner(w, p, r) or watch_named(w, p, r)


def _ready_to_share(w: World, p: Someone, r: Recording) -> bool:
    return watch_owner(w, p, r) and free(w, r) and open_(r.project) and stands(w, r)


def share(w: World, p: Someone, r: Recording) -> bool:
    """Open it to those whom the current version names."""
    return _ready_to_share(w, p, r) and r.state in {"private", "withdrawn"}


def carry_over(w: World, p: Someone, r: Recording) -> bool:
    """Bind it to the current version."""
    rebinding = r.bound is not current(r.project)
    return _ready_to_share(w, p, r) and r.state in {"shared", "paused"} and rebinding


def pause(w: World, p: Someone, r: Recording) -> bool:
    """Close it for now."""
    return own(w, p, r) and alive(w, r) and r.state == "shared"


def withdraw(w: World, p: Someone, r: Recording) -> bool:
    """Take it back."""
    return own(w, p, r) and alive(w, r) and r.state in {"shared", "paused"}


def resume(w: World, p: Someone, r: Recording) -> bool:
    """Open it again."""
    return _ready_to_share(w, p, r) and r.state == "paused"


def erase(w: World, p: Someone, r: Recording) -> bool:
    """Erase it, or keep it shorter."""
    return own(w, p, r) and alive(w, r) and not held(r)


def keep_longer(w: World, p: Someone, r: Recording) -> bool:
    """Move its date; the service caps how far."""
    return watch_owner(w, p, r) and free(w, r)


def log_read(w: World, p: Someone, r: Recording) -> bool:
    """Who watched: the owner in any state, and the school's data-protection lead with an open case."""
    lead = holds_role(w, p, DATA_LEAD, r.school) and outside(p, r) and any(not case.closed for case in r.cases)
    return own(w, p, r) or lead


def own_row(w: World, p: Someone, event: Watched) -> bool:
    """One's own rows ∧ here."""
    return event.person is p and here(w, p, event.recording.project)


def clip_make(w: World, p: Someone, r: Recording) -> bool:
    """Mark a clip."""
    watchers = adult_observer(w, p, r) and both(r, lambda v: v.clauses["clips_by"] == "watchers")
    return watch_owner(w, p, r) or watchers


def download(w: World, p: Someone, r: Recording) -> bool:
    """Take the film along."""
    owner = watch_owner(w, p, r) and both(r, lambda v: v.clauses["download"] in {"owner", "watchers"})
    watcher = adult_observer(w, p, r) and both(r, lambda v: v.clauses["download"] == "watchers")
    return free(w, r) and (owner or watcher)


def clip_watch(w: World, p: Someone, clip: Clip) -> bool:
    """A clip is watched under the rule of its recording."""
    return watch(w, p, clip.recording)


def release(w: World, p: Someone, r: Recording) -> bool:
    """Author of notes ∧ watch_named ∧ not a detective."""
    wrote = any(note.author is p for note in r.notes)
    return wrote and watch_named(w, p, r) and capacity(r, p) != "detective"


def respond(w: World, p: Someone, r: Recording) -> bool:
    """Owner ∧ something released or passed on ∧ here ∧ text_alive."""
    something = bool(r.feedback) or any(note.state == "passed_on" for note in r.notes)
    return own(w, p, r) and something and text_alive(w, r)


def _keeps_text(w: World, v: Version | None) -> bool:
    return v is not None and v.clauses["after_erase"] == "teacher_keeps_text" and w.now < v.clauses["text_until_at"]


def words_read(w: World, p: Someone, author: Someone, r: Recording) -> bool:
    """`feedback.read` of what one author released or passed on."""
    if p is author:
        return here(w, p, r.project) and text_alive(w, r)
    if p is r.owner:
        return here(w, p, r.project) and (text_alive(w, r) or _keeps_text(w, r.bound))
    released = any(each.author is p for each in r.feedback)
    return released and adult_observer(w, p, r) and both(r, lambda v: v.clauses["readers"] == "group")


def feedback_read(w: World, p: Someone, feedback: Feedback) -> bool:
    """Read one observer's feedback."""
    return words_read(w, p, feedback.author, feedback.recording)


def note_read_own(w: World, p: Someone, note: Note) -> bool:
    """Author ∧ here ∧ text_alive."""
    return note.author is p and here(w, p, note.recording.project) and text_alive(w, note.recording)


def note_edit(w: World, p: Someone, note: Note) -> bool:
    """Edit one's own unreleased note: while one may watch."""
    return note.author is p and note.state == "own" and watch(w, p, note.recording)


def note_delete(w: World, p: Someone, note: Note) -> bool:
    """Delete one's own unreleased note: as reading it, and no hold."""
    return note.state == "own" and note_read_own(w, p, note) and not held(note.recording)


def _let_out(note: Note) -> bool:
    return note.state in {"released", "passed_on"}


def note_read(w: World, p: Someone, note: Note) -> bool:
    """Read a note: one's own, or what was released or passed on."""
    shared = _let_out(note) and words_read(w, p, note.author, note.recording)
    return note_read_own(w, p, note) or shared


def note_reply(w: World, p: Someone, note: Note) -> bool:
    """Whoever has feedback.read on it and is the owner or its author."""
    concerned = p in {note.recording.owner, note.author}
    return _let_out(note) and concerned and words_read(w, p, note.author, note.recording)
