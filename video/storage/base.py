"""What Backrow asks of a storage, in files on disk or behind any S3 API: keys written once, addresses that end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, Protocol

#: An address to watch lives this long at most: what was handed out before a withdrawal ends with it.
LONGEST_URL_S = 60
#: An address to send one part: an hour at most, for a slow line.
LONGEST_PART_URL_S = 3600
#: S3's own bounds, kept by every storage so that one can be moved to the other.
MOST_PARTS = 10_000
LEAST_PART_BYTES = 5 * 1024 * 1024
#: Bodies are read and written in pieces of this size, so that no object is ever held in memory.
BLOCK_BYTES = 1024 * 1024


class StorageError(Exception):
    """A storage call that did not do what was asked; the message says what is left and what to do next."""

    #: True where the same call may be made again as it is.
    retryable: ClassVar[bool] = False

    def __init__(self, key: str, say: str) -> None:
        super().__init__(f"{key}: {say}")
        self.key, self.say = key, say


class AlreadyStored(StorageError):
    """The key is taken; the stored object was left as it was."""


class NotStored(StorageError):
    """Nothing is stored under the key."""


class StorageUnavailable(StorageError):
    """No answer, or a refusal; nothing half-written is visible, and the same call may be made again."""

    retryable = True


class StorageFull(StorageError):
    """No room is left; nothing half-written is visible."""


class UploadGone(StorageError):
    """The upload was completed, broken off or erased, or never begun; nothing more can be sent to it."""


class PartsTrouble(StorageError):
    """Some parts of an upload are not as they should be; the upload stays open and `numbers` can be sent again."""

    def __init__(self, key: str, say: str, *, numbers: Sequence[int] = ()) -> None:
        super().__init__(key, say)
        self.numbers = tuple(numbers)


class DigestDiffers(PartsTrouble):
    """Other bytes arrived, or are stored, than were announced; what differs was not kept."""


class PartsMissing(PartsTrouble):
    """The parts named do not make up the whole file; `numbers` are those that are not there."""


@dataclass(frozen=True)
class Stored:
    """One whole object; its bytes never change again."""

    key: str
    size_bytes: int


@dataclass(frozen=True)
class Part:
    """One part that has arrived whole; `etag` is without quotes."""

    number: int
    etag: str
    size_bytes: int


@dataclass(frozen=True)
class PartToSend:
    """What somebody is about to send: `number` counts from 1, `sha256_b64` is of exactly these bytes."""

    number: int
    size_bytes: int
    sha256_b64: str

    def __post_init__(self) -> None:
        """Refuse what no storage could take."""
        if not 1 <= self.number <= MOST_PARTS or self.size_bytes < 1:
            raise ValueError(f"part {self.number} of {self.size_bytes} bytes cannot be sent")
        if not re.fullmatch(r"[A-Za-z0-9+/]{43}=", self.sha256_b64):
            raise ValueError("sha256_b64 is not the base64 of a SHA-256")


@dataclass(frozen=True)
class SignedPart:
    """Where and how to send one part: `headers` go with it exactly as they are."""

    url: str
    expires_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    method: Literal["PUT"] = "PUT"


class Readable(Protocol):
    """Bytes that arrive: an open file, or the body of a request."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class Storage(Protocol):
    """Objects under keys. Safe to use from several threads. Every call but `local_path` may raise StorageUnavailable.

    A `prefix` is a path: it names the object of that key and everything beneath `prefix/`, so that `lessons/r1`
    never reaches `lessons/r10`; the empty prefix is everything.
    """

    def prepare(self) -> None:
        """Make the folder or bucket where it is missing; call it once at start."""

    def check(self) -> None:
        """Write, read and erase a tiny probe: for the doctor and for `/healthz`."""

    def put(self, key: str, source: Path, *, sha256: str) -> Stored:
        """Write `source` under `key`, once; `sha256` (hex) is of its bytes.

        Raises:
            AlreadyStored: the key is taken.
            DigestDiffers: `source` holds other bytes; nothing was stored.
            StorageFull: no room; nothing was stored.
        """

    def head(self, key: str) -> Stored | None:
        """Say what is stored under `key`, if anything; parts that were not put together do not count."""

    def fetch(self, key: str, into: Path) -> None:
        """Copy the object to the file `into`, which appears whole or not at all.

        Raises:
            NotStored: nothing is there.
            StorageFull: no room where `into` lies.
        """

    def local_path(self, key: str) -> Path | None:
        """Give the object's own file, to be read in place and never written; None where the storage has no files.

        Raises:
            NotStored: nothing is there.
        """

    def sha256_of(self, key: str, *, offset: int = 0, size: int | None = None) -> str:
        """Read `size` bytes (1 or more; None: to the end) from `offset` back and return their SHA-256 as hex.

        Raises:
            NotStored: nothing is there.
            DigestDiffers: the object ends before that.
        """

    def url(self, key: str, *, expires_s: int, content_type: str) -> str:
        """Sign an address to GET this one object, for `expires_s` seconds (at most LONGEST_URL_S)."""

    def begin_upload(self, key: str, *, size_bytes: int, part_bytes: int) -> str:
        """Open an upload in parts of `part_bytes` (the last may be shorter); return its id.

        Raises:
            AlreadyStored: the key is taken.
            StorageFull: the file will not fit.
        """

    def part_address(self, key: str, upload_id: str, part: PartToSend, *, expires_s: int) -> SignedPart:
        """Sign an address to PUT this one part, for `expires_s` seconds (at most LONGEST_PART_URL_S)."""

    def put_part(self, key: str, upload_id: str, part: PartToSend, body: Readable) -> Part:
        """Write one part from here, as a PUT to its address would.

        Raises:
            UploadGone: the upload is not open.
            DigestDiffers: other bytes than announced; the part is not there.
            StorageFull: no room; the part is not there.
        """

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """List the parts that have arrived whole, by number.

        Raises:
            UploadGone: the upload is not open.
        """

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], *, size_bytes: int) -> Stored:
        """Put the parts (number, etag) together to one object of `size_bytes`; a repeated call gives the same answer.

        Raises:
            PartsMissing: they do not make up the file; the upload stays open.
            DigestDiffers: an etag is not that of the part; the upload stays open.
            UploadGone: neither the upload nor its object is there.
            AlreadyStored: the key was taken meanwhile by something else.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Forget the upload and erase its parts; repeated, or after completion: nothing happens."""

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys of whole objects at and beneath `prefix`."""

    def open_uploads(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List uploads that are still open, as (key, upload id)."""

    def erase_prefix(self, prefix: str) -> int:
        """Erase all at and beneath `prefix`: objects, their versions, delete markers, open uploads; return how many.

        It is read back afterwards. The empty prefix is refused with ValueError.

        Raises:
            StorageUnavailable: something may be left; call again.
        """
