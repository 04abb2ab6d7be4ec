"""The installation's secret, made once and kept where only its own account can read it; and what is derived from it."""

import hmac
import os
import secrets
from pathlib import Path

_NAME = "secret_key"


def kept_secret(data: Path) -> str:
    """Read the secret of the data folder, making both where they are missing; two that start at once agree on one."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data / _NAME
    if not file.exists():
        new = data / f".{_NAME}.{os.getpid()}"
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as opened:
            opened.write(secrets.token_hex(32))
            opened.flush()
            os.fsync(opened.fileno())
        try:
            file.hardlink_to(new)  # the first one wins; a rename would let the second win
        except FileExistsError:
            pass
        finally:
            new.unlink()
    file.chmod(0o600)
    return file.read_text().strip()


def derived(secret: str, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose; nobody learns the secret, or another purpose's bytes, from them."""
    return hmac.digest(secret.encode(), purpose.encode(), "sha256")
