"""Uploads in parts to both storages, over real HTTP: resumed, repeated, broken off, altered."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from secrets import token_bytes

import pytest

from tests.video.storage.bench import FIRST, KEY, SECOND, SHORT, TWO_SIZES, Bench, address, begin, named, part_of, send
from video.storage.base import LEAST_PART_BYTES, AlreadyStored, DigestDiffers, PartsMissing, UploadGone


def test_parts_become_one_object(bench: Bench) -> None:
    upload_id = begin(bench)
    sent = [send(bench, upload_id, 2, SECOND), send(bench, upload_id, 1, FIRST)]
    assert bench.storage.head(KEY) is None, "not whole until completed"
    assert bench.storage.parts(KEY, upload_id) == sorted(sent, key=lambda part: part.number)
    stored = bench.storage.complete_upload(KEY, upload_id, named(sent), size_bytes=TWO_SIZES)
    assert stored.size_bytes == TWO_SIZES
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()
    assert bench.storage.sha256_of(KEY, offset=len(FIRST), size=SHORT) == sha256(SECOND).hexdigest()
    url = bench.storage.url(KEY, expires_s=60, content_type="video/mp4")
    border = bench.ask("GET", url, headers={"Range": f"bytes={len(FIRST) - 2}-{len(FIRST) + 1}"})
    assert (border.status, border.body) == (206, FIRST[-2:] + SECOND[:2])


def test_p34_a_repeated_completion_gives_the_same_answer(bench: Bench) -> None:
    upload_id = begin(bench)
    parts = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    answers = [bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=TWO_SIZES) for _ in range(3)]
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
        return bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=TWO_SIZES).size_bytes

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(complete, range(4))) == {TWO_SIZES}
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_a_wrong_etag_is_refused_and_the_upload_stays_open(bench: Bench) -> None:
    upload_id = begin(bench)
    parts = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    with pytest.raises(DigestDiffers) as refused:
        bench.storage.complete_upload(KEY, upload_id, [parts[0], (2, "0" * 32)], size_bytes=TWO_SIZES)
    assert refused.value.numbers == (2,)
    assert bench.storage.head(KEY) is None
    bench.storage.complete_upload(KEY, upload_id, parts, size_bytes=TWO_SIZES)
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


@pytest.mark.parametrize("numbers", [(), (1,), (2,), (1, 2, 3)])
def test_missing_parts_are_named(bench: Bench, numbers: tuple[int, ...]) -> None:
    upload_id = begin(bench)
    sent = named([send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)])
    chosen = [(number, dict(sent).get(number, "0" * 32)) for number in numbers]
    with pytest.raises(PartsMissing) as refused:
        bench.storage.complete_upload(KEY, upload_id, chosen, size_bytes=TWO_SIZES)
    assert set(refused.value.numbers) <= {1, 2, 3} - (set(numbers) - {3})
    assert refused.value.numbers
    assert bench.storage.head(KEY) is None


def test_a_part_sent_twice_keeps_the_last(bench: Bench) -> None:
    upload_id, early = begin(bench), token_bytes(len(FIRST))
    send(bench, upload_id, 1, early)
    parts = [send(bench, upload_id, 1, FIRST), send(bench, upload_id, 2, SECOND)]
    assert bench.storage.parts(KEY, upload_id) == parts
    bench.storage.complete_upload(KEY, upload_id, named(parts), size_bytes=TWO_SIZES)
    assert bench.storage.sha256_of(KEY) == sha256(FIRST + SECOND).hexdigest()


def test_a_part_that_broke_off_is_not_there(bench: Bench) -> None:
    upload_id = begin(bench)
    kept = send(bench, upload_id, 2, SECOND)
    signed = address(bench, upload_id, 1, FIRST)
    bench.break_off(signed.url, signed.headers, FIRST[: len(FIRST) // 2], announced=len(FIRST))
    assert bench.storage.parts(KEY, upload_id) == [kept]
    with pytest.raises(PartsMissing):
        bench.storage.complete_upload(KEY, upload_id, named([kept]), size_bytes=TWO_SIZES)
    again = send(bench, upload_id, 1, FIRST)
    bench.storage.complete_upload(KEY, upload_id, named([again, kept]), size_bytes=TWO_SIZES)
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


def test_a_broken_off_upload_is_gone(bench: Bench) -> None:
    upload_id, canary = begin(bench), token_bytes(SHORT)
    send(bench, upload_id, 2, canary)
    signed = address(bench, upload_id, 2, canary)
    assert bench.holds(canary)
    for _ in range(2):
        bench.storage.abort_upload(KEY, upload_id)
    with pytest.raises(UploadGone):
        bench.storage.parts(KEY, upload_id)
    with pytest.raises(UploadGone):
        bench.storage.complete_upload(KEY, upload_id, [(1, "x")], size_bytes=TWO_SIZES)
    assert bench.ask("PUT", signed.url, canary, signed.headers).status == 404
    assert list(bench.storage.open_uploads("")) == []
    assert not bench.holds(canary)


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
