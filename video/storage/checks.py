"""What both storages ask of keys, sizes and parts before anything is done."""

import re
from collections.abc import Sequence

from video.storage.base import LEAST_PART_BYTES, MOST_PARTS, AlreadyStored, DigestDiffers, Part, PartsMissing, Stored

# A piece never starts with a dot: no `..`, and names that do are the storage's own.
_PIECE = r"[A-Za-z0-9_][A-Za-z0-9_=.-]{0,126}"
_KEY = re.compile(rf"{_PIECE}(?:/{_PIECE}){{0,15}}")
_KEY_LONGEST = 512
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]*(?:; ?[a-z]+=[A-Za-z0-9.-]+)?")


def checked_key(key: str) -> str:
    """Return `key` if it is one.

    Raises:
        ValueError: it is not; no storage ever sees such a key.
    """
    if len(key) > _KEY_LONGEST or not _KEY.fullmatch(key) or ".." in key:
        raise ValueError(f"not a storage key: {key[:80]!r}")
    return key


def checked_prefix(prefix: str) -> str:
    """Return `prefix` without a closing slash if it is empty or a key, else raise ValueError."""
    bare = prefix.removesuffix("/")
    return checked_key(bare) if bare else ""


def checked_content_type(content_type: str) -> str:
    """Return `content_type` if it can stand in a header as it is, else raise ValueError."""
    if not _CONTENT_TYPE.fullmatch(content_type):
        raise ValueError(f"not a content type: {content_type[:80]!r}")
    return content_type


def checked_expiry(expires_s: int, *, longest_s: int) -> int:
    """Return `expires_s` if an address may live so long, else raise ValueError."""
    if not 1 <= expires_s <= longest_s:
        raise ValueError(f"an address may live 1 to {longest_s} s, not {expires_s}")
    return expires_s


def checked_plan(*, size_bytes: int, part_bytes: int) -> int:
    """Return how many parts a file will have, or raise ValueError where S3 could not hold them."""
    number = -(-size_bytes // part_bytes) if part_bytes > 0 else 0
    if size_bytes < 1 or part_bytes < LEAST_PART_BYTES or number > MOST_PARTS:
        raise ValueError(f"{size_bytes} bytes cannot be sent in parts of {part_bytes}")
    return number


def checked_span(*, offset: int, size: int | None) -> None:
    """Raise ValueError unless this can be a stretch of an object."""
    if offset < 0 or (size is not None and size < 1):
        raise ValueError(f"no stretch of an object: {size} bytes from {offset}")


def same_size(stored: Stored, size_bytes: int) -> Stored:
    """Return `stored` if it is what a repeated completion is about, else raise AlreadyStored."""
    if stored.size_bytes != size_bytes:
        raise AlreadyStored(stored.key, "Something else is stored under that key; it was left as it was.")
    return stored


def match_parts(key: str, *, here: Sequence[Part], named: Sequence[tuple[int, str]], size_bytes: int) -> list[Part]:
    """Return the parts named, in order, if they are here, unaltered, and make up the whole file.

    Raises:
        PartsMissing: one of 1…n was not named or is not here, or the sizes do not add up.
        DigestDiffers: an etag is not that of the part that is here.
    """
    by_number = {part.number: part for part in here}
    wanted = {number: etag.strip('"') for number, etag in named}
    last = max(wanted, default=1)
    if missing := [number for number in range(1, last + 1) if number not in wanted or number not in by_number]:
        raise PartsMissing(key, "Some parts have not arrived. Send them again.", numbers=missing)
    if other := [number for number, etag in sorted(wanted.items()) if by_number[number].etag != etag]:
        raise DigestDiffers(key, "Something changed on the way. Send these parts again.", numbers=other)
    chosen = [by_number[number] for number in range(1, last + 1)]
    if sum(part.size_bytes for part in chosen) != size_bytes:
        raise PartsMissing(key, "The parts do not add up to the file.", numbers=_beyond(chosen, size_bytes))
    return chosen


def _beyond(chosen: Sequence[Part], size_bytes: int) -> list[int]:
    """Name the parts still to come after `chosen`, as far as their equal size tells."""
    each, sent = chosen[0].size_bytes, sum(part.size_bytes for part in chosen)
    more = max(0, -(-(size_bytes - sent) // each))
    return list(range(len(chosen) + 1, len(chosen) + 1 + more)) or [len(chosen)]
