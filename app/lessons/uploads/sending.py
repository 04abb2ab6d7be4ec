"""Sending a file from here: what a plain form posted, or what lies in a folder. The same steps as the browser's."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO
from uuid import UUID

from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle
from app.authz import Action, Actor, permit
from app.errors import Conflict, Invalid
from app.lessons.uploads import assembling, service
from app.lessons.uploads.models import Upload
from app.lessons.uploads.queries import received
from app.lessons.uploads.storage_errors import translated
from app.lessons.uploads.wish import MIB, Wish
from video.storage.base import Part, PartToSend, Storage

_BLOCK_BYTES = 64 * 1024
_SMALL_BYTES = 4 * MIB


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Somebody who sends a file from this machine."""

    sessions: sessionmaker[Session]
    storage: Storage
    actor: Actor

    def send(self, wish: Wish, file: IO[bytes]) -> UUID:
        """Send a whole file and complete it; return the upload's id. What has arrived before isn't sent again.

        Raises:
            BackrowError: as the browser would be told; what has arrived stays for a week.
        """
        with self.sessions.begin() as session:
            may_create = permit(session, self.actor, Action.UPLOAD_CREATE, Cycle, wish.cycle_id)
            upload, _ = service.begin(session, may_create, wish=wish, storage=self.storage)
            upload_id, state = upload.id, upload.state
        if state not in service.SENDABLE:
            return upload_id
        parts = list(self._send_parts(upload_id, file))
        self.complete(upload_id, [(part.number, part.etag) for part in parts])
        return upload_id

    def complete(self, upload_id: UUID, parts: list[tuple[int, str]]) -> None:
        """Have a film put together, and the work on it begun; repeated, nothing more happens.

        Raises:
            BackrowError: `parts_missing` or `hash_differs`: the upload is open again.
        """
        with self.sessions.begin() as session:
            may_go_on = permit(session, self.actor, Action.UPLOAD_RESUME, Upload, upload_id, lock=True)
            whole = assembling.completing(session, may_go_on, parts=parts)
        if whole is None:
            return
        try:
            assembling.assemble(self.storage, whole)
        except (Invalid, Conflict):
            with self.sessions.begin() as session:
                may_go_on = permit(session, self.actor, Action.UPLOAD_RESUME, Upload, upload_id, lock=True)
                assembling.reopen(session, may_go_on)
            raise
        with self.sessions.begin() as session:
            may_go_on = permit(session, self.actor, Action.UPLOAD_RESUME, Upload, upload_id, lock=True)
            assembling.verifying(session, may_go_on)

    def _send_parts(self, upload_id: UUID, file: IO[bytes]) -> Iterator[Part]:
        with self.sessions() as session:
            upload = permit(session, self.actor, Action.UPLOAD_RESUME, Upload, upload_id).thing
            there = {part.number: part for part in received(session, upload, self.storage)}
            key, storage_id, total = upload.storage_key, upload.storage_upload_id, service.parts_total(upload)
            sizes = [service.size_of_part(upload, number) for number in range(1, total + 1)]
        file.seek(0)
        for number, size_bytes in enumerate(sizes, start=1):
            block = file.read(size_bytes)
            if len(block) != size_bytes:
                raise Conflict("file_changed", "The file was changed while it was being sent. Send it again.")
            sha256 = b64encode(hashlib.sha256(block).digest()).decode()
            known = there.get(number)
            if known is not None and known.sha256 == sha256:
                yield Part(number, known.etag, known.size_bytes)
                continue
            part = self._expect(upload_id, number, sha256)
            with translated():
                yield self.storage.put_part(key, storage_id, part, BytesIO(block))

    def _expect(self, upload_id: UUID, number: int, sha256: str) -> PartToSend:
        with self.sessions.begin() as session:
            upload = permit(session, self.actor, Action.UPLOAD_RESUME, Upload, upload_id).thing
            service.check_open(upload)
            part = service.part_to_send(upload, number, sha256)
            service.expect(session, upload, [part])
        return part


def fingerprint(file: IO[bytes], size_bytes: int) -> str:
    """Name a file by its size and samples of it, as the browser does: enough to know it again after a break."""
    digest = hashlib.sha256(size_bytes.to_bytes(8, "big"))
    if size_bytes < _SMALL_BYTES:
        stretches = [(0, size_bytes)]
    else:
        blocks = [(size_bytes * number // 9, _BLOCK_BYTES) for number in range(1, 9)]
        stretches = [(0, MIB), (size_bytes - MIB, MIB), *blocks]
    for offset, length in stretches:
        file.seek(offset)
        digest.update(file.read(length))
    return f"sha256:{digest.hexdigest()}"
