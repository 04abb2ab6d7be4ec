"""A real S3 server for tests: OpenStack Swift from Debian's packages, started and stopped by whoever needs it.

`python -m tests.services.swift FOLDER [--port N] [--origin URL …] [--install]` runs one in the foreground.
Lax fakes accept forged and ended addresses; this one refuses them. It differs from AWS: SHA-256 checksums of parts
are not looked at, an upload's parts are still listed (and taken) after it was completed, and there is no
conditional PUT.
"""

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("swift-proxy", "swift-account", "swift-container", "swift-object", "python3-swift")
ORIGINS = ("http://127.0.0.1:8000",)
_PYTHON = "/usr/bin/python3"
_NEEDED = "import swift.proxy.server, swift.common.middleware.s3api.s3api"


class SwiftMissing(RuntimeError):
    """There is no Swift on this machine, or it did not start; the message says what to do."""


@dataclass(frozen=True)
class Swift:
    """One that runs: where it listens, and its keys."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str
    folder: Path

    def environment(self, bucket: str) -> dict[str, str]:
        """Return Backrow's settings for a bucket there."""
        return {
            "BACKROW_STORAGE": "s3",
            "BACKROW_S3_ENDPOINT": self.endpoint,
            "BACKROW_S3_BUCKET": bucket,
            "BACKROW_S3_ACCESS_KEY": self.access_key,
            "BACKROW_S3_SECRET_KEY": self.secret_key,
            "BACKROW_S3_REGION": self.region,
        }


def missing() -> str | None:
    """Say why no Swift can run here, or None: the reason for skipping a test."""
    if not Path(_PYTHON).exists():
        return f"no real S3 server: there is no {_PYTHON}"
    found = subprocess.run([_PYTHON, "-c", _NEEDED], capture_output=True, check=False)  # noqa: S603 - our own words
    if found.returncode:
        return f"no real S3 server: as root, RUNLEVEL=1 apt-get install --no-install-recommends {' '.join(PACKAGES)}"
    return None


def install() -> None:
    """Install Debian's Swift (as root) and start none of its services; nothing happens where it is there already."""
    if missing() is None:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # runlevel 1: nothing is started
    apt = [shutil.which("apt-get") or "/usr/bin/apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq"]
    for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        subprocess.run([*apt, *words], check=True, env=env, stdout=sys.stderr)  # noqa: S603 - our own words
    if reason := missing():
        raise SwiftMissing(reason)


@contextmanager
def running(folder: Path, *, port: int = 0, origins: Sequence[str] = ORIGINS) -> Iterator[Swift]:
    """Run a Swift that keeps its objects in `folder` until the end of the block; port 0 takes a free one.

    Args:
        folder: on a file system with extended attributes; what is stored there is there at the next start.
        port: to listen on, at 127.0.0.1 alone.
        origins: websites whose pages may call it from a browser.

    Raises:
        SwiftMissing: it is not installed, or did not start.
    """
    if reason := missing():
        raise SwiftMissing(reason)
    folder.mkdir(parents=True, exist_ok=True)
    _ask_for_attributes(folder)
    program = Path(__file__).with_name("swift_server.py")
    # -P: this folder holds a `swift` of its own.
    words = [_PYTHON, "-P", "-W", "ignore", str(program), str(folder), str(port), *origins]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own words
        try:
            yield _said(server, folder)
        finally:
            server.terminate()


def _said(server: "subprocess.Popen[str]", folder: Path) -> Swift:
    said: dict[str, str] = {}
    for line in server.stdout or ():
        if line == "ready\n":
            return Swift(
                endpoint=said["AWS_ENDPOINT_URL"],
                access_key=said["AWS_ACCESS_KEY_ID"],
                secret_key=said["AWS_SECRET_ACCESS_KEY"],
                region=said["AWS_DEFAULT_REGION"],
                folder=folder,
            )
        name, _, value = line.rstrip("\n").partition("=")
        said[name] = value
    raise SwiftMissing("Swift ended before it was ready; what it said is above.")


def _ask_for_attributes(folder: Path) -> None:
    probe = folder / f".{secrets.token_hex(4)}"
    probe.touch()
    try:
        os.setxattr(probe, "user.swift.probe", b"1")
    except OSError as error:
        raise SwiftMissing(f"{folder} has no extended attributes: choose one on ext4, xfs or overlay") from error
    finally:
        probe.unlink()


def main() -> None:
    """Run one in the foreground, and print what to connect with."""
    parser = argparse.ArgumentParser(description="A real S3 server for tests.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--origin", action="append", default=[])
    parser.add_argument("--install", action="store_true", help="install Debian's Swift first (as root)")
    asked = parser.parse_args()
    if asked.install:
        install()
    endings = {signal.SIGINT, signal.SIGTERM}
    with running(asked.folder, port=asked.port, origins=asked.origin or ORIGINS) as swift:
        for name, value in swift.environment("backrow").items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        signal.pthread_sigmask(signal.SIG_BLOCK, endings)
        signal.sigwait(endings)


if __name__ == "__main__":
    main()
