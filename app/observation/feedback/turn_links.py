"""What a turn's card offers of lessons and feedback: registered as a hook, since agreements know neither."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.agreements.hooks import Link
from app.authz import Action, Actor, allowed, condition
from app.lessons.recordings.models import Recording, RecordingState
from app.observation.feedback.models import Feedback


def turn_links(session: Session, actor: Actor, cycle_ids: list[UUID]) -> dict[UUID, list[Link]]:
    """Give the links that this person may follow from each turn; two queries, whatever the number of turns."""
    own = aliased(Feedback)
    rows = session.execute(
        allowed(actor, Action.REC_WATCH, Recording)
        .where(Recording.cycle_id.in_(cycle_ids))
        .outerjoin(own, (own.recording_id == Recording.id) & (own.author_id == actor.person_id))
        .add_columns(own.id, condition(actor.who, Action.FEEDBACK_RELEASE, Recording))
    ).all()
    answerable = set(
        session.scalars(
            select(Feedback.cycle_id)
            .where(Feedback.cycle_id.in_(cycle_ids), condition(actor.who, Action.FEEDBACK_READ, Feedback))
            .distinct()
        )
    )
    found: dict[UUID, list[Link]] = {}
    for recording, shared_id, may_release in rows:
        mine = recording.owner_id == actor.person_id
        found[recording.cycle_id] = _own(recording) if mine else _others(recording, shared_id, may_release=may_release)
    for cycle_id in answerable:
        found.setdefault(cycle_id, []).append(Link(label="Feedback and answer", href=f"/cycles/{cycle_id}/response"))
    return found


def _own(recording: Recording) -> list[Link]:
    links = [Link(label="Watch your lesson", href=f"/recordings/{recording.id}")]
    private = recording.state == RecordingState.PRIVATE and recording.watchable_ms > 0
    sharing = Link(
        label="Share the lesson" if private else "Who may watch",
        href=f"/recordings/{recording.id}/sharing",
        main=private,
    )
    return [sharing, *links]


def _others(recording: Recording, shared_id: UUID | None, *, may_release: bool) -> list[Link]:
    watch = Link(label="Watch the lesson", href=f"/recordings/{recording.id}", main=shared_id is None)
    if may_release and shared_id is None:
        return [watch, Link(label="Share my feedback", href=f"/cycles/{recording.cycle_id}/feedback")]
    return [watch]
