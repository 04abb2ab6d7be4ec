"""What somebody says about a film before its first byte is sent, and what can't be taken."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.errors import Invalid
from video.errors import say_for

LONGEST_NAME = 255
LONGEST_CLASS = 40
#: Of a stretch that is kept: a second, and a day.
SHORTEST_MS, LONGEST_MS = 1000, 86_400_000
#: How a browser names a file again after a reload.
_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}")
_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")
_UNKNOWN_MIME = "application/octet-stream"
#: 9000 parts leave room below S3's 10,000, whatever the last part's size.
_MOST_PARTS = 9000
MIB = 1024 * 1024
_LEAST_PART_BYTES = 8 * MIB


@dataclass(frozen=True, kw_only=True)
class Trim:
    """Which stretch of a film is kept, in ms from its first picture; cut in the browser, or else on arrival."""

    in_ms: int
    out_ms: int
    cut_in_browser: bool


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A film that somebody wants to send. `delete_on` is the last day on which it may be watched."""

    cycle_id: UUID
    name: str
    size_bytes: int
    fingerprint: str
    mime: str = _UNKNOWN_MIME
    recorded_on: date | None = None
    class_code: str = ""
    delete_on: date | None = None
    trim: Trim | None = None
    kind: str = "source"

    @property
    def part_bytes(self) -> int:
        """How long each part is but the last."""
        return part_bytes(self.size_bytes)


def part_bytes(size_bytes: int) -> int:
    """Choose the length of a file's parts: 8 MiB, or more where there would be too many."""
    each = -(-size_bytes // _MOST_PARTS)
    return max(_LEAST_PART_BYTES, -(-each // MIB) * MIB)


def checked(wish: Wish) -> Wish:
    """Return a wish that can be kept.

    Raises:
        Invalid: `empty`, `name_refused`, `trim_outside`, `class_too_long` or `fingerprint_refused`; nothing was kept.
    """
    _check_name(wish.name)
    _check_trim(wish.trim)
    if wish.size_bytes < 1:
        raise Invalid("empty", say_for("empty"), fields={"size_bytes": say_for("empty")})
    if not _FINGERPRINT.fullmatch(wish.fingerprint):
        raise Invalid("fingerprint_refused", "This upload names its file in a way we don't know. Reload the page.")
    if len(wish.class_code) > LONGEST_CLASS:
        say = f"Keep the class to {LONGEST_CLASS} characters."
        raise Invalid("class_too_long", say, fields={"class_code": say})
    return wish


def plain_mime(mime: str) -> str:
    """Keep what a browser guesses about a file only where it has the right shape; nothing is decided by it."""
    return mime.lower() if _MIME.fullmatch(mime.lower()) else _UNKNOWN_MIME


def _check_name(name: str) -> None:
    """Refuse what no file is called: it is shown to its owner, and would be a trap on the way."""
    has_signs = any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for sign in name)
    if not name.strip() or len(name) > LONGEST_NAME or has_signs or set(name) & {"/", "\\"} or name in {".", ".."}:
        raise Invalid("name_refused", say_for("name_refused"), fields={"name": say_for("name_refused")})


def _check_trim(trim: Trim | None) -> None:
    """Refuse a stretch that no film has; whether this film is so long is seen once it is here."""
    if trim is None:
        return
    if not 0 <= trim.in_ms < trim.out_ms <= LONGEST_MS:
        say = "The stretch to keep must end after it begins."
    elif trim.out_ms - trim.in_ms < SHORTEST_MS:
        say = "Keep at least one second."
    else:
        return
    raise Invalid("trim_outside", say, fields={"trim": say})
