"""What every storage keeps: the same tests on files on disk and on a real S3 server. Here: objects, lists, erasing."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from secrets import token_bytes

import pytest

from tests.video.storage.bench import FIRST, KEY, SECOND, TWO_SIZES, Bench, Store, address, begin, named, part_of, send
from video.storage.base import AlreadyStored, DigestDiffers, NotStored


def test_an_object_comes_back_as_it_was_put(bench: Bench, store: Store, tmp_path: Path) -> None:
    store(KEY, b"a lesson")
    into = tmp_path / "copy"
    bench.storage.fetch(KEY, into)
    assert into.read_bytes() == b"a lesson"
    found = bench.storage.head(KEY)
    assert found is not None
    assert found.size_bytes == len(b"a lesson")
    in_place = bench.storage.local_path(KEY)
    assert (in_place is None) is (bench.kind == "s3")
    assert in_place is None or in_place.read_bytes() == b"a lesson"


def test_a_key_is_written_once(bench: Bench, store: Store) -> None:
    store(KEY, b"the first")
    for _ in range(2):
        with pytest.raises(AlreadyStored):
            store(KEY, b"the second")
    assert bench.storage.sha256_of(KEY) == sha256(b"the first").hexdigest()


def test_other_bytes_than_announced_are_not_stored(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"flipped")
    with pytest.raises(DigestDiffers):
        bench.storage.put(KEY, source, sha256=sha256(b"flippec").hexdigest())
    assert bench.storage.head(KEY) is None
    assert list(bench.storage.keys("")) == []


def test_what_is_not_stored_is_said_to_be_absent(bench: Bench, store: Store, tmp_path: Path) -> None:
    store("lessons/r1/other", b"x")
    assert bench.storage.head(KEY) is None
    with pytest.raises(NotStored):
        bench.storage.fetch(KEY, tmp_path / "copy")
    with pytest.raises(NotStored):
        bench.storage.sha256_of(KEY)
    assert not (tmp_path / "copy").exists()
    answer = bench.ask("GET", bench.storage.url(KEY, expires_s=60, content_type="video/mp4"))
    assert answer.status == 404


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("", id="nothing"),
        pytest.param("../outside", id="above the folder"),
        pytest.param("a/../../outside", id="above, from within"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("a//b", id="an empty piece"),
        pytest.param("a/.hidden", id="names with a dot in front are the storage's own"),
        pytest.param("a\x00b", id="a zero byte"),
        pytest.param("a\nb", id="a line's end"),
        pytest.param("é", id="beyond ASCII: spelt in two ways"),
        pytest.param("a" * 600, id="too long"),
    ],
)
def test_what_is_no_key_never_reaches_the_storage(bench: Bench, store: Store, key: str) -> None:
    with pytest.raises(ValueError, match="not a storage key"):
        store(key, b"x")
    with pytest.raises(ValueError, match="not a storage key"):
        bench.storage.head(key)


def test_a_stretch_is_read_back_by_itself(bench: Bench, store: Store) -> None:
    body = token_bytes(3000)
    store(KEY, body)
    assert bench.storage.sha256_of(KEY, offset=1000, size=500) == sha256(body[1000:1500]).hexdigest()
    assert bench.storage.sha256_of(KEY, size=1) == sha256(body[:1]).hexdigest()
    assert bench.storage.sha256_of(KEY, offset=2999) == sha256(body[2999:]).hexdigest()
    for offset, size in [(2900, 101), (3000, 1), (3000, None)]:
        with pytest.raises(DigestDiffers):
            bench.storage.sha256_of(KEY, offset=offset, size=size)


def test_the_probe_leaves_nothing(bench: Bench) -> None:
    bench.storage.check()
    bench.storage.prepare()
    assert list(bench.storage.keys("")) == []


def test_a_prefix_is_a_path_and_never_reaches_its_neighbour(bench: Bench, store: Store) -> None:
    for key in ("lessons/r1/a", "lessons/r1/b/c", "lessons/r10/a", "lessons/r1.txt"):
        store(key, b"x")
    begin(bench, "lessons/r10/film.mp4")
    upload_id = begin(bench)
    assert sorted(bench.storage.keys("lessons/r1")) == ["lessons/r1/a", "lessons/r1/b/c"]
    assert sorted(bench.storage.keys("lessons/r1/")) == ["lessons/r1/a", "lessons/r1/b/c"]
    assert list(bench.storage.keys("lessons/r1/a")) == ["lessons/r1/a"]
    assert len(list(bench.storage.keys(""))) == 4
    assert list(bench.storage.open_uploads("lessons/r1")) == [(KEY, upload_id)]
    assert len(list(bench.storage.open_uploads(""))) == 2
    assert [*bench.storage.keys("nowhere"), *bench.storage.open_uploads("nowhere")] == []


def test_p21_erasing_leaves_nothing_on_the_disk(bench: Bench, store: Store) -> None:
    canary, neighbour = token_bytes(64), token_bytes(64)
    store("lessons/r1/a", canary)
    store("lessons/r1/b/c", canary)
    store("lessons/r10/a", neighbour)
    open_one = begin(bench)
    send(bench, open_one, 2, canary + SECOND[64:])
    finished = begin(bench, "lessons/r1/other.mp4")
    sent = [
        bench.storage.put_part("lessons/r1/other.mp4", finished, part_of(number, body), BytesIO(body))
        for number, body in ((1, canary + FIRST[64:]), (2, SECOND))
    ]
    bench.storage.complete_upload("lessons/r1/other.mp4", finished, named(sent), size_bytes=TWO_SIZES)
    late = address(bench, open_one, 1, FIRST)
    assert bench.holds(canary)
    assert bench.storage.erase_prefix("lessons/r1") == 4
    assert not bench.holds(canary)
    assert bench.holds(neighbour)
    assert [*bench.storage.keys("lessons/r1"), *bench.storage.open_uploads("lessons/r1")] == []
    assert bench.ask("PUT", late.url, FIRST, late.headers).status == 404, "an address from before opens nothing"
    assert bench.storage.erase_prefix("lessons/r1") == 0


def test_one_object_is_erased_by_its_key(bench: Bench, store: Store) -> None:
    store("lessons/r1/a", b"x")
    store("lessons/r1/ab", b"x")
    assert bench.storage.erase_prefix("lessons/r1/a") == 1
    assert list(bench.storage.keys("")) == ["lessons/r1/ab"]


@pytest.mark.parametrize("prefix", ["", "/", "..", "lessons/../.."])
def test_everything_is_never_erased_at_once(bench: Bench, store: Store, prefix: str) -> None:
    store(KEY, b"x")
    with pytest.raises(ValueError, match=r"never erased|not a storage key"):
        bench.storage.erase_prefix(prefix)
    assert list(bench.storage.keys("")) == [KEY]


@pytest.mark.slow
def test_more_objects_than_fit_in_one_answer_are_listed_and_erased(bench: Bench, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    keys = [f"lessons/r1/{number}.m4s" for number in range(1001)]
    digest = sha256(b"x").hexdigest()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: bench.storage.put(key, source, sha256=digest), keys))
    assert sorted(bench.storage.keys("lessons/r1")) == sorted(keys)
    assert bench.storage.erase_prefix("lessons/r1") == 1001
    assert list(bench.storage.keys("")) == []
