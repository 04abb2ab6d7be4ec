"""Opaque ids and secrets."""

import secrets
import time
from hashlib import sha256
from uuid import UUID


def new() -> UUID:
    """Make a UUID of version 7 (RFC 9562): in the order of making, and not to be guessed."""
    value = (time.time_ns() // 1_000_000) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return UUID(int=value | 0b10 << 62 | secrets.randbits(62))


def token() -> str:
    """Make a secret of 256 bits that fits into an address."""
    return secrets.token_urlsafe(32)


def token_hash(secret: str) -> str:
    """Hash a secret for keeping; enough for 256 random bits, never used for passwords."""
    return sha256(secret.encode()).hexdigest()
