"""What a blurred copy leaves over, to be erased at once: earlier previews, a copy thrown away, the film itself."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record_rule
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.media.keeping import made_at
from app.lessons.media.models import Asset, AssetKind
from app.lessons.media.served import served_asset
from app.lessons.recordings.conditions import held, not_gone
from app.lessons.recordings.models import Recording

_PREVIEW: Final = re.compile(r"v(\d+)-[0-9a-f]{32}")
_EXPORT: Final = re.compile(r"x([0-9a-f]{32})")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def leftovers(session: Session, recording_id: UUID, keys: Iterable[str]) -> list[str]:
    """Choose from a recording's stored objects the prefixes of what nobody may see any more.

    Under a hold, or once the recording itself goes, nothing: there are others for that. A preview or an export that
    may be named in a moment stays.
    """
    recording = session.scalars(
        select(Recording).where(Recording.id == recording_id, not_gone(), ~held())
    ).one_or_none()
    if recording is None:
        return []
    copy = session.scalars(select(BlurredCopy).where(BlurredCopy.recording_id == recording_id)).one_or_none()
    settled = copy if copy is not None and copy.state == BlurState.SETTLED else None
    kept = _kept_assets(session, recording, settled=settled is not None)
    folders = sorted({key.split("/")[2] for key in keys})
    return [f"r/{recording_id}/{folder}" for folder in folders if _is_over(folder, copy, settled, kept)]


def erased(session: Session, recording_id: UUID, *, objects: int) -> None:
    """Drop the rows of a film whose objects are gone, its copy being used; a second call changes nothing."""
    found = session.execute(
        select(Recording, BlurredCopy)
        .join(BlurredCopy, BlurredCopy.recording_id == Recording.id)
        .where(
            Recording.id == recording_id,
            not_gone(),
            ~held(),
            BlurredCopy.state == BlurState.SETTLED,
            BlurredCopy.erased_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if found is None:
        return
    recording, copy = found
    now = session.scalars(select(clock.now())).one()
    served = served_asset(session, recording)
    if served is not None:
        served.source_erased_at = now
    session.execute(delete(Asset).where(Asset.recording_id == recording.id, Asset.kind != AssetKind.BLURRED_COPY))
    copy.erased_at = now
    record_rule(
        session,
        "film.erased",
        rule="blurred",
        thing_kind="recording",
        thing_id=recording.id,
        alliance_id=recording.alliance_id,
        count=objects,
    )


def _kept_assets(session: Session, recording: Recording, *, settled: bool) -> set[str]:
    kept = select(Asset.id).where(Asset.recording_id == recording.id)
    kept = kept.where(Asset.kind == AssetKind.BLURRED_COPY) if settled else kept
    return {str(asset_id) for asset_id in session.scalars(kept)}


def _is_over(folder: str, copy: BlurredCopy | None, settled: BlurredCopy | None, kept: set[str]) -> bool:
    if preview := _PREVIEW.fullmatch(folder):
        begun = copy is None or copy.state in (BlurState.MAKING, BlurState.SETTLED)
        return begun or (copy is not None and int(preview[1]) < copy.version)
    if _ID.fullmatch(folder):
        return folder not in kept
    if settled is None or settled.settled_at is None:
        return False
    # What else there is of before is the film as it was sent, and what was saved of it.
    export = _EXPORT.fullmatch(folder)
    return export is None or made_at(export[1]) < settled.settled_at
