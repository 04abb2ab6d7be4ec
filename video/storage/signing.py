"""Addresses of the local storage: what they allow is signed into them, and nothing else is believed."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from video.storage.checks import checked_content_type, checked_key

_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_GET = ("expires", "type")
_PUT = ("expires", "upload", "part", "size", "sha256")
_FIELDS = {"GET": _GET, "PUT": _PUT}


class AddressRefused(Exception):
    """An address that we did not sign for this, or that has ended; why is nobody's business."""


@dataclass(frozen=True)
class Grant:
    """What a signed address allows: one method on one key, with the fields that were signed."""

    method: str
    key: str
    fields: Mapping[str, str]


class Signer:
    """Signs addresses with the first secret and believes those of every secret, so that secrets can be changed.

    Args:
        secrets: key id to secret bytes (32 or more); the first signs.
        host: the host (and port) that people see in the address bar; an address holds on that host alone.
        clock: seconds since 1970.
    """

    def __init__(self, secrets: Mapping[str, bytes], *, host: str, clock: Callable[[], float] = time.time) -> None:
        if not secrets or any(len(secret) < hashlib.sha256().digest_size for secret in secrets.values()):
            raise ValueError("addresses need at least one secret, of 32 bytes or more")
        self._secrets, self._host, self._clock = dict(secrets), host, clock

    def sign(self, method: str, key: str, *, expires_s: int, **fields: str) -> tuple[str, float]:
        """Return the address (path and query) and the moment when it ends."""
        ends = int(self._clock()) + expires_s
        signed = {"expires": str(ends), **fields}
        key_id, secret = next(iter(self._secrets.items()))
        mac = _mac(secret, key_id=key_id, host=self._host, grant=Grant(method, checked_key(key), signed))
        return f"/storage/{quote(key)}?{urlencode({**signed, 'key': key_id, 'signature': mac})}", float(ends)

    def admit(self, method: str, key: str, *, host: str, query: Mapping[str, str]) -> Grant:
        """Return what the address allows, if it is ours, for this method, key and host, and has not ended.

        Raises:
            AddressRefused: it is not; every reason looks the same.
        """
        names = _FIELDS.get(method, ())
        if not names or set(query) != {*names, "key", "signature"}:
            raise AddressRefused
        grant = Grant(method, key, {name: query[name] for name in names})
        secret = self._secrets.get(query["key"], b"")
        mac = _mac(secret, key_id=query["key"], host=host, grant=grant)
        if not secret or not hmac.compare_digest(mac.encode(), query["signature"].encode()):
            raise AddressRefused
        if self._clock() >= int(grant.fields["expires"]):
            raise AddressRefused
        return grant


def get_fields(content_type: str) -> dict[str, str]:
    """Return the fields of an address to read: what the bytes will be called is signed too."""
    return {"type": checked_content_type(content_type)}


def _mac(secret: bytes, *, key_id: str, host: str, grant: Grant) -> str:
    lines = ["backrow-storage-1", key_id, _one_name(host), grant.method, grant.key]
    lines += [f"{name}={grant.fields[name]}" for name in sorted(grant.fields)]
    # Each line is led by its length, so that no two lists of fields can be read as the same text.
    text = "".join(f"{len(line)}:{line}\n" for line in lines)
    return urlsafe_b64encode(hmac.digest(secret, text.encode(), "sha256")).decode().rstrip("=")


def _one_name(host: str) -> str:
    """Return one spelling of a host: this machine has three names for itself, and usual ports are left out."""
    lower = host.lower()
    name, colon, port = lower.rpartition(":")
    if not colon or not port.isdigit():
        name, port = lower, ""
    name = "loopback" if name in _LOOPBACK else name
    return name if port in {"", "80", "443"} else f"{name}:{port}"
