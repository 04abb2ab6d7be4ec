"""What may be noted on a lesson: the kinds and focus items of the version that it stands under."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.agreements.protocols.models import FocusItem, ProtocolVersion
from app.agreements.protocols.policy import current
from app.lessons.recordings.models import Recording
from app.observation.notes.models import NoteKind


@dataclass(frozen=True, kw_only=True)
class Method:
    """How a group takes notes: which kinds it uses, and what it looks at."""

    kinds: tuple[NoteKind, ...]
    focus: tuple[FocusItem, ...]

    def focus_name(self, item_id: UUID | None) -> str:
        """Give the name of a focus item; nothing where a note is about none, or about one of another version."""
        return next((item.name for item in self.focus if item.id == item_id), "")


def method_of(session: Session, recording: Recording) -> Method:
    """Give the method of the version that a lesson was shared under; before that, of the version in force.

    A teacher alone with a lesson, before anything is agreed, may use every kind.
    """
    rows = session.execute(
        select(ProtocolVersion.note_kinds, FocusItem)
        .select_from(Recording)
        .join(
            ProtocolVersion,
            and_(
                ProtocolVersion.id == func.coalesce(Recording.bound_version_id, current(Recording.project_id)),
                ProtocolVersion.alliance_id == Recording.alliance_id,
            ),
        )
        .outerjoin(FocusItem, FocusItem.version_id == ProtocolVersion.id)
        .where(Recording.id == recording.id)
        .order_by(FocusItem.position, FocusItem.id)
    ).all()
    if not rows:
        return Method(kinds=tuple(NoteKind), focus=())
    agreed = set(rows[0].note_kinds)
    return Method(
        kinds=tuple(kind for kind in NoteKind if kind.value in agreed),
        focus=tuple(row.FocusItem for row in rows if row.FocusItem is not None),
    )
