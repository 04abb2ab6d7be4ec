"""What every storage keeps: the same tests on files on disk and on a real S3 server, over real HTTP."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from secrets import token_bytes
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import pytest

from tests.video.storage.conftest import Answer, Bench
from video.storage.base import (
    LEAST_PART_BYTES,
    AlreadyStored,
    DigestDiffers,
    NotStored,
    Part,
    PartsMissing,
    PartToSend,
    SignedPart,
    UploadGone,
)

Store = Callable[[str, bytes], None]
KEY = "lessons/r1/film.mp4"
SHORT = 1000
FIRST, SECOND = token_bytes(LEAST_PART_BYTES), token_bytes(SHORT)


def part_of(number: int, body: bytes) -> PartToSend:
    return PartToSend(number, len(body), b64encode(sha256(body).digest()).decode())


def begin(bench: Bench, key: str = KEY, *, bodies: Iterable[bytes] = (FIRST, SECOND)) -> str:
    return bench.storage.begin_upload(key, size_bytes=sum(map(len, bodies)), part_bytes=LEAST_PART_BYTES)


def address(bench: Bench, upload_id: str, number: int, body: bytes) -> SignedPart:
    return bench.storage.part_address(KEY, upload_id, part_of(number, body), expires_s=900)


def send(bench: Bench, upload_id: str, number: int, body: bytes) -> Part:
    signed = address(bench, upload_id, number, body)
    answer = bench.ask(signed.method, signed.url, body, signed.headers)
    assert answer.status == 200, answer.body
    return Part(number, answer.headers["ETag"].strip('"'), len(body))


def named(parts: Iterable[Part]) -> list[tuple[int, str]]:
    return [(part.number, part.etag) for part in parts]


def altered(url: str, **fields: str) -> str:
    """Return the address with these query fields changed; `path` changes the path."""
    at = urlsplit(url)
    query = {**dict(parse_qsl(at.query)), **{name: value for name, value in fields.items() if name != "path"}}
    return urlunsplit(at._replace(path=fields.get("path", at.path), query=urlencode(query)))


def assert_refused(answer: Answer) -> None:
    assert answer.status == 403
    assert FIRST[:16] not in answer.body
    assert SECOND[:16] not in answer.body


# Objects


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


# Addresses to read


def test_an_address_gives_the_object_and_ranges_of_it(bench: Bench, store: Store) -> None:
    body = token_bytes(2000)
    store(KEY, body)
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    whole = bench.ask("GET", url)
    assert (whole.status, whole.body) == (200, body)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Cache-Control"] == "private, no-store"
    some = bench.ask("GET", url, headers={"Range": "bytes=100-199"})
    assert (some.status, some.body) == (206, body[100:200])
    assert some.headers["Content-Range"] == "bytes 100-199/2000"
    assert bench.ask("GET", url, headers={"Range": "bytes=2000-"}).status == 416


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE"])
def test_p38_an_address_to_read_allows_nothing_else(bench: Bench, store: Store, method: str) -> None:
    store(KEY, FIRST[:64])
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    answer = bench.ask(method, url, b"other" if method in {"PUT", "POST"} else None)
    # No rule at all for a method is as good a refusal as a wrong signature.
    assert answer.status in {403, 405}
    assert bench.storage.sha256_of(KEY) == sha256(FIRST[:64]).hexdigest()


def test_p38_an_altered_address_is_refused(bench: Bench, store: Store) -> None:
    store(KEY, FIRST[:64])
    store("lessons/r2/film.mp4", SECOND[:64])
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    assert bench.ask("GET", url).status == 200
    query = dict(parse_qsl(urlsplit(url).query))
    for name, value in query.items():
        other = value[:-1] + ("0" if value[-1] != "0" else "1")
        assert bench.ask("GET", altered(url, **{name: other})).status in {400, 403}, name
    path = urlsplit(url).path
    assert_refused(bench.ask("GET", altered(url, path=path.replace("r1", "r2"))))
    assert_refused(bench.ask("GET", url, headers={"Host": "elsewhere.example"}))


def test_p7_p38_an_address_ends(bench: Bench, store: Store) -> None:
    store(KEY, FIRST[:64])
    with bench.signing_ago(61):
        ended = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    with bench.signing_ago(30):
        holds = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    assert_refused(bench.ask("GET", ended))
    assert bench.ask("GET", holds).status == 200


@pytest.mark.parametrize("expires_s", [0, -1, 61, 3600])
def test_p38_no_address_to_read_lives_longer_than_a_minute(bench: Bench, expires_s: int) -> None:
    with pytest.raises(ValueError, match="may live 1 to 60 s"):
        bench.storage.url(KEY, expires_s=expires_s, content_type="video/mp4")


# Uploads


def test_parts_become_one_object(bench: Bench) -> None:
    upload_id = begin(bench)
    sent = [send(bench, upload_id, 2, SECOND), send(bench, upload_id, 1, FIRST)]
    assert bench.storage.head(KEY) is None, "not whole until completed"
    assert bench.storage.parts(KEY, upload_id) == sorted(sent, key=lambda part: part.number)
    stored = bench.storage.complete_upload(KEY, upload_id, named(sent), size_bytes=len(FIRST + SECOND))
    assert stored.size_bytes == len(FIRST + SECOND)
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()
    assert bench.storage.sha256_of(KEY, offset=len(FIRST), size=SHORT) == sha256(SECOND).hexdigest()
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    border = bench.ask("GET", url, headers={"Range": f"bytes={len(FIRST) - 2}-{len(FIRST) + 1}"})
    assert (border.status, border.body) == (206, FIRST[-2:] + SECOND[:2])


def test_p34_a_repeated_completion_gives_the_same_answer(bench: Bench) -> None:
    upload_id = begin(bench)
    parts = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    answers = [bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=len(FIRST + SECOND)) for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
    assert list(bench.storage.open_uploads("")) == []
    bench.storage.abort_upload(KEY, upload_id)
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest(), "the object outlives its upload"
    with pytest.raises(UploadGone):
        bench.storage.parts(KEY, upload_id)
    with pytest.raises(AlreadyStored):
        begin(bench)


def test_completions_at_the_same_time_agree(bench: Bench) -> None:
    upload_id = begin(bench)
    parts = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])

    def complete(_: int) -> int:
        return bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=len(FIRST + SECOND)).size_bytes

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(complete, range(4))) == {len(FIRST + SECOND)}
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_a_wrong_etag_is_refused_and_the_upload_stays_open(bench: Bench) -> None:
    upload_id = begin(bench)
    parts = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    with pytest.raises(DigestDiffers) as refused:
        bench.storage.complete_upload(KEY, upload_id, [parts[0], (2, "0" * 32)], size_bytes=len(FIRST + SECOND))
    assert refused.value.numbers == (2,)
    assert bench.storage.head(KEY) is None
    bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=len(FIRST + SECOND))
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


@pytest.mark.parametrize("numbers", [(), (1,), (2,), (1, 2, 3)])
def test_missing_parts_are_named(bench: Bench, numbers: tuple[int, ...]) -> None:
    upload_id = begin(bench)
    sent = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    chosen = [(number, dict(sent).get(number, "0" * 32)) for number in numbers]
    with pytest.raises(PartsMissing) as refused:
        bench.storage.complete_upload(KEY, upload_id, chosen, size_bytes=len(FIRST + SECOND))
    assert set(refused.value.numbers) <= {1, 2, 3} - (set(numbers) - {3})
    assert refused.value.numbers
    assert bench.storage.head(KEY) is None


def test_a_part_sent_twice_keeps_the_last(bench: Bench) -> None:
    upload_id, early = begin(bench), token_bytes(len(FIRST))
    send(bench, upload_id, 1, early)
    parts = [send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)]
    assert bench.storage.parts(KEY, upload_id) == parts
    bench.storage.complete_upload(KEY, upload_id, named(parts), size_bytes=len(FIRST + SECOND))
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_a_part_that_broke_off_is_not_there(bench: Bench) -> None:
    upload_id = begin(bench)
    kept = send(bench, upload_id, 2, SECOND)
    signed = address(bench, upload_id, 1, FIRST)
    bench.break_off(signed.url, signed.headers, FIRST[: len(FIRST) // 2], announced=len(FIRST))
    assert bench.storage.parts(KEY, upload_id) == [kept]
    with pytest.raises(PartsMissing):
        bench.storage.complete_upload(KEY, upload_id, named([kept]), size_bytes=len(FIRST + SECOND))
    again = send(bench, upload_id, 1, FIRST)
    bench.storage.complete_upload(KEY, upload_id, named([again, kept]), size_bytes=len(FIRST + SECOND))
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_a_part_can_be_written_from_here(bench: Bench) -> None:
    upload_id = begin(bench)
    sent = [
        bench.storage.put_part(KEY, upload_id, part_of(number, body), BytesIO(body))
        for number, body in ((1, FIRST), (2, SECOND))
    ]
    assert bench.storage.parts(KEY, upload_id) == sent
    for wrong in (SECOND[:-1], SECOND + b"x", SECOND[:-1] + bytes([SECOND[-1] ^ 1])):
        with pytest.raises(DigestDiffers) as refused:
            bench.storage.put_part(KEY, upload_id, part_of(2, SECOND), BytesIO(wrong))
        assert refused.value.numbers == (2,)


def test_p38_an_altered_part_address_is_refused(bench: Bench) -> None:
    upload_id = begin(bench)
    signed = address(bench, upload_id, 2, SECOND)
    for name, value in parse_qsl(urlsplit(signed.url).query):
        other = value[:-1] + ("0" if value[-1] != "0" else "1")
        answer = bench.ask("PUT", altered(signed.url, **{name: other}), SECOND, signed.headers)
        assert answer.status in {400, 403}, name
    elsewhere = altered(signed.url, path=urlsplit(signed.url).path.replace("r1", "r2"))
    assert_refused(bench.ask("PUT", elsewhere, SECOND, signed.headers))
    assert_refused(bench.ask("PUT", signed.url, SECOND, {**signed.headers, "Host": "elsewhere.example"}))
    assert_refused(bench.ask("GET", signed.url, None, signed.headers))
    assert bench.ask("PUT", signed.url, SECOND + b"x", signed.headers).status in {400, 403}
    assert bench.storage.parts(KEY, upload_id) == []


def test_p38_a_part_address_ends(bench: Bench) -> None:
    upload_id = begin(bench)
    with bench.signing_ago(901):
        signed = address(bench, upload_id, 2, SECOND)
    assert_refused(bench.ask("PUT", signed.url, SECOND, signed.headers))
    assert bench.storage.parts(KEY, upload_id) == []


def test_a_broken_off_upload_is_gone(bench: Bench) -> None:
    upload_id = begin(bench)
    send(bench, upload_id, 2, SECOND)
    signed = address(bench, upload_id, 2, SECOND)
    for _ in range(2):
        bench.storage.abort_upload(KEY, upload_id)
    with pytest.raises(UploadGone):
        bench.storage.parts(KEY, upload_id)
    with pytest.raises(UploadGone):
        bench.storage.complete_upload(KEY, upload_id, [(1, "x")], size_bytes=len(FIRST + SECOND))
    assert bench.ask("PUT", signed.url, SECOND, signed.headers).status == 404
    assert list(bench.storage.open_uploads("")) == []
    assert not bench.holds(SECOND[:64])


@pytest.mark.parametrize(
    ("size_bytes", "part_bytes"),
    [
        pytest.param(0, LEAST_PART_BYTES, id="nothing to send"),
        pytest.param(LEAST_PART_BYTES * 10_001, LEAST_PART_BYTES, id="more parts than S3 takes"),
        pytest.param(LEAST_PART_BYTES * 2, LEAST_PART_BYTES - 1, id="parts shorter than S3 takes"),
    ],
)
def test_a_plan_that_s3_could_not_hold_is_refused(bench: Bench, size_bytes: int, part_bytes: int) -> None:
    with pytest.raises(ValueError, match="cannot be sent in parts"):
        bench.storage.begin_upload(KEY, size_bytes=size_bytes, part_bytes=part_bytes)


# Listing and erasing


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
    assert list(bench.storage.keys("nowhere")) == list(bench.storage.open_uploads("nowhere")) == []


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
    bench.storage.complete_upload("lessons/r1/other.mp4", finished, named(sent), size_bytes=len(FIRST + SECOND))
    late = address(bench, open_one, 1, FIRST)
    assert bench.holds(canary)
    assert bench.storage.erase_prefix("lessons/r1") == 4
    assert not bench.holds(canary)
    assert bench.holds(neighbour)
    assert list(bench.storage.keys("lessons/r1")) == list(bench.storage.open_uploads("lessons/r1")) == []
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
    keys = [f"lessons/r1/{quote(str(number))}.m4s" for number in range(1001)]
    digest = sha256(b"x").hexdigest()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: bench.storage.put(key, source, sha256=digest), keys))
    assert sorted(bench.storage.keys("lessons/r1")) == sorted(keys)
    assert bench.storage.erase_prefix("lessons/r1") == 1001
    assert list(bench.storage.keys("")) == []
