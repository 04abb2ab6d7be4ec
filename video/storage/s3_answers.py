"""What an S3 server's refusals mean to whoever asked."""

from video.storage.base import (
    AlreadyStored,
    DigestDiffers,
    NotStored,
    PartsMissing,
    StorageError,
    StorageFull,
    StorageUnavailable,
    UploadGone,
)

#: The server's word for a call that it has not built.
NOT_OFFERED = {"NotImplemented", "501"}
TAKEN = "Something is stored under that key already; it was left as it was."
CLOSED = "This upload is closed or was never begun. Begin a new one."
_MEANS: dict[str, tuple[type[StorageError], str]] = {
    "404": (NotStored, "Nothing is stored under that key."),
    "NoSuchKey": (NotStored, "Nothing is stored under that key."),
    "NoSuchUpload": (UploadGone, CLOSED),
    "PreconditionFailed": (AlreadyStored, TAKEN),
    "BadDigest": (DigestDiffers, "Something changed on the way; nothing was stored. Send it again."),
    "InvalidPart": (DigestDiffers, "A part is not what was announced. Send it again."),
    "InvalidRange": (DigestDiffers, "The object ends too early. Send it again."),
    "EntityTooSmall": (PartsMissing, "A part is too short. Send the upload again."),
    "QuotaExceeded": (StorageFull, "The storage is full. Make room, then try again."),
    "XMinioStorageFull": (StorageFull, "The storage is full. Make room, then try again."),
    "InsufficientStorage": (StorageFull, "The storage is full. Make room, then try again."),
}


class NotOffered(StorageUnavailable):
    """This server hasn't the feature that was asked for."""


def error_for(code: str, key: str) -> StorageError:
    """Return our error for the server's `code`."""
    if code in NOT_OFFERED:
        return NotOffered(key, "The storage cannot do that.")
    kind, say = _MEANS.get(code, (StorageUnavailable, f"The storage refused ({code}). Look at its settings."))
    return kind(key, say)
