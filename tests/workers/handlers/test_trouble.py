"""Films that can't be used, bytes that changed on the way: said plainly, and mended where it can be."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.agreements.cycles.models import Cycle, CycleState
from app.authz import Action, permit
from app.errors import Conflict
from app.jobs.films import EncodeOpening, EncodeSound, ProbeUpload, VerifyUpload
from app.lessons.media.models import Asset
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import retrying
from app.lessons.uploads.models import Part, Upload, UploadState
from app.lessons.uploads.queries import received
from tests.conftest import Clock
from tests.video.hostile import REFUSED
from tests.video.lessons import Maker
from tests.workers.handlers.bench import Bench
from video.errors import MediaError
from video.storage.local import LocalStorage
from workers.handlers.encode import encode_sound, probe_upload
from workers.handlers.keeping import sweep_now
from workers.handlers.leases import give_up
from workers.handlers.upload import expire_uploads, verify_upload


@pytest.mark.parametrize("name", sorted(set(REFUSED) - {"empty"}))
def test_a_film_that_cant_be_used_says_why_and_is_never_watched(
    bench: Bench, maker: Maker, tmp_path: Path, name: str
) -> None:
    code, make = REFUSED[name]
    film = tmp_path / "lesson.mp4"
    film.write_bytes(make(maker))
    probe_upload(ProbeUpload(bench.send(film)), bench.tools)
    recording, upload = bench.recording(), bench.upload()
    assert (recording.media_state, recording.media_code) == (MediaState.NEEDS_ATTENTION, code)
    assert (upload.state, upload.code) == (UploadState.NEEDS_ATTENTION, code)
    assert bench.rows() == []
    with bench.tools.sessions() as session:
        assert session.scalars(select(Asset)).all() == []
        states = session.scalars(select(Cycle.state)).all()
    assert states == [CycleState.BEGUN], "the turn still waits for its lesson"


def test_a_film_of_which_no_picture_can_be_read_is_no_lesson(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    data = bytearray(maker.lesson("plain.mp4").path.read_bytes())
    begins = data.index(b"mdat") + 4
    data[begins:] = bytes(len(data) - begins)
    film = tmp_path / "lesson.mp4"
    film.write_bytes(data)
    bench.send(film)
    bench.work()
    recording = bench.recording()
    assert (recording.media_state, recording.media_code) == (MediaState.NEEDS_ATTENTION, "not_video")
    assert bench.segments("240p") == []


def flip(storage: LocalStorage, key: str, at: int) -> None:
    """Change one byte where it lies, as a failing disk does."""
    path = storage.local_path(key)
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


def long_film(maker: Maker, to: Path) -> Path:
    """A film of three parts, two of 8 MiB: what follows the index of an MP4 is nobody's business."""
    data = maker.lesson("plain.mp4").path.read_bytes()
    rest = 17 * 1024 * 1024 - len(data)
    to.write_bytes(data + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8))
    return to


def test_one_flipped_byte_is_found_and_that_part_alone_is_asked_for_again(
    bench: Bench, maker: Maker, storage: LocalStorage, tmp_path: Path
) -> None:
    film = long_film(maker, tmp_path / "long.mp4")
    upload_id = bench.send(film)
    former = bench.upload().storage_key
    probe_upload(ProbeUpload(upload_id), bench.tools)
    flip(storage, former, 9 * 1024 * 1024)
    verify_upload(VerifyUpload(upload_id), bench.tools)
    upload, recording = bench.upload(), bench.recording()
    assert (upload.state, upload.code) == (UploadState.MISMATCH, "hash_differs")
    assert recording.verified_at is None
    assert recording.media_state == MediaState.WAITING
    with bench.tools.sessions() as session:
        assert [part.number for part in received(session, upload, storage)] == [1, 3]
        assert session.scalars(select(Part.number).order_by(Part.number)).all() == [1, 3]
    assert storage.head(former) is None
    assert bench.send(film) == upload_id
    bench.work()
    assert bench.upload().state == UploadState.VERIFIED
    assert bench.recording().media_state == MediaState.READY
    assert bench.recording().verified_at is not None


def test_a_film_whose_verifying_failed_is_not_published_from_the_bytes_that_differed(
    bench: Bench, maker: Maker, storage: LocalStorage, tmp_path: Path
) -> None:
    upload_id = bench.send(long_film(maker, tmp_path / "long.mp4"))
    probe_upload(ProbeUpload(upload_id), bench.tools)
    opening = next(chunk for chunk in bench.chunks() if chunk.kind == "picture")
    flip(storage, bench.upload().storage_key, 9 * 1024 * 1024)
    verify_upload(VerifyUpload(upload_id), bench.tools)
    bench.do(EncodeOpening(opening.id))
    assert bench.rows() == []
    assert bench.chunks() == []


def test_sound_goes_on_where_a_lost_worker_stopped(bench: Bench, maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.send(maker.lesson("long.mp4").path)
    probe_upload(ProbeUpload(bench.upload().id), bench.tools)
    (sound,) = [chunk for chunk in bench.chunks() if chunk.kind == "sound"]
    stored: list[str] = []
    store = type(bench.tools).store

    def stop_at_the_fifth(_tools: object, key: str, file: Path) -> str:
        if len(stored) == 5:
            raise MediaError("frames_lost", detail="the worker is lost")
        stored.append(key)
        return store(bench.tools, key, file)

    monkeypatch.setattr(type(bench.tools), "store", stop_at_the_fifth)
    with pytest.raises(MediaError):
        encode_sound(EncodeSound(sound.id), bench.tools)
    monkeypatch.undo()
    before = {segment.number: segment.key for segment in bench.segments("sound")}
    encode_sound(EncodeSound(sound.id), bench.tools)
    after = {segment.number: segment.key for segment in bench.segments("sound")}
    assert sorted(after) == list(range(len(after)))
    assert {number: after[number] for number in before} == before, "nobody who listens finds a piece gone"
    ends = [segment.start_ticks + segment.duration_ticks for segment in bench.segments("sound")]
    begins = [segment.start_ticks for segment in bench.segments("sound")]
    assert ends[:-1] == begins[1:]


def test_a_teacher_may_have_it_tried_again(bench: Bench, maker: Maker) -> None:
    upload_id = bench.send(maker.lesson("plain.mp4").path)
    for job in (ProbeUpload(upload_id), VerifyUpload(upload_id)):
        bench.do(job)
    opening = next(chunk for chunk in bench.chunks() if chunk.kind == "picture")
    give_up(EncodeOpening(opening.id), bench.tools, MediaError("frames_lost"))
    bench.work()
    assert bench.recording().media_state == MediaState.NEEDS_ATTENTION
    assert bench.recording().media_code == "frames_lost"
    retry(bench)
    assert bench.recording().media_state == MediaState.PREPARING
    bench.work()
    assert (bench.recording().media_state, bench.recording().media_code) == (MediaState.READY, None)
    with pytest.raises(Conflict):
        retry(bench)


def retry(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may_go_on = permit(session, bench.amina.actor, Action.UPLOAD_RESUME, Upload, bench.upload().id, lock=True)
        retrying.try_again(session, may_go_on)


def test_another_film_replaces_one_that_cant_be_used(bench: Bench, maker: Maker, tmp_path: Path, clock: Clock) -> None:
    film = tmp_path / "lesson.mp4"
    film.write_bytes(REFUSED["text"][1](maker))
    probe_upload(ProbeUpload(bench.send(film)), bench.tools)
    former = bench.upload().storage_key
    second = bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    with bench.tools.sessions() as session:
        states = {upload.id == second: upload.state for upload in session.scalars(select(Upload))}
        assert states == {True: UploadState.VERIFIED, False: UploadState.ERASED}
        assert len(session.scalars(select(Recording)).all()) == 1
    clock.forward(hours=2)
    sweep_now(bench.tools)
    assert bench.tools.storage.head(former) is None
    assert sweep_now(bench.tools) == 0
    assert bench.tools.storage.head(bench.asset().source_key) is not None


def test_an_upload_for_which_nothing_comes_for_a_week_is_let_go(
    bench: Bench, maker: Maker, storage: LocalStorage, clock: Clock, tmp_path: Path
) -> None:
    film = long_film(maker, tmp_path / "long.mp4")
    bench.begin(film, parts=1)
    assert len(list(storage.open_uploads("r"))) == 1
    clock.forward(days=6, hours=23)
    expire_uploads(bench.tools, clock.now())
    assert bench.upload().state == UploadState.OPEN
    clock.forward(hours=2)
    expire_uploads(bench.tools, clock.now())
    assert bench.upload().state == UploadState.EXPIRED
    assert list(storage.open_uploads("r")) == []


def test_parts_that_no_row_knows_are_swept(bench: Bench, storage: LocalStorage, clock: Clock, maker: Maker) -> None:
    bench.begin(maker.lesson("plain.mp4").path, parts=0)
    key = bench.upload().storage_key.replace(bench.upload().storage_key.split("/")[2], "0" * 32)
    storage.begin_upload(key, size_bytes=10, part_bytes=8 * 1024 * 1024)
    clock.forward(hours=2)
    assert sweep_now(bench.tools) == 1
    assert [found for found, _ in storage.open_uploads("r")] == [bench.upload().storage_key]
