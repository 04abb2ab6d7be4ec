"""What the machine itself brings: Python, the jail, ffmpeg, room, and the files that pages are made with."""

import shutil
import sys
from collections.abc import Iterator

from app.web import assets
from app.web.build_assets import STATIC
from config import wire
from config.doctor.finding import BAD, MIND, WELL, Finding
from config.settings import Settings
from video.errors import MediaError
from video.process import ffmpeg_report

_GB = 1024**3
_LEAST_FREE_BYTES = 20 * _GB
_OLDEST_PYTHON = (3, 11)
#: Besides what pages name: the sheet of icons, and the letters' shapes.
_ALSO = ("sprite.svg", "vendor/backrow.css")


def python(_: Settings) -> Iterator[Finding]:
    """Tell which Python runs us."""
    says = sys.version.split()[0]
    if sys.version_info < _OLDEST_PYTHON:
        yield Finding("python", BAD, says, "Use Python 3.11 or newer.")
    else:
        yield Finding("python", WELL, says)


def media(settings: Settings) -> Iterator[Finding]:
    """Try the jail, and ask ffmpeg what it can do."""
    try:
        jail = wire.jail(settings)
    except MediaError as error:
        mend = "Install Debian's `bubblewrap`, or use a kernel with Landlock (6.1 has it); look at BACKROW_FFMPEG too."
        yield Finding("jail", BAD, error.detail or error.code, mend)
        return
    if jail.rung == "off":
        yield Finding("jail", BAD, jail.why, "Unset BACKROW_JAIL.")
    else:
        yield Finding("jail", WELL, f"{jail.rung}: {jail.why}")
    report = ffmpeg_report(jail)
    mend = "Unset BACKROW_FFMPEG to use the one that Backrow brings along." if report.missing else ""
    says = f"{report.version}, {report.path}" + (f" lacks {', '.join(report.missing)}" if report.missing else "")
    yield Finding("ffmpeg", BAD if report.missing else WELL, says, mend)


def disk(settings: Settings) -> Iterator[Finding]:
    """Look how much room is left for films on their way."""
    free = shutil.disk_usage(settings.data).free
    says = f"{free / _GB:.0f} GB free under {settings.data}"
    if free < _LEAST_FREE_BYTES:
        yield Finding("disk", MIND, says, "A lesson needs up to 16 GB while it is prepared: make room.")
    else:
        yield Finding("disk", WELL, says)


def pages(_: Settings) -> Iterator[Finding]:
    """Look for the front-end packages' files, which a copy of the code alone doesn't have."""
    missing = [name for name in (*assets.NAMES.values(), *_ALSO) if not (STATIC / name).is_file()]
    if missing:
        yield Finding("pages", BAD, f"{missing[0]} is missing, and {len(missing) - 1} more", "Say `make setup`.")
    else:
        yield Finding("pages", WELL, "the front-end files are there")
