"""What is left on disk when a process is killed amid its work, or the disk is full."""

import resource
import signal
import subprocess
import sys
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from secrets import token_bytes

import pytest

from tests.video.storage.bench import FIRST, KEY, SECOND, TWO_SIZES, files, part_of
from video.storage.base import LEAST_PART_BYTES, StorageFull
from video.storage.local import LocalStorage

# What a second process does in these tests: it gets the folder, then what it is to do.
_PREFACE = """
import sys
from pathlib import Path
from video.storage.base import PartToSend
from video.storage.local import LocalStorage
from video.storage.signing import Signer
storage = LocalStorage(Path(sys.argv[1]), signer=Signer({"k1": bytes(32)}, host="127.0.0.1:8000"))
"""


def opened(storage: LocalStorage) -> str:
    return storage.begin_upload(KEY, size_bytes=TWO_SIZES, part_bytes=LEAST_PART_BYTES)


def run(root: Path, program: str, *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _PREFACE + program, str(root), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words


def kill(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)


def test_p34_a_kill_amid_a_put_leaves_no_half_object(storage: LocalStorage, root: Path, pipe: Path) -> None:
    putting = run(root, f"storage.put({KEY!r}, Path(sys.argv[2]), sha256='0' * 64)", str(pipe))
    canary = token_bytes(64)
    with pipe.open("wb", buffering=0) as source:
        # More than a pipe holds: once it is all gone, the first half has been read.
        source.write(canary * (4 * 1024 * 1024 // 64))
        (half,) = files(root / "incoming")
        assert half.stat().st_size
        kill(putting)
    assert storage.head(KEY) is None
    assert list(storage.keys("")) == []
    storage.prepare()
    assert files(root) == [], "the next start takes away what the dead left"


def test_a_sweep_leaves_what_the_living_write(storage: LocalStorage, root: Path, pipe: Path) -> None:
    body = token_bytes(4 * 1024 * 1024)
    words = f"storage.put({KEY!r}, Path(sys.argv[2]), sha256={sha256(body).hexdigest()!r})"
    putting = run(root, words, str(pipe))
    with pipe.open("wb", buffering=0) as source:
        source.write(body[: len(body) // 2])
        storage.prepare()
        source.write(body[len(body) // 2 :])
    putting.communicate(timeout=30)
    assert storage.sha256_of(KEY) == sha256(body).hexdigest()


def test_p34_a_kill_amid_a_part_leaves_the_part_absent(storage: LocalStorage, root: Path, pipe: Path) -> None:
    upload_id = opened(storage)
    kept = storage.put_part(KEY, upload_id, part_of(2, SECOND), BytesIO(SECOND))
    storage.put_part(KEY, upload_id, part_of(1, FIRST), BytesIO(FIRST))
    announced = part_of(1, FIRST)
    program = (
        f"storage.put_part({KEY!r}, {upload_id!r}, PartToSend(1, {len(FIRST)}, {announced.sha256_b64!r}), "
        "open(sys.argv[2], 'rb', buffering=0))"
    )
    sending = run(root, program, str(pipe))
    with pipe.open("wb", buffering=0) as source:
        source.write(FIRST[: len(FIRST) // 2])
        kill(sending)
    assert storage.parts(KEY, upload_id) == [kept], "part 1 was there, but has been written over in part"
    again = storage.put_part(KEY, upload_id, announced, BytesIO(FIRST))
    storage.complete_upload(KEY, upload_id, [(1, again.etag), (2, kept.etag)], size_bytes=TWO_SIZES)
    assert storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_p34_a_full_disk_leaves_nothing_half(storage: LocalStorage, tmp_path: Path) -> None:
    upload_id, source = opened(storage), tmp_path / "source"
    source.write_bytes(FIRST)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(FIRST) // 2, hard))  # as if that were all the room there is
    try:
        with pytest.raises(StorageFull):
            storage.put("lessons/r1/a", source, sha256=sha256(FIRST).hexdigest())
        with pytest.raises(StorageFull):
            storage.put_part(KEY, upload_id, part_of(1, FIRST), BytesIO(FIRST))
        with pytest.raises(StorageFull):
            storage.begin_upload("lessons/r1/b", size_bytes=TWO_SIZES, part_bytes=LEAST_PART_BYTES)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert storage.head("lessons/r1/a") is None
    assert storage.parts(KEY, upload_id) == []
    assert list(storage.open_uploads("")) == [(KEY, upload_id)]
    storage.put_part(KEY, upload_id, part_of(1, FIRST), BytesIO(FIRST))


def test_a_file_that_will_not_fit_is_refused_before_it_is_sent(storage: LocalStorage) -> None:
    with pytest.raises(StorageFull, match="room that is left"):
        storage.begin_upload(KEY, size_bytes=2**60, part_bytes=2**50)
