"""Describes a recording as the machine sees it, for `backrow media inspect`."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from video.plan import Plan, plan
from video.probe import Probe, probe
from video.process import Jail
from video.repackage import as_it_came


def inspect(source: Path, *, jail: Jail) -> dict[str, Any]:
    """Return probe and plan as plain values for JSON; nothing of the file's own metadata is in it.

    Raises:
        MediaError: what an upload of this file would be refused with.
    """
    found = probe(source, jail=jail)
    planned = plan(found)
    return _facts(found) | {"plan": _work(as_it_came(found, planned) or planned)}


def _facts(found: Probe) -> dict[str, Any]:
    return {
        "format": found.format,
        "size_bytes": found.size_bytes,
        "duration_ms": found.duration_ms,
        "frames": found.frames,
        "time_base": str(found.time_base),
        "first_pts": found.runs[0].pts[0],
        "vfr": found.vfr,
        "clocks": len(found.runs),
        "picture": asdict(found.picture),
        "sounds": [asdict(sound) for sound in found.sounds],
        "notes": list(found.notes),
    }


def _work(planned: Plan) -> dict[str, Any]:
    kept = ("in_ms", "out_ms", "frames", "first", "seek")
    return {
        "cost_s": round(planned.cost_s, 1),
        "renditions": [
            f"{size.name} {size.width}x{size.height}{', as it came' if size.copied else ''}"
            for size in planned.renditions
        ],
        "chunks": [{name: getattr(chunk, name) for name in kept} for chunk in planned.chunks],
    }
