"""What was made of a film, in sentences for its teacher: nothing about a film happens in silence."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, Rendition, Segment
from app.lessons.media.served import awaited, served_asset
from app.lessons.recordings.models import MediaState, Recording
from video.errors import say_for


def made_of(session: Session, recording_id: UUID) -> list[str]:
    """Say what was made of a recording's film; nothing before it has been looked into."""
    recording = session.get_one(Recording, recording_id)
    film = served_asset(session, recording)
    if film is None or not film.facts:
        return []
    hidden = awaited(session, film)
    told = sentences(film.facts, kept=_kept(session, recording, film, hidden))
    return [*told, "Its largest size follows when fewer lessons wait."] if hidden else told


def _kept(session: Session, recording: Recording, film: Asset, hidden: frozenset[str]) -> int | None:
    """Count the pictures that can be watched, in the size that has fewest; None until all are prepared."""
    if recording.media_state != MediaState.READY:
        return None
    counted = (
        select(func.sum(Segment.frames))
        .join(Rendition, Rendition.id == Segment.rendition_id)
        .where(Rendition.asset_id == film.id, Rendition.kind == "picture", Rendition.name.not_in(hidden))
        .group_by(Rendition.id)
    )
    return int(min(session.scalars(counted), default=0))


def sentences(facts: dict[str, Any], *, kept: int | None) -> list[str]:
    """Say in words what looking into a film found, and what was done about it; `kept` is None until all is done."""
    told = [
        _pictures(int(facts["frames"]), kept, vfr=bool(facts["vfr"])),
        _sizes(facts),
    ]
    told += ["It was filmed with the camera turned; it is shown upright."] if facts["rotation"] else []
    told += ["Its half pictures were put together into whole ones."] if facts["interlaced"] else []
    told += ["Its high dynamic range was brought down to what every screen shows."] if facts["light"] != "sdr" else []
    told += [f"Of its {facts['sounds']} sound tracks, the loudest is heard."] if facts["sounds"] > 1 else []
    told += ["The times in its sound couldn’t be right; it is played through."] if facts.get("crowded") else []
    told += [say_for(code) for code in facts["notes"]]
    told += ["It is shown as you had it blurred."] if facts.get("blur") else []
    return [*told, "Where it was filmed, and on what, isn’t in what anybody watches."]


def _pictures(frames: int, kept: int | None, *, vfr: bool) -> str:
    if kept is None:
        return f"It has {frames:,} picture{'s' if frames > 1 else ''}."
    if kept < frames:
        return f"Of its {frames:,} pictures, {kept:,} are kept; the others could not be read."
    all_kept = f"All {frames:,} pictures are kept" if frames > 1 else "Its one picture is kept"
    return f"{all_kept}, each at its own moment: the camera’s pace changed as it filmed." if vfr else f"{all_kept}."


def _sizes(facts: dict[str, Any]) -> str:
    if any(size.get("copied") for size in facts["renditions"]):
        return f"It came at {_size(facts)}, right for any line: its pictures are kept untouched."
    sizes = [_size(size) for size in facts["renditions"]]
    return f"It came at {_size(facts)}, and is kept at {_listed(sizes)}, for any line."


def _size(picture: dict[str, Any]) -> str:
    return f"{picture['width']}\u00a0×\u00a0{picture['height']}"  # on one line, however narrow the page


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
