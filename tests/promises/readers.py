"""Who may ever read a personal column: said once more from the rule book, in plain words, never asked of the policy.

Letters are those of the rule book's table of states. Lessons are two: the table's own, O's, and another of B's in the
same project, which B keeps private. A column that isn't named here may be read by nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from uuid import UUID

from tests.app.lessons.table_of_states import who_may

Row: TypeAlias = Mapping[str, Any]
STAFF: Final = "OBMRUFCLADS"
AT_HILLSIDE: Final = "OFCLADS"
#: F has left.
PARTICIPANTS: Final = "OBMGKRU"


@dataclass(frozen=True)
class Facts:
    """What has to be known of an alliance, and of its decoy: its state in the table, who is who, what is whose."""

    state: str
    letters: dict[UUID, str]  # of people, and of their accounts
    alliance_id: UUID
    decoy_id: UUID
    private: frozenset[UUID]  # ids of B's lesson and turn
    draft_id: UUID  # of the version that O is still writing

    def readers(self, home: str, row: Row) -> str:
        """Say who of these people may read what a row keeps in a column."""
        if row.get("alliance_id") == self.decoy_id:
            return "Z"
        ids = {value for value in row.values() if isinstance(value, UUID)}
        ours = not ids.isdisjoint({self.alliance_id, *self.letters})
        return READERS[home](self, row) if ours and home in READERS else ""

    def may(self, action: str, row: Row) -> str:
        """Read the table's cell, for the lesson that a row belongs to."""
        return "B" if self.is_bs(row) else "".join(who_may(action, self.state))

    def is_bs(self, row: Row) -> bool:
        """Tell whether it belongs to B's private lesson."""
        return not self.private.isdisjoint(row.get(name) for name in ("id", "recording_id", "cycle_id"))

    def owner(self, row: Row) -> str:
        """Give the teacher of the lesson that a row belongs to."""
        return "B" if self.is_bs(row) else "O"


Reader: TypeAlias = Callable[[Facts, Row], str]


def _watchers(at: Facts, row: Row) -> str:
    return at.may("rec.watch", row)


def _watchers_and_teacher(at: Facts, row: Row) -> str:
    return at.may("rec.watch", row) + at.owner(row)


def _listed(at: Facts, row: Row) -> str:
    return at.may("rec.list", row)


def _feedback(at: Facts, row: Row) -> str:
    return at.may("feedback.read", row)


def _note(at: Facts, row: Row) -> str:
    if row["state"] == "released":
        return _feedback(at, row)
    author = at.letters[row["author_id"]]
    return author if author in at.may("note.read_own", row) else ""


def _participants(_at: Facts, _row: Row) -> str:
    return PARTICIPANTS


def _version(at: Facts, row: Row) -> str:
    return "O" if at.draft_id in (row["id"], row.get("version_id")) else PARTICIPANTS


def _own(at: Facts, row: Row) -> str:
    return at.letters[row.get("person_id") or row.get("account_id") or row["id"]]


def _name(at: Facts, row: Row) -> str:
    """Staff know each other; a guest and a pupil are known to those whom they work with, and know those alone."""
    whose = at.letters[row["id"]]
    return whose + (STAFF if whose in STAFF else "") + (PARTICIPANTS if whose in PARTICIPANTS + "F" else "")


READERS: Final[dict[str, Reader]] = {
    "account.email": _own,
    "asset.poster_key": _watchers,
    "briefing.body": _watchers_and_teacher,
    "briefing.class_code": _watchers_and_teacher,
    "briefing.hopes": _watchers_and_teacher,
    "briefing.title": _watchers_and_teacher,
    "captions.cues": _watchers,
    "chapter.name": _watchers,
    "clip.title": _watchers,
    "clip.why": _watchers,
    "device.label": _own,
    "feedback.took_away": _feedback,
    "feedback.why_dont_you_try": _feedback,
    "focus_item.look_fors": _version,
    "focus_item.name": _version,
    "focus_item.question": _version,
    "invitation.email": lambda _at, _row: "A",
    "invitation.name": lambda _at, _row: "A",
    "note.body": _note,
    "objection.class_code": lambda _at, _row: AT_HILLSIDE,
    "person.name": _name,
    "project.aim": _participants,
    "project.title": _participants,
    "protocol_version.principles": _version,
    "protocol_version.stages": _version,
    "recording.audience": lambda at, row: at.owner(row),
    "recording.class_code": _listed,
    "recording.title": _listed,
    "rendition.init_key": _watchers,
    "reply.body": _feedback,
    "response.thanks": _feedback,
    "storyboard.sheet_keys": _watchers,
    "school.name": lambda _at, _row: STAFF + PARTICIPANTS,
    "segment.key": _watchers,
    "target.body": _own,
    "try_answer.body": _feedback,
    "upload.name": lambda at, row: at.owner(row),
}
