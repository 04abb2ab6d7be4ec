"""A blurred copy comes from the film by the same way as the lesson; once it is used, nothing of the film is left."""

from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest
from sqlalchemy import select, update

from app import clock
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit.models import AuditEvent
from app.authz import Action, permit
from app.errors import Conflict
from app.jobs.erasing import EraseLeftOver
from app.jobs.films import MakePreview
from app.lessons.blurs import making, service
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.exports import service as exports
from app.lessons.exports.models import Export
from app.lessons.media import keeping
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition, Segment, SoundStrip, Storyboard
from app.lessons.recordings import service as recordings
from app.lessons.recordings.models import Hold, MediaState, Recording
from app.notify.models import Notification
from tests.video.lessons import Maker
from tests.video.reading import beeps, pictures, size_of
from tests.video.test_blur import FLAT, FOLLOWING, cells, roughness, seen
from tests.workers.handlers.bench import Bench
from video.blur import Blur
from video.errors import MediaError
from workers.handlers.keeping import sweep_now
from workers.registry import HANDLERS

WISH = Blur(regions=(FOLLOWING,), voices=True)


@pytest.fixture
def lesson(bench: Bench, maker: Maker) -> Bench:
    """A lesson of thirteen seconds that is ready."""
    bench.send(maker.lesson("large.mp4").path)
    bench.work()
    return bench


def choose(bench: Bench, wish: Blur = WISH, from_ms: int = 2000) -> MakePreview:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        copy = service.choose(session, may, wish=wish, from_ms=from_ms)
        return MakePreview(copy.id, copy.version)


def begin(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.begin(session, may, version=row(bench).version)


def settle(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.settle(session, may)


def throw_away(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.throw_away(session, may)


def row(bench: Bench) -> BlurredCopy:
    with bench.tools.sessions() as session:
        return session.scalars(select(BlurredCopy)).one()


def assets(bench: Bench) -> dict[str, Asset]:
    with bench.tools.sessions() as session:
        return {asset.kind: asset for asset in session.scalars(select(Asset))}


def joined(bench: Bench, asset_id: UUID, name: str, into: Path) -> Path:
    """Put one rendition of a film together as a player does."""
    with bench.tools.sessions() as session:
        of_it = Rendition.asset_id == asset_id, Rendition.name == name
        rendition = session.scalars(select(Rendition).where(*of_it)).one()
        keys = session.scalars(
            select(Segment.key).where(Segment.rendition_id == rendition.id).order_by(Segment.number)
        ).all()
    whole = into / f"{asset_id}-{name}.mp4"
    with whole.open("wb") as file:
        for key in [rendition.init_key or "", *keys]:
            bench.tools.storage.fetch(key, into / "piece")
            file.write((into / "piece").read_bytes())
    return whole


def stored(bench: Bench) -> set[str]:
    return set(bench.tools.storage.keys("r"))


def rows_of(bench: Bench, asset_id: UUID) -> list[tuple[object, ...]]:
    """Give what a playlist of a film is made of, but for keys, sizes and digests."""
    with bench.tools.sessions() as session:
        asked = (
            select(Rendition.name, Segment.number, Segment.start_ticks, Segment.duration_ticks, Segment.frames)
            .join(Segment, Segment.rendition_id == Rendition.id)
            .where(Rendition.asset_id == asset_id)
            .order_by(Rendition.name, Segment.number)
        )
        return [tuple(each) for each in session.execute(asked)]


def test_ten_seconds_show_what_the_whole_will_be(lesson: Bench, tmp_path: Path) -> None:
    choose(lesson)
    lesson.work()
    made = row(lesson)
    assert (made.state, made.code) == (BlurState.PREVIEWED, None)
    assert made.preview_key is not None
    film = tmp_path / "preview.mp4"
    lesson.tools.storage.fetch(made.preview_key, film)
    shown = pictures(film)
    assert [number for number, _ in shown] == list(range(30, 180)), "from 2 to 12 s, at 15 a second"
    assert size_of(film) == (854, 480)
    assert len(beeps(film)) == 10
    for at_s, pixels in seen(film):
        assert roughness(cells(pixels, FOLLOWING, at_s + 2, (854, 480))) < FLAT, at_s
    sweep_now(lesson.tools)
    assert made.preview_key in stored(lesson), "what a row names stays"


def test_another_choice_takes_the_place_of_the_first(lesson: Bench) -> None:
    first = choose(lesson)
    lesson.work()
    before = row(lesson).preview_key
    second = choose(lesson, Blur(whole=True), from_ms=0)
    lesson.do(first)
    assert row(lesson).state == BlurState.WAITING, "the job of the first choice does nothing"
    lesson.work()
    made = row(lesson)
    assert (made.state, made.version) == (BlurState.PREVIEWED, second.version)
    assert [key for key in stored(lesson) if "/preview.mp4" in key] == [made.preview_key]
    assert made.preview_key != before


def test_a_preview_that_is_no_longer_wanted_is_erased_at_once(lesson: Bench) -> None:
    job = choose(lesson)
    with lesson.tools.sessions.begin() as session:
        assert making.to_preview(session, job) is not None
        session.execute(update(BlurredCopy).values(version=2))
    with lesson.tools.sessions.begin() as session:
        assert making.keep(session, job, key="r/late") is False
        making.give_up(session, job, code="frames_lost")
    assert (row(lesson).state, row(lesson).preview_key) == (BlurState.WAITING, None)
    with lesson.tools.sessions.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM procrastinate_jobs")
        assert making.give_jobs(session) == 1, "a choice that lost its job gets one"
    lesson.work()
    assert row(lesson).state == BlurState.PREVIEWED


def test_ten_seconds_that_can_not_be_made_say_so(lesson: Bench) -> None:
    job = choose(lesson)
    HANDLERS[MakePreview].given_up(job, lesson.tools, MediaError("frames_lost"))
    assert (row(lesson).state, row(lesson).code) == (BlurState.FAILED, "frames_lost")
    with lesson.tools.sessions.begin() as session:
        may = permit(session, lesson.amina.actor, Action.REC_WATCH, Recording, lesson.recording().id)
        with pytest.raises(Conflict):
            service.begin(session, may, version=1)


def test_p15_the_whole_copy_is_as_long_as_the_film_and_hides_the_region_in_every_size(
    lesson: Bench, tmp_path: Path
) -> None:
    choose(lesson)
    lesson.work()
    begin(lesson)
    lesson.work()
    film, copy = assets(lesson)["source"], assets(lesson)["blurred_copy"]
    assert rows_of(lesson, copy.id) == rows_of(lesson, film.id)
    for name in ("240p", "480p", "720p"):
        hidden = joined(lesson, copy.id, name, tmp_path)
        assert pictures(hidden) == pictures(joined(lesson, film.id, name, tmp_path))
        for at_s, pixels in seen(hidden):
            assert roughness(cells(pixels, FOLLOWING, at_s, (1280, 720))) < FLAT, (name, at_s)
    assert (
        joined(lesson, copy.id, "sound", tmp_path).read_bytes()
        != joined(lesson, film.id, "sound", tmp_path).read_bytes()
    )


def test_until_it_is_used_the_lesson_stays_as_it_was(lesson: Bench) -> None:
    before = lesson.recording()
    choose(lesson)
    lesson.work()
    begin(lesson)
    with lesson.tools.sessions() as session:
        assert {chunk.kind for chunk in session.scalars(select(Chunk).where(Chunk.done_at.is_(None)))} == {
            "picture",
            "sound",
        }
        assert keeping.give_looks(session) == 0, "nobody looks through what isn't whole"
    lesson.work()
    after = lesson.recording()
    assert (after.serve, after.media_state, after.media_code) == ("source", MediaState.READY, None)
    assert (after.watchable_ms, after.prepared_percent) == (before.watchable_ms, before.prepared_percent)
    copy = assets(lesson)["blurred_copy"]
    with lesson.tools.sessions() as session:
        for look in (Storyboard, SoundStrip):
            assert len(session.scalars(select(look.id).where(look.asset_id == copy.id)).all()) == 1
        told = session.scalars(select(Notification.kind).where(Notification.kind == "blur.made")).all()
    assert list(told) == ["blur.made"]
    assert copy.poster_key in stored(lesson)


def test_a_poster_and_small_pictures_of_a_copy_show_no_more_than_it(lesson: Bench, tmp_path: Path) -> None:
    choose(lesson, Blur(whole=True))
    lesson.work()
    begin(lesson)
    lesson.work()
    copy = assets(lesson)["blurred_copy"]
    lesson.tools.storage.fetch(copy.poster_key or "", tmp_path / "poster.jpg")
    poster = cv2.imread(str(tmp_path / "poster.jpg"), cv2.IMREAD_COLOR)
    assert poster is not None
    width, height = poster.shape[1] / 16, poster.shape[0] / 8
    for row_ in range(8):
        for column in range(16):
            top, left = height * row_, width * column
            middle = poster[
                round(top + height * 0.3) : round(top + height * 0.7),
                round(left + width * 0.3) : round(left + width * 0.7),
            ]
            assert float(np.asarray(middle).std(axis=(0, 1)).max()) < FLAT, (row_, column)


def test_p15_once_it_is_used_nothing_of_the_film_is_left(lesson: Bench) -> None:
    choose(lesson)
    lesson.work()
    begin(lesson)
    with lesson.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="watchers"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
        may = permit(session, lesson.amina.actor, Action.VIDEO_DOWNLOAD, Recording, lesson.recording().id)
        exports.ask(session, may, in_ms=0, out_ms=4000)
    lesson.work()
    assert any("/x" in key for key in stored(lesson))
    recording_id, copy = lesson.recording().id, assets(lesson)["blurred_copy"]
    film = assets(lesson)["source"]
    settle(lesson)
    assert lesson.recording().serve == "blurred"
    lesson.work()
    assert {key.split("/")[2] for key in stored(lesson)} == {str(copy.id)}
    assert set(assets(lesson)) == {"blurred_copy"}
    assert row(lesson).erased_at is not None
    assert assets(lesson)["blurred_copy"].source_erased_at is not None
    with lesson.tools.sessions() as session:
        assert session.scalars(select(Export)).all() == []
        assert session.scalars(select(Rendition).where(Rendition.asset_id == film.id)).all() == []
        told = session.scalars(select(AuditEvent).where(AuditEvent.thing_id == recording_id)).all()
    assert [event.what for event in told][-2:] == ["recording.blurred", "film.erased"]
    assert (told[-1].count or 0) > 10
    sweep_now(lesson.tools)  # two pieces at once each store the head that one of them needs
    before = stored(lesson)
    lesson.do(EraseLeftOver(recording_id))
    sweep_now(lesson.tools)
    assert stored(lesson) == before, "done again nothing changes, and what is served stays"


def test_what_is_saved_of_it_afterwards_is_blurred(lesson: Bench, tmp_path: Path) -> None:
    choose(lesson)
    lesson.work()
    begin(lesson)
    lesson.work()
    settle(lesson)
    lesson.work()
    with lesson.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="owner"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
        may = permit(session, lesson.amina.actor, Action.VIDEO_DOWNLOAD, Recording, lesson.recording().id)
        export_id = exports.ask(session, may, in_ms=1000, out_ms=5000).id
    lesson.work()
    lesson.do(EraseLeftOver(lesson.recording().id))
    with lesson.tools.sessions() as session:
        key = session.get_one(Export, export_id).key or ""
    lesson.tools.storage.fetch(key, tmp_path / "file.mp4")
    for at_s, pixels in seen(tmp_path / "file.mp4"):
        assert roughness(cells(pixels, FOLLOWING, at_s + 1, (1280, 720))) < FLAT, at_s


@pytest.mark.parametrize("after", ["preview", "begun", "whole"])
def test_thrown_away_the_lesson_stays_and_nothing_of_the_copy(lesson: Bench, after: str) -> None:
    before = stored(lesson)
    choose(lesson)
    lesson.work()
    if after != "preview":
        begin(lesson)
    if after == "whole":
        lesson.work()
    throw_away(lesson)
    lesson.work()
    assert stored(lesson) == before
    assert set(assets(lesson)) == {AssetKind.SOURCE}
    with lesson.tools.sessions() as session:
        assert session.scalars(select(BlurredCopy)).all() == []
    assert lesson.recording().serve == "source"


def test_under_a_hold_the_film_stays_until_it_is_lifted(lesson: Bench) -> None:
    choose(lesson, Blur(voices=True))
    lesson.work()
    begin(lesson)
    lesson.work()
    settle(lesson)
    before = stored(lesson)
    with lesson.tools.sessions.begin() as session:
        recording = session.scalars(select(Recording)).one()
        session.add(
            Hold(alliance_id=recording.alliance_id, recording_id=recording.id, placed_by=lesson.amina.actor.person_id)
        )
    lesson.work()
    assert stored(lesson) == before
    assert set(assets(lesson)) == {"source", "blurred_copy"}
    with lesson.tools.sessions.begin() as session:
        making.erase_films(session)
        assert lesson.waiting() == []
        session.execute(update(Hold).values(lifted_at=clock.now()))
    with lesson.tools.sessions.begin() as session:
        making.erase_films(session)
    lesson.work()
    assert set(assets(lesson)) == {"blurred_copy"}
    assert len(stored(lesson)) < len(before)


def test_a_copy_that_can_not_be_made_leaves_the_lesson_alone(lesson: Bench) -> None:
    choose(lesson)
    lesson.work()
    begin(lesson)
    copy = assets(lesson)["blurred_copy"]
    with lesson.tools.sessions() as session:
        chunk_id = session.scalars(select(Chunk.id).where(Chunk.asset_id == copy.id, Chunk.kind == "picture")).first()
    kinds = {type(job).__name__: job for job in lesson.jobs() if getattr(job, "chunk_id", None) == chunk_id}
    (job,) = kinds.values()
    HANDLERS[type(job)].given_up(job, lesson.tools, MediaError("frames_lost"))
    lesson.work()
    assert lesson.recording().media_state == MediaState.READY
    with lesson.tools.sessions() as session:
        now = service.how_far(session, lesson.recording())
    assert now is not None
    assert (now.ready, now.code) == (False, "frames_lost")
    with pytest.raises(Conflict):
        settle(lesson)


def test_p21_erasing_the_lesson_takes_the_copy_along(lesson: Bench) -> None:
    choose(lesson)
    lesson.work()
    begin(lesson)
    lesson.work()
    with lesson.tools.sessions.begin() as session:
        may = permit(session, lesson.amina.actor, Action.REC_ERASE, Recording, lesson.recording().id, lock=True)
        recordings.erase(session, may)
    lesson.work()
    assert stored(lesson) == set()
    assert assets(lesson) == {}
    with lesson.tools.sessions() as session:
        assert session.scalars(select(BlurredCopy)).all() == []
