"""What the storage says no to, in words for the person who sends."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import BackrowError, Conflict, Gone, Invalid, StorageFull, Unavailable
from video.storage import base

FULL = "Backrow's disk is full. Ask an administrator of your school; your file stays on your device."
_AWAY = "The store for recordings doesn't answer just now. What has arrived is safe; we try again."


@contextmanager
def translated() -> Iterator[None]:
    """Turn the storage's errors into refusals that a person can read.

    Raises:
        BackrowError: see `refusal`.
    """
    try:
        yield
    except base.StorageError as error:
        raise refusal(error) from error


def refusal(error: base.StorageError) -> BackrowError:
    """Word one error of the storage."""
    match error:
        case base.StorageFull():
            return StorageFull("storage_full", FULL)
        case base.PartsMissing(numbers=numbers):
            return parts_missing(numbers)
        case base.DigestDiffers(numbers=numbers):
            return hash_differs(numbers)
        case base.UploadGone():
            return Gone(
                "expired", "We no longer have the parts of this upload. Send it again; it starts from the beginning."
            )
        case base.AlreadyStored():
            return Conflict("not_open", "This one has already arrived.")
    return Unavailable("storage_away", _AWAY)


def parts_missing(numbers: tuple[int, ...] | list[int]) -> Invalid:
    """Say which parts are still to come."""
    return Invalid(
        "parts_missing", "Some of it hasn't arrived yet. We'll send it now.", fields={"parts": _listed(numbers)}
    )


def hash_differs(numbers: tuple[int, ...] | list[int]) -> Conflict:
    """Say which parts arrived otherwise than they were sent."""
    which = f"part {_listed(numbers)}" if numbers else "it"
    return Conflict(
        "hash_differs", f"Something changed on the way. We'll send {which} again.", fields={"parts": _listed(numbers)}
    )


def _listed(numbers: tuple[int, ...] | list[int]) -> str:
    return ",".join(str(number) for number in numbers)
