"""Reading what may be too large for memory, and the digests of it."""

import hashlib

from video.storage.base import BLOCK_BYTES, Readable


def digests_of(body: Readable) -> tuple[int, bytes, bytes]:
    """Return size, SHA-256 and MD5 of what is read."""
    sha, md5, size_bytes = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    while block := body.read(BLOCK_BYTES):
        sha.update(block)
        md5.update(block)
        size_bytes += len(block)
    return size_bytes, sha.digest(), md5.digest()


def read_all(body: Readable, *, most: int) -> bytes:
    """Return what is read, `most` bytes at most; for one part, never for a film."""
    whole = bytearray()
    while len(whole) < most and (block := body.read(min(BLOCK_BYTES, most - len(whole)))):
        whole += block
    return bytes(whole)
