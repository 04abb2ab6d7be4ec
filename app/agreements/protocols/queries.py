"""Reading protocols: which version is in force, which waits to be signed, which is somebody's draft."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.protocols.models import Agreement, FocusItem, ProtocolVersion, VersionState
from app.authz import Action, Actor, Permit, allowed, permit
from app.errors import NotFound


def in_state(session: Session, project_id: UUID, state: VersionState) -> ProtocolVersion | None:
    """Find the one version in force, or the one that is proposed."""
    return session.scalars(
        select(ProtocolVersion).where(ProtocolVersion.project_id == project_id, ProtocolVersion.state == state)
    ).one_or_none()


def find_draft(session: Session, project_id: UUID, author_id: UUID) -> ProtocolVersion | None:
    """Find somebody's own draft."""
    return session.scalars(
        select(ProtocolVersion)
        .where(
            ProtocolVersion.project_id == project_id,
            ProtocolVersion.state == VersionState.DRAFT,
            ProtocolVersion.author_id == author_id,
        )
        .order_by(ProtocolVersion.number.desc())
        .limit(1)
    ).one_or_none()


def versions(session: Session, actor: Actor, *, project_id: UUID) -> list[ProtocolVersion]:
    """List the versions that this person may read, newest first."""
    return list(
        session.scalars(
            allowed(actor, Action.PROTOCOL_READ, ProtocolVersion)
            .where(ProtocolVersion.project_id == project_id)
            .order_by(ProtocolVersion.number.desc())
        )
    )


def permit_numbered(
    session: Session, actor: Actor, action: Action, *, project_id: UUID, number: int
) -> Permit[ProtocolVersion]:
    """Load a version by its number in its project, for an act.

    Raises:
        NotFound: there is none, or it isn't shared with this person.
    """
    version_id = session.scalars(
        select(ProtocolVersion.id).where(ProtocolVersion.project_id == project_id, ProtocolVersion.number == number)
    ).one_or_none()
    if version_id is None:
        raise NotFound
    return permit(session, actor, action, ProtocolVersion, version_id)


def signed_before(session: Session, version: ProtocolVersion, person_id: UUID) -> ProtocolVersion | None:
    """Find the latest earlier version that a person signed, to say what has changed since."""
    return session.scalars(
        select(ProtocolVersion)
        .join(Agreement, Agreement.version_id == ProtocolVersion.id)
        .where(
            ProtocolVersion.project_id == version.project_id,
            ProtocolVersion.number < version.number,
            ProtocolVersion.in_force_at.is_not(None),
            Agreement.person_id == person_id,
        )
        .order_by(ProtocolVersion.number.desc())
        .limit(1)
    ).one_or_none()


def focus_items(session: Session, version_id: UUID) -> list[FocusItem]:
    """List what a version looks at, in its order."""
    return list(
        session.scalars(
            select(FocusItem).where(FocusItem.version_id == version_id).order_by(FocusItem.position, FocusItem.id)
        )
    )


def latest_focus_items(session: Session, project_id: UUID) -> list[FocusItem]:
    """List what the group looks at: by the version in force, else by the one proposed, else by the newest draft."""
    rank = {VersionState.IN_FORCE: 0, VersionState.PROPOSED: 1, VersionState.DRAFT: 2}
    found = session.execute(
        select(ProtocolVersion.id, ProtocolVersion.state, ProtocolVersion.number).where(
            ProtocolVersion.project_id == project_id,
            ProtocolVersion.state.in_([state.value for state in rank]),
        )
    ).all()
    if not found:
        return []
    best = min(found, key=lambda row: (rank[VersionState(row.state)], -row.number))
    return focus_items(session, best.id)


def focus_items_named(session: Session, project_id: UUID, item_ids: Sequence[str]) -> list[FocusItem]:
    """Give the focus items of these ids, from any version of the project."""
    return list(
        session.scalars(
            select(FocusItem)
            .join(ProtocolVersion, ProtocolVersion.id == FocusItem.version_id)
            .where(
                ProtocolVersion.project_id == project_id,
                FocusItem.id.in_([UUID(item_id) for item_id in item_ids]),
            )
            .order_by(FocusItem.position, FocusItem.id)
        )
    )
