"""A second, independent reading of the rule book's section 2: yes, later or none, in plain Python.

It was written from the rule book's text and never from the policies: where the two differ, one of them is wrong. What
the rule book leaves unsaid (who reads a project, who begins a turn, who takes a clip away) follows the nearest rule
that it does say, and is marked as such.
"""

from collections.abc import Callable
from typing import Any, Literal

from tests.access import agreements_reading as agreed
from tests.access import lessons_reading as lesson
from tests.access import people_reading as people
from tests.access.facts import Clip, Feedback, Project, Someone, World
from tests.access.short import here, participant, text_alive

Answer = Literal["yes", "later", "none"]
Rule = Callable[[World, Someone, Any], bool]


def _begin(w: World, p: Someone, x: Project) -> bool:
    """Unsaid: a turn is a teacher's own, as uploading in it is."""
    return participant(p, x, capacity="teacher") and here(w, p, x)


def _undo(w: World, p: Someone, feedback: Feedback) -> bool:
    """Section 3.5: its author, for ten minutes, unless the owner has opened it."""
    fresh = not feedback.opened and w.now < feedback.undo_until
    return feedback.author is p and fresh and lesson.feedback_read(w, p, feedback) and text_alive(w, feedback.recording)


def _take_clip_away(w: World, p: Someone, clip: Clip) -> bool:
    """Unsaid: by whoever marked it or its lesson's owner, while they watch it."""
    return p in {clip.author, clip.recording.owner} and lesson.clip_watch(w, p, clip)


#: By table and action: what section 2.3 says.
RULES: dict[tuple[str, str], Rule] = {
    ("recording", "rec.list"): lesson.rec_list,
    ("recording", "rec.watch"): lesson.watch,
    ("recording", "note.write"): lesson.watch,
    ("recording", "rec.share"): lesson.share,
    ("recording", "rec.carry_over"): lesson.carry_over,
    ("recording", "rec.pause"): lesson.pause,
    ("recording", "rec.resume"): lesson.resume,
    ("recording", "rec.withdraw"): lesson.withdraw,
    ("recording", "rec.erase"): lesson.erase,
    ("recording", "rec.keep_shorter"): lesson.erase,
    ("recording", "rec.keep_longer"): lesson.keep_longer,
    ("recording", "log.read"): lesson.log_read,
    ("recording", "clip.make"): lesson.clip_make,
    ("recording", "video.download"): lesson.download,
    ("recording", "feedback.release"): lesson.release,
    ("recording", "feedback.respond"): lesson.respond,
    ("access_event", "log.read_own"): lesson.own_row,
    ("clip", "clip.watch"): lesson.clip_watch,
    ("clip", "clip.delete"): _take_clip_away,
    ("note", "note.read_own"): lesson.note_read_own,
    ("note", "note.read"): lesson.note_read,
    ("note", "note.edit"): lesson.note_edit,
    ("note", "note.delete"): lesson.note_delete,
    ("note", "note.reply"): lesson.note_reply,
    ("feedback", "feedback.read"): lesson.feedback_read,
    ("feedback", "feedback.take_back"): _undo,
    ("upload", "upload.resume"): agreed.upload_resume,
    ("cycle", "upload.create"): agreed.own_turn,
    ("cycle", "brief.write"): agreed.own_turn,
    ("cycle", "brief.read"): agreed.brief_read,
    ("cycle", "cycle.read"): agreed.cycle_read,
    ("cycle", "target.set"): agreed.target_set,
    ("target", "target.read"): agreed.target_read,
    ("project", "project.read"): agreed.takes_part,
    ("project", "project.leave"): agreed.takes_part,
    ("project", "cycle.begin"): _begin,
    ("project", "protocol.propose"): agreed.may_propose,
    ("protocol_version", "protocol.read"): agreed.version_read,
    ("protocol_version", "protocol.edit"): agreed.draft_propose,
    ("protocol_version", "protocol.propose"): agreed.draft_propose,
    ("protocol_version", "protocol.sign"): agreed.sign,
    ("protocol_version", "protocol.drop"): agreed.drop,
    ("alliance", "directory.read"): people.alliance_staff,
    ("alliance", "project.open"): people.alliance_staff,
    ("alliance", "school.add"): people.alliance_manage,
    ("person", "directory.read"): people.directory,
    ("person", "person.manage"): people.manage_person,
    ("person", "person.read"): people.person_read,
    ("school", "school.read"): people.school_staff,
    ("school", "objection.record"): people.school_staff,
    ("school", "school.manage"): people.manage,
    ("school", "person.manage"): people.manage,
    ("membership", "person.manage"): people.manage_membership,
    ("invitation", "person.manage"): people.manage_invitation,
    ("account", "account.own"): people.own_account,
    ("device", "device.end"): people.own_device,
}

#: Which action shows that a thing is there: who has it hears 'later' instead of nothing.
SHOWN_BY: dict[str, str] = {
    "recording": "rec.list",
    "clip": "clip.watch",
    "note": "note.read",
    "protocol_version": "protocol.read",
}


def answer(w: World, p: Someone, action: str, table: str, thing: Any) -> Answer:  # noqa: ANN401 - any fact
    """Say what the rule book answers to one person's wish to do one thing."""
    if RULES[table, action](w, p, thing):
        return "yes"
    shown = SHOWN_BY.get(table)
    return "later" if shown and RULES[table, shown](w, p, thing) else "none"
