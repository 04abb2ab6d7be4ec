"""Objects behind any S3 API, signed by SigV4, the bucket in the path; the one place that knows boto3.

Not every server does everything. Conditional PUTs, CORS by API and listing of versions are tried, and done without
where a server says that it hasn't them. SHA-256 checksums are sent but not relied on (some servers ignore them):
bodies that leave from here carry an MD5, which servers do check, and what browsers sent is read back.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from video.storage import checks, disk
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
    StorageUnavailable,
    Stored,
    UploadGone,
)
from video.storage.s3_answers import CLOSED, TAKEN, NotOffered, error_for
from video.storage.s3_bucket import Bucket, code_of
from video.storage.streams import digests_of, read_all

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


@dataclass(frozen=True)
class S3Place:
    """Where the bucket is and how to get in; `origin` is Backrow's own, from which browsers send parts."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"
    origin: str | None = None


class S3Storage:
    """A `Storage` in one bucket that belongs to Backrow alone."""

    def __init__(self, place: S3Place) -> None:
        self._place, self._name, self._client = place, place.bucket, _connect(place)
        self._bucket = Bucket(self._client, place.bucket)
        self._conditional = True  # until the server says that it has no conditional PUT

    def prepare(self) -> None:
        """Make the bucket if it is missing, and let browsers of our origin send to it and read the ETag."""
        with _translated(self._name):
            self._bucket.make(region=self._place.region)
            if self._place.origin:
                self._bucket.allow(self._place.origin)

    def check(self) -> None:
        """Write, read and erase a tiny probe; the bucket is made if it is missing."""
        self.prepare()
        key, probe = f"probe/{secrets.token_hex(8)}", secrets.token_bytes(64)
        with _translated(key):
            self._client.put_object(Bucket=self._name, Key=key, Body=probe)
        try:
            if self.sha256_of(key) != hashlib.sha256(probe).hexdigest():
                raise StorageUnavailable(key, "The storage gave other bytes back than were written.")
        finally:
            self.erase_prefix(key)

    def put(self, key: str, source: Path, *, sha256: str) -> Stored:
        """See `Storage.put`; at most 5 GB, as S3 allows in one piece."""
        with source.open("rb") as body:
            size_bytes, sha, md5 = digests_of(body)
            if sha.hex() != sha256.lower():
                raise DigestDiffers(key, "The file is not what was announced; nothing was stored. Make it again.")
            sums = {"ContentMD5": b64encode(md5).decode(), "ChecksumSHA256": b64encode(sha).decode()}
            try:
                self._put_once(checks.checked_key(key), body, sums)
            except NotOffered:
                self._conditional = False
                self._put_once(key, body, sums)
        return Stored(key, size_bytes)

    def head(self, key: str) -> Stored | None:
        """See `Storage.head`."""
        try:
            with _translated(key):
                found = self._client.head_object(Bucket=self._name, Key=checks.checked_key(key))
        except NotStored:
            return None
        return Stored(key, found["ContentLength"])

    def fetch(self, key: str, into: Path) -> None:
        """See `Storage.fetch`."""
        with disk.translated(key), disk.new_file(into.parent) as (new, handle):
            for block in self._blocks(key):
                disk.write_all(handle, block)
            new.replace(into)

    def local_path(self, key: str) -> None:
        """See `Storage.local_path`; there are no files here."""
        checks.checked_key(key)

    def sha256_of(self, key: str, *, offset: int = 0, size: int | None = None) -> str:
        """See `Storage.sha256_of`."""
        checks.checked_span(offset=offset, size=size)
        digest, got = hashlib.sha256(), 0
        until = "" if size is None else str(offset + size - 1)
        for block in self._blocks(key, span=f"bytes={offset}-{until}" if offset or size else None):
            digest.update(block)
            got += len(block)
        if size is not None and got != size:
            raise DigestDiffers(key, "The object ends too early. Send it again.")
        return digest.hexdigest()

    def url(self, key: str, *, expires_s: int, content_type: str) -> str:
        """See `Storage.url`."""
        checks.checked_expiry(expires_s, longest_s=LONGEST_URL_S)
        params = {
            "ResponseContentType": checks.checked_content_type(content_type),
            "ResponseCacheControl": "private, no-store",
        }
        return self._sign("get_object", key, params, expires_s=expires_s)

    def begin_upload(self, key: str, *, size_bytes: int, part_bytes: int) -> str:
        """See `Storage.begin_upload`."""
        checks.checked_plan(size_bytes=size_bytes, part_bytes=part_bytes)
        if self.head(key):
            raise AlreadyStored(key, TAKEN)
        with _translated(key):
            # Said here too: otherwise AWS refuses parts that bring a SHA-256.
            begun = self._client.create_multipart_upload(Bucket=self._name, Key=key, ChecksumAlgorithm="SHA256")
        return begun["UploadId"]

    def part_address(self, key: str, upload_id: str, part: PartToSend, *, expires_s: int) -> SignedPart:
        """See `Storage.part_address`; length and SHA-256 are signed headers."""
        checks.checked_expiry(expires_s, longest_s=LONGEST_PART_URL_S)
        ends = datetime.now(UTC) + timedelta(seconds=expires_s)
        params = {
            "UploadId": upload_id,
            "PartNumber": part.number,
            "ContentLength": part.size_bytes,
            "ChecksumSHA256": part.sha256_b64,
        }
        url = self._sign("upload_part", key, params, expires_s=expires_s)
        return SignedPart(url=url, expires_at=ends, headers={"x-amz-checksum-sha256": part.sha256_b64})

    def put_part(self, key: str, upload_id: str, part: PartToSend, body: Readable) -> Part:
        """See `Storage.put_part`; holds this one part in memory, since its MD5 has to be sent first."""
        block = read_all(body, most=part.size_bytes + 1)
        if len(block) != part.size_bytes or b64encode(hashlib.sha256(block).digest()).decode() != part.sha256_b64:
            raise DigestDiffers(key, "Something changed on the way. Send this part again.", numbers=[part.number])
        with _translated(key):
            sent = self._client.upload_part(
                Bucket=self._name,
                Key=checks.checked_key(key),
                UploadId=upload_id,
                PartNumber=part.number,
                Body=block,
                ContentMD5=b64encode(hashlib.md5(block, usedforsecurity=False).digest()).decode(),
                ChecksumSHA256=part.sha256_b64,
            )
        return Part(part.number, sent["ETag"].strip('"'), part.size_bytes)

    def parts(self, key: str, upload_id: str) -> list[Part]:
        """See `Storage.parts`."""
        if self.head(key):  # some servers go on listing the parts of an upload that is complete
            raise UploadGone(key, CLOSED)
        return [part for part, _ in self._listed(key, upload_id)]

    def complete_upload(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]], *, size_bytes: int) -> Stored:
        """See `Storage.complete_upload`; HeadObject says whether an earlier call has done it."""
        if stored := self.head(key):
            return checks.same_size(stored, size_bytes)
        try:
            listed = self._listed(key, upload_id)
            checks.match_parts(key, here=[part for part, _ in listed], named=parts, size_bytes=size_bytes)
            named = {number for number, _ in parts}
            chosen = [completed for part, completed in listed if part.number in named]
            with _translated(key):
                self._client.complete_multipart_upload(
                    Bucket=self._name, Key=key, UploadId=upload_id, MultipartUpload={"Parts": chosen}
                )
        except UploadGone:
            if stored := self.head(key):  # somebody was quicker
                return checks.same_size(stored, size_bytes)
            raise
        return Stored(key, size_bytes)

    def abort_upload(self, key: str, upload_id: str) -> None:
        """See `Storage.abort_upload`."""
        if not self.head(key):  # complete: its parts are the object
            self._abort(key, upload_id)

    def _abort(self, key: str, upload_id: str) -> None:
        try:
            with _translated(key):
                self._client.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload_id)
        except (UploadGone, NotStored):
            return

    def keys(self, prefix: str) -> Iterator[str]:
        """See `Storage.keys`."""
        with _translated(prefix):
            yield from self._bucket.keys(checks.checked_prefix(prefix))

    def open_uploads(self, prefix: str) -> Iterator[tuple[str, str]]:
        """See `Storage.open_uploads`."""
        with _translated(prefix):
            yield from self._bucket.uploads(checks.checked_prefix(prefix))

    def erase_prefix(self, prefix: str) -> int:
        """See `Storage.erase_prefix`."""
        bare = checks.checked_prefix(prefix)
        if not bare:
            raise ValueError("everything at once is never erased")
        uploads = list(self.open_uploads(bare))
        for key, upload_id in uploads:
            self._abort(key, upload_id)
        with _translated(bare):
            objects = self._bucket.erase(bare)
        if any(self.open_uploads(bare)):
            raise StorageUnavailable(bare, "An upload began there while it was being erased. Erase it again.")
        return len(uploads) + objects

    def _listed(self, key: str, upload_id: str) -> list[tuple[Part, CompletedPartTypeDef]]:
        with _translated(key):
            return self._bucket.parts(checks.checked_key(key), upload_id)

    def _put_once(self, key: str, body: io.BufferedReader, sums: dict[str, Any]) -> None:
        if not self._conditional and self.head(key):
            raise AlreadyStored(key, TAKEN)
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if self._conditional else {}
        body.seek(0)
        with _translated(key):
            self._client.put_object(Bucket=self._name, Key=key, Body=body, **sums, **condition)

    def _blocks(self, key: str, *, span: str | None = None) -> Iterator[bytes]:
        with _translated(key):
            wanted: dict[str, Any] = {"Range": span} if span else {}
            body = self._client.get_object(Bucket=self._name, Key=checks.checked_key(key), **wanted)["Body"]
            with body:
                while block := body.read(BLOCK_BYTES):
                    yield block

    def _sign(self, call: str, key: str, params: dict[str, Any], *, expires_s: int) -> str:
        where = {"Bucket": self._name, "Key": checks.checked_key(key)}
        return self._client.generate_presigned_url(call, Params={**where, **params}, ExpiresIn=expires_s)


def _connect(place: S3Place) -> S3Client:
    # A session of its own: boto3's default one is not safe among threads, clients are.
    return boto3.session.Session().client(
        "s3",
        endpoint_url=place.endpoint,
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
        region_name=place.region,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=32,
        ),
    )


@contextmanager
def _translated(key: str) -> Iterator[None]:
    """Turn what the server and the line say into the storage's own errors."""
    try:
        yield
    except ClientError as error:
        raise error_for(code_of(error), key) from error
    except BotoCoreError as error:
        raise StorageUnavailable(key, "The storage did not answer. Look whether it runs, then try again.") from error
