"""Describes a recording as the machine sees it, for `backrow media inspect`."""

from pathlib import Path
from typing import Any

from video.plan import plan
from video.probe import probe
from video.process import Jail


def inspect(source: Path, *, jail: Jail) -> dict[str, Any]:
    """Return probe and plan as plain values for JSON; nothing of the file's own metadata is in it.

    Raises:
        MediaError: what an upload of this file would be refused with.
    """
    found = probe(source, jail=jail)
    planned = plan(found)
    picture = found.picture
    return {
        "format": found.format,
        "size_bytes": found.size_bytes,
        "duration_ms": found.duration_ms,
        "frames": found.frames,
        "time_base": str(found.time_base),
        "first_pts": found.runs[0].pts[0],
        "vfr": found.vfr,
        "clocks": len(found.runs),
        "picture": {
            "codec": picture.codec,
            "width": picture.width,
            "height": picture.height,
            "coded_width": picture.coded_width,
            "coded_height": picture.coded_height,
            "rotation": picture.rotation,
            "interlaced": picture.interlaced,
            "light": picture.light,
        },
        "sounds": [
            {
                "track": sound.index,
                "codec": sound.codec,
                "channels": sound.channels,
                "start_s": sound.start_s,
                "end_s": sound.end_s,
            }
            for sound in found.sounds
        ],
        "notes": list(found.notes),
        "plan": {
            "cost_s": round(planned.cost_s, 1),
            "renditions": [f"{size.name} {size.width}x{size.height}" for size in planned.renditions],
            "chunks": [
                {
                    "in_ms": chunk.in_ms,
                    "out_ms": chunk.out_ms,
                    "frames": chunk.frames,
                    "first": chunk.first,
                    "seek": chunk.seek,
                }
                for chunk in planned.chunks
            ],
        },
    }
