"""One bucket as a whole: making it, listing it, erasing from it. The server's own errors pass; `s3` translates them."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

from video.storage.base import Part, StorageUnavailable
from video.storage.s3_answers import NOT_OFFERED

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, ObjectIdentifierTypeDef

_DELETED_AT_ONCE = 1000  # S3's own bound
_REGION_WITHOUT_NAME = "us-east-1"  # the one that must not be named when a bucket is made


class Bucket:
    """A bucket on a server that may lack some features of S3."""

    def __init__(self, client: S3Client, name: str) -> None:
        self._client, self._name = client, name
        # Some servers still want the MD5 of what is to be deleted; the client by itself sends a newer checksum only.
        client.meta.events.register("before-call.s3.DeleteObjects", _add_md5)

    def make(self, *, region: str) -> None:
        """Make the bucket if it is missing."""
        try:
            self._client.head_bucket(Bucket=self._name)
        except self._client.exceptions.ClientError as error:
            if code_of(error) not in {"404", "NoSuchBucket"}:
                raise
            where: dict[str, Any] = {}
            if region != _REGION_WITHOUT_NAME:
                where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                self._client.create_bucket(Bucket=self._name, **where)
            except self._client.exceptions.BucketAlreadyOwnedByYou:
                return  # another process was quicker

    def allow(self, origin: str) -> None:
        """Let browsers send parts from `origin` and read their ETag, where that can be said through the API."""
        rule = {
            "AllowedOrigins": [origin],
            "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 3600,
        }
        call: dict[str, Any] = {"CORSConfiguration": {"CORSRules": [rule]}}
        try:
            self._client.put_bucket_cors(Bucket=self._name, **call)
        except self._client.exceptions.ClientError as error:
            # Not by this API, or not with this key: then whoever runs the server has set it.
            if code_of(error) not in {*NOT_OFFERED, "AccessDenied"}:
                raise

    def keys(self, prefix: str) -> Iterator[str]:
        """List the keys at and beneath `prefix`."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix):
            yield from (found["Key"] for found in page.get("Contents", []) if _beneath(found["Key"], prefix))

    def uploads(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List open uploads at and beneath `prefix`, as (key, upload id)."""
        for page in self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._name, Prefix=prefix):
            for found in page.get("Uploads", []):
                if _beneath(found["Key"], prefix):
                    yield found["Key"], found["UploadId"]

    def erase(self, prefix: str) -> int:
        """Erase objects, older versions and delete markers at and beneath `prefix`; return how many.

        Raises:
            StorageUnavailable: the server kept something, or something came while erasing.
        """
        found = self._versions(prefix)
        for start in range(0, len(found), _DELETED_AT_ONCE):
            batch = found[start : start + _DELETED_AT_ONCE]
            answer = self._client.delete_objects(Bucket=self._name, Delete={"Objects": batch, "Quiet": True})
            if kept := answer.get("Errors"):
                say = f"{len(kept)} objects could not be erased ({kept[0].get('Code', '')}). Erase again."
                raise StorageUnavailable(prefix, say)
        if self._versions(prefix):
            raise StorageUnavailable(prefix, "Something is left there after erasing. Erase it again.")
        return len(found)

    def parts(self, key: str, upload_id: str) -> list[tuple[Part, CompletedPartTypeDef]]:
        """List the parts with what completing must say of each: its checksum too, where the server keeps one."""
        pages = self._client.get_paginator("list_parts").paginate(Bucket=self._name, Key=key, UploadId=upload_id)
        found = [part for page in pages for part in page.get("Parts", [])]
        listed = []
        for part in sorted(found, key=lambda part: part["PartNumber"]):
            completed: CompletedPartTypeDef = {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}
            if "ChecksumSHA256" in part:
                completed["ChecksumSHA256"] = part["ChecksumSHA256"]
            listed.append((Part(part["PartNumber"], part["ETag"].strip('"'), part["Size"]), completed))
        return listed

    def _versions(self, prefix: str) -> list[ObjectIdentifierTypeDef]:
        try:
            pages = list(self._client.get_paginator("list_object_versions").paginate(Bucket=self._name, Prefix=prefix))
        except self._client.exceptions.ClientError as error:
            if code_of(error) not in NOT_OFFERED:
                raise
            return [{"Key": key} for key in self.keys(prefix)]  # a server without versions
        every = [(v["Key"], v["VersionId"]) for page in pages for v in page.get("Versions", [])]
        every += [(m["Key"], m["VersionId"]) for page in pages for m in page.get("DeleteMarkers", [])]
        return [{"Key": key, "VersionId": version} for key, version in every if _beneath(key, prefix)]


class Refusal(Protocol):
    """A server's error as the client raises it."""

    response: Any


def code_of(error: Refusal) -> str:
    """Return the server's own word for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _beneath(key: str, prefix: str) -> bool:
    return not prefix or key == prefix or key.startswith(f"{prefix}/")


def _add_md5(params: dict[str, Any], **_: object) -> None:
    body: bytes | str = params["body"]
    whole = body.encode() if isinstance(body, str) else body
    params["headers"]["Content-MD5"] = b64encode(hashlib.md5(whole, usedforsecurity=False).digest()).decode()
