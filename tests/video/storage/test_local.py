"""What files on disk keep beyond the common contract: privacy, speed, two senders at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from secrets import token_bytes

import pytest

from tests.video.storage.bench import FIRST, KEY, SECOND, TWO_SIZES, Bench, files, part_of
from video.storage.base import LEAST_PART_BYTES, AlreadyStored, DigestDiffers, NotStored, StorageUnavailable, UploadGone
from video.storage.local import LocalStorage


class Slow:
    """A body that waits in the middle until it is let go."""

    def __init__(self, body: bytes) -> None:
        self._rest, self.half, self.go = BytesIO(body), threading.Event(), threading.Event()

    def read(self, size: int, /) -> bytes:
        """Wait once the first block is out."""
        if self._rest.tell():
            self.half.set()
            assert self.go.wait(30)
        return self._rest.read(size)


def opened(storage: LocalStorage) -> str:
    return storage.begin_upload(KEY, size_bytes=TWO_SIZES, part_bytes=LEAST_PART_BYTES)


@pytest.fixture
def put(storage: LocalStorage, tmp_path: Path) -> Callable[[str, bytes], None]:
    def write(key: str, body: bytes) -> None:
        source = tmp_path / f"source-{threading.get_ident()}"
        source.write_bytes(body)
        storage.put(key, source, sha256=sha256(body).hexdigest())

    return write


def test_only_this_account_may_look_inside(
    storage: LocalStorage, root: Path, put: Callable[[str, bytes], None]
) -> None:
    put("lessons/r1/a", b"x")
    upload_id = opened(storage)
    storage.put_part(KEY, upload_id, part_of(2, SECOND), BytesIO(SECOND))
    for path in [root, *root.rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_completing_copies_nothing(storage: LocalStorage, root: Path) -> None:
    upload_id = opened(storage)
    parts = [
        storage.put_part(KEY, upload_id, part_of(number, body), BytesIO(body))
        for number, body in ((1, FIRST), (2, SECOND))
    ]
    (written,) = [path for path in files(root) if path.name == "bytes"]
    inode = written.stat().st_ino
    storage.complete_upload(KEY, upload_id, [(part.number, part.etag) for part in parts], size_bytes=TWO_SIZES)
    assert storage.local_path(KEY).stat().st_ino == inode
    assert files(root) == [storage.local_path(KEY)]


def test_of_many_who_put_one_key_exactly_one_wins(storage: LocalStorage, tmp_path: Path) -> None:
    def attempt(number: int) -> bytes | None:
        body = f"attempt {number}".encode()
        source = tmp_path / str(number)
        source.write_bytes(body)
        try:
            storage.put(KEY, source, sha256=sha256(body).hexdigest())
        except AlreadyStored:
            return None
        return body

    with ThreadPoolExecutor(8) as pool:
        won = [body for body in pool.map(attempt, range(16)) if body]
    assert len(won) == 1
    assert storage.local_path(KEY).read_bytes() == won[0]


def test_a_put_with_other_bytes_than_signed_is_refused(local: Bench) -> None:
    upload_id = local.storage.begin_upload(KEY, size_bytes=TWO_SIZES, part_bytes=LEAST_PART_BYTES)
    local.storage.put_part(KEY, upload_id, part_of(1, FIRST), BytesIO(FIRST))
    signed = local.storage.part_address(KEY, upload_id, part_of(1, FIRST), expires_s=60)
    flipped = bytes([FIRST[0] ^ 1]) + FIRST[1:]
    answer = local.ask("PUT", signed.url, flipped, signed.headers)
    assert answer.status == 400
    assert local.storage.parts(KEY, upload_id) == [], "what was whole before has been written over"


@pytest.mark.parametrize(
    ("number", "size"),
    [pytest.param(3, 10, id="beyond the file"), pytest.param(1, 10, id="too short"), pytest.param(2, 1001, id="long")],
)
def test_a_part_that_is_not_of_this_file_is_refused(storage: LocalStorage, number: int, size: int) -> None:
    body = bytes(size)
    with pytest.raises(DigestDiffers):
        storage.put_part(KEY, opened(storage), part_of(number, body), BytesIO(body))


def test_the_later_of_two_sendings_counts(storage: LocalStorage) -> None:
    upload_id, slow = opened(storage), Slow(token_bytes(len(FIRST)))
    announced = part_of(1, slow._rest.getvalue())  # noqa: SLF001 - the double is this file's own
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(storage.put_part, KEY, upload_id, announced, slow)
        assert slow.half.wait(30)
        later = storage.put_part(KEY, upload_id, part_of(1, FIRST), BytesIO(FIRST))
        slow.go.set()
        with pytest.raises(StorageUnavailable, match="only the later sending counts"):
            early.result(30)
    assert storage.parts(KEY, upload_id) == [later]
    second = storage.put_part(KEY, upload_id, part_of(2, SECOND), BytesIO(SECOND))
    storage.complete_upload(KEY, upload_id, [(1, later.etag), (2, second.etag)], size_bytes=TWO_SIZES)
    assert storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


@pytest.mark.parametrize("ending", ["abort", "erase"])
def test_whoever_still_sends_to_an_upload_that_ended_is_refused(storage: LocalStorage, root: Path, ending: str) -> None:
    upload_id, slow = opened(storage), Slow(FIRST)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(storage.put_part, KEY, upload_id, part_of(1, FIRST), slow)
        assert slow.half.wait(30)
        if ending == "abort":
            storage.abort_upload(KEY, upload_id)
        else:
            storage.erase_prefix("lessons/r1")
        slow.go.set()
        with pytest.raises(UploadGone):
            sending.result(30)
    assert files(root) == []


def test_p34_a_published_film_is_never_written_to(storage: LocalStorage, root: Path) -> None:
    upload_id = opened(storage)
    parts = [
        storage.put_part(KEY, upload_id, part_of(number, body), BytesIO(body))
        for number, body in ((1, FIRST), (2, SECOND))
    ]
    # As if the process had been killed between giving the film its name and taking the upload's folder away.
    goal = root / "objects" / KEY
    goal.parent.mkdir(parents=True, mode=0o700)
    goal.hardlink_to(root / "uploads" / KEY / f".{upload_id}" / "bytes")
    with pytest.raises(UploadGone):
        storage.put_part(KEY, upload_id, part_of(2, bytes(1000)), BytesIO(bytes(1000)))
    stored = storage.complete_upload(KEY, upload_id, [(p.number, p.etag) for p in parts], size_bytes=TWO_SIZES)
    assert stored.size_bytes == TWO_SIZES
    assert storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()
    assert files(root) == [goal]


def test_an_object_erased_as_it_is_opened_is_one_that_is_not_there(
    storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalStorage, "local_path", lambda _storage, _key: tmp_path / "erased a moment ago")
    with pytest.raises(NotStored):
        storage.fetch("r/x/film", tmp_path / "copy")
    assert list(tmp_path.glob("copy*")) == []
