"""Objects as files on disk: each written beside, synced, and put in place in one step."""

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from video.storage import disk
from video.storage.base import (
    BLOCK_BYTES,
    LONGEST_PART_URL_S,
    LONGEST_URL_S,
    AlreadyStored,
    DigestDiffers,
    NotStored,
    Part,
    PartToSend,
    Readable,
    SignedPart,
    StorageFull,
    StorageUnavailable,
    Stored,
    UploadGone,
)
from video.storage.checks import (
    checked_expiry,
    checked_key,
    checked_plan,
    checked_prefix,
    checked_span,
    match_parts,
    same_size,
)
from video.storage.part_folder import PartFolder
from video.storage.signing import Grant, Signer, get_fields

_TAKEN = "Something is stored under that key already; it was left as it was."


class LocalStorage:
    """A `Storage` in a folder that belongs to Backrow alone.

    `objects/<key>` are whole objects, `uploads/<key>/.<upload id>/` open uploads, `incoming/` what is being written.

    Args:
        root: the folder; made when first used, for this account alone.
        signer: signs the addresses that the web process serves, and knows whether they still hold.
    """

    def __init__(self, root: Path, *, signer: Signer) -> None:
        self._objects, self._uploads, self._incoming = root / "objects", root / "uploads", root / "incoming"
        self._root, self._signer = root, signer

    def prepare(self) -> None:
        """Make the folders, and remove what writers left that died."""
        with disk.translated("storage"):
            for folder in (self._objects, self._uploads, self._incoming):
                disk.make_folder(folder)
            disk.sweep(self._incoming)

    def check(self) -> None:
        """Write, read and erase a tiny probe."""
        key, probe = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(64)
        with disk.translated(key), disk.new_file(self._incoming) as (new, handle):
            disk.write_all(handle, probe)
            self.put(key, new, sha256=hashlib.sha256(probe).hexdigest())
        try:
            if self.sha256_of(key) != hashlib.sha256(probe).hexdigest():
                raise StorageUnavailable(key, "The disk gave other bytes back than were written. Replace it.")
        finally:
            self.erase_prefix(key)

    def free_bytes(self) -> int:
        """Say how much room the disk has left for this account."""
        with disk.translated("storage"):
            found = os.statvfs(self._root)
        return found.f_bavail * found.f_frsize

    def put(self, key: str, source: Path, *, sha256: str) -> Stored:
        """See `Storage.put`."""
        with disk.translated(key):
            if self._object(key).exists():
                raise AlreadyStored(key, _TAKEN)
        with disk.translated(key), disk.new_file(self._incoming) as (new, handle):
            size_bytes, digest = _copy(source, handle)
            if digest != sha256.lower():
                raise DigestDiffers(key, "The file is not what was announced; nothing was stored. Make it again.")
            os.fsync(handle)
            self._publish(key, new)
        return Stored(key, size_bytes)

    def head(self, key: str) -> Stored | None:
        """See `Storage.head`."""
        with disk.translated(key):
            path = self._object(key)
            return Stored(key, path.stat().st_size) if path.is_file() else None

    def fetch(self, key: str, into: Path) -> None:
        """See `Storage.fetch`."""
        source = self.local_path(key)
        with disk.translated(key), disk.new_file(into.parent) as (new, handle):
            try:
                _copy(source, handle)
            except FileNotFoundError as gone:  # erased between our looking and our opening it
                raise NotStored(key, "Nothing is stored under that key.") from gone
            new.replace(into)

    def local_path(self, key: str) -> Path:
        """See `Storage.local_path`: here there always is one."""
        path = self._object(key)
        if not path.is_file():
            raise NotStored(key, "Nothing is stored under that key.")
        return path

    def sha256_of(self, key: str, *, offset: int = 0, size: int | None = None) -> str:
        """See `Storage.sha256_of`."""
        checked_span(offset=offset, size=size)
        path, digest, left = self.local_path(key), hashlib.sha256(), size
        with disk.translated(key), path.open("rb") as file:
            if offset and offset >= os.fstat(file.fileno()).st_size:
                raise DigestDiffers(key, "The object ends too early. Send it again.")
            file.seek(offset)
            while left != 0 and (block := file.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left))):
                digest.update(block)
                left = None if left is None else left - len(block)
        if left:
            raise DigestDiffers(key, "The object ends too early. Send it again.")
        return digest.hexdigest()

    def url(self, key: str, *, expires_s: int, content_type: str) -> str:
        """See `Storage.url`; the address is a path on Backrow's own origin."""
        checked_expiry(expires_s, longest_s=LONGEST_URL_S)
        address, _ = self._signer.sign("GET", key, expires_s=expires_s, **get_fields(content_type))
        return address

    def begin_upload(self, key: str, *, size_bytes: int, part_bytes: int) -> str:
        """See `Storage.begin_upload`."""
        checked_plan(size_bytes=size_bytes, part_bytes=part_bytes)
        if self.head(key):
            raise AlreadyStored(key, _TAKEN)
        with disk.translated(key):
            disk.make_folder(self._uploads)
            room = os.statvfs(self._uploads)
            if size_bytes > room.f_bavail * room.f_frsize:
                raise StorageFull(key, "The file is larger than the room that is left on the disk.")
            upload_id = secrets.token_hex(16)
            folder = self._uploads / key / f".{upload_id}"
            PartFolder.begin(key, folder, size_bytes=size_bytes, part_bytes=part_bytes)
        return upload_id

    def part_address(self, key: str, upload_id: str, part: PartToSend, *, expires_s: int) -> SignedPart:
        """See `Storage.part_address`; the address is a path on Backrow's own origin."""
        checked_expiry(expires_s, longest_s=LONGEST_PART_URL_S)
        signed = {
            "upload": upload_id,
            "part": str(part.number),
            "size": str(part.size_bytes),
            "sha256": part.sha256_b64,
        }
        address, ends = self._signer.sign("PUT", key, expires_s=expires_s, **signed)
        return SignedPart(url=address, expires_at=datetime.fromtimestamp(ends, UTC))

    def put_part(self, key: str, upload_id: str, part: PartToSend, body: Readable) -> Part:
        """See `Storage.put_part`."""
        with disk.translated(key):
            return self._upload(key, upload_id).write(part, body)

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """See `Storage.parts`."""
        with disk.translated(key):
            return self._upload(key, upload_id).parts()

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], *, size_bytes: int) -> Stored:
        """See `Storage.complete_upload`; takes the same time however large the file is."""
        upload = self._upload(key, upload_id)
        try:
            with disk.translated(key), upload.locked():
                match_parts(key, here=upload.parts(), named=parts, size_bytes=size_bytes)
                self._publish(key, upload.bytes_path)
                # The lock is still held: nobody can write to the file by its second name any more.
                upload.take_away()
        except UploadGone:
            if stored := self.head(key):
                return same_size(stored, size_bytes)
            raise
        with disk.translated(key):
            disk.remove_empty_above(self._uploads / key, up_to=self._uploads)
        return Stored(key, size_bytes)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """See `Storage.abort_upload`."""
        with disk.translated(key):
            self._upload(key, upload_id).close()
            disk.remove_empty_above(self._uploads / key, up_to=self._uploads)

    def keys(self, prefix: str) -> Iterator[str]:
        """See `Storage.keys`."""
        yield from self._walk(self._objects / checked_prefix(prefix))

    def open_uploads(self, prefix: str) -> Iterator[tuple[str, str]]:
        """See `Storage.open_uploads`."""
        for folder in sorted((self._uploads / checked_prefix(prefix)).rglob(".*")):
            key = str(folder.parent.relative_to(self._uploads))
            if PartFolder(key, folder).is_open():
                yield key, folder.name.removeprefix(".")

    def erase_prefix(self, prefix: str) -> int:
        """See `Storage.erase_prefix`."""
        bare = checked_prefix(prefix)
        if not bare:
            raise ValueError("everything at once is never erased")
        with disk.translated(bare):
            uploads = [self._upload(key, upload_id) for key, upload_id in self.open_uploads(bare)]
            for upload in uploads:
                upload.close()
            disk.remove_tree(self._uploads / bare)
            gone = len(uploads) + disk.remove_tree(self._objects / bare)
            for top in (self._objects, self._uploads):
                disk.remove_empty_above((top / bare).parent, up_to=top)
            disk.sweep(self._incoming)
        if any(self.keys(bare)) or (self._uploads / bare).exists():
            raise StorageUnavailable(bare, "Something was stored there while it was being erased. Erase it again.")
        return gone

    def admit(self, method: str, key: str, *, host: str, query: Mapping[str, str]) -> Grant:
        """Say what a signed address allows, or raise AddressRefused."""
        return self._signer.admit(method, key, host=host, query=query)

    def _publish(self, key: str, new: Path) -> None:
        goal = self._object(key)
        try:
            disk.publish(new, goal)
        except FileExistsError as error:
            # The same file: it was published by an attempt that was stopped before it could say so.
            if not goal.is_file() or not goal.samefile(new):
                raise AlreadyStored(key, _TAKEN) from error

    def _object(self, key: str) -> Path:
        return self._objects / checked_key(key)

    def _upload(self, key: str, upload_id: str) -> PartFolder:
        if not upload_id.isalnum() or not upload_id.isascii():
            raise UploadGone(checked_key(key), "There is no such upload. Begin a new one.")
        return PartFolder(key, self._uploads / checked_key(key) / f".{upload_id}")

    def _walk(self, path: Path) -> Iterator[str]:
        if path.is_file():
            yield str(path.relative_to(self._objects))
        for inner in disk.inside(path):
            yield from self._walk(inner)


def _copy(source: Path, handle: int) -> tuple[int, str]:
    """Copy a file to an open one; return its size and SHA-256."""
    digest, size_bytes = hashlib.sha256(), 0
    with source.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            disk.write_all(handle, block)
            size_bytes += len(block)
    return size_bytes, digest.hexdigest()
