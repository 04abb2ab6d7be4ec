"""Clips: watched under the rule of their lesson; taken away by whoever marked them, or the lesson's owner."""

from collections.abc import Iterator

from sqlalchemy import and_

from app.authz import Action, Clause, Who, listed_by, policy, there_is
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording
from app.lessons.recordings.policy import watch_named, watch_owner


@policy(Clip, Action.CLIP_WATCH)
def watch(who: Who) -> Iterator[Clause]:
    """Say who may watch a clip: whoever may watch its lesson."""
    its = Recording.id == Clip.recording_id
    yield Clause("watch_owner", there_is(Recording).where(its, watch_owner(who)), "It is your own lesson.")
    yield Clause("watch_named", there_is(Recording).where(its, watch_named(who)), "Its lesson is shared with you.")


@policy(Clip, Action.CLIP_DELETE)
def delete(who: Who) -> Iterator[Clause]:
    """Say who may take a clip away."""
    its = Recording.id == Clip.recording_id
    yield Clause("watch_owner", there_is(Recording).where(its, watch_owner(who)), "It is your own lesson.")
    yield Clause(
        "clip_author",
        and_(Clip.author_id == who, there_is(Recording).where(its, watch_named(who))),
        "You marked this clip.",
    )


listed_by(Clip, Action.CLIP_WATCH, later="This clip can be taken away by whoever marked it, or by its teacher.")
