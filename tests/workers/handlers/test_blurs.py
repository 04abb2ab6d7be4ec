"""A blurred copy comes from the film by the same way as the ready, and hides the same in every size."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select, update

from app.authz import Action, permit
from app.errors import Conflict
from app.jobs.films import MakePreview
from app.lessons.blurs import making, service
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.media import keeping
from app.lessons.media.models import Chunk, SoundStrip, Storyboard
from app.lessons.recordings.models import MediaState, Recording
from app.notify.models import Notification
from tests.video.reading import beeps, pictures, size_of
from tests.video.test_blur import FLAT, FOLLOWING, cells, roughness, seen
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.blurring import (
    assets,
    begin,
    choose,
    joined,
    row,
    rows_of,
    settle,
    stored,
)
from video.blur import Blur
from video.errors import MediaError
from workers.handlers.keeping import sweep_now
from workers.registry import HANDLERS


def test_ten_seconds_show_what_the_whole_will_be(ready: Bench, tmp_path: Path) -> None:
    choose(ready)
    ready.work()
    made = row(ready)
    assert (made.state, made.code) == (BlurState.PREVIEWED, None)
    assert made.preview_key is not None
    film = tmp_path / "preview.mp4"
    ready.tools.storage.fetch(made.preview_key, film)
    shown = pictures(film)
    assert [number for number, _ in shown] == list(range(30, 180)), "from 2 to 12 s, at 15 a second"
    assert size_of(film) == (854, 480)
    assert len(beeps(film)) == 10
    for at_s, pixels in seen(film):
        assert roughness(cells(pixels, FOLLOWING, at_s + 2, (854, 480))) < FLAT, at_s
    sweep_now(ready.tools)
    assert made.preview_key in stored(ready), "what a row names stays"


def test_another_choice_takes_the_place_of_the_first(ready: Bench) -> None:
    first = choose(ready)
    ready.work()
    before = row(ready).preview_key
    second = choose(ready, Blur(whole=True), from_ms=0)
    ready.do(first)
    assert row(ready).state == BlurState.WAITING, "the job of the first choice does nothing"
    ready.work()
    made = row(ready)
    assert (made.state, made.version) == (BlurState.PREVIEWED, second.version)
    assert [key for key in stored(ready) if "/preview.mp4" in key] == [made.preview_key]
    assert made.preview_key != before


def test_a_preview_that_is_no_longer_wanted_is_erased_at_once(ready: Bench) -> None:
    job = choose(ready)
    with ready.tools.sessions.begin() as session:
        assert making.to_preview(session, job) is not None
        session.execute(update(BlurredCopy).values(version=2))
    with ready.tools.sessions.begin() as session:
        assert making.keep(session, job, key="r/late") is False
        making.give_up(session, job, code="frames_lost")
    assert (row(ready).state, row(ready).preview_key) == (BlurState.WAITING, None)
    with ready.tools.sessions.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM procrastinate_jobs")
        assert making.give_jobs(session) == 1, "a choice that lost its job gets one"
    ready.work()
    assert row(ready).state == BlurState.PREVIEWED


def test_ten_seconds_that_can_not_be_made_say_so(ready: Bench) -> None:
    job = choose(ready)
    HANDLERS[MakePreview].given_up(job, ready.tools, MediaError("frames_lost"))
    assert (row(ready).state, row(ready).code) == (BlurState.FAILED, "frames_lost")
    with ready.tools.sessions.begin() as session:
        may = permit(session, ready.amina.actor, Action.REC_WATCH, Recording, ready.recording().id)
        with pytest.raises(Conflict):
            service.begin(session, may, version=1)


def test_p15_the_whole_copy_is_as_long_as_the_film_and_hides_the_region_in_every_size(
    ready: Bench, tmp_path: Path
) -> None:
    choose(ready)
    ready.work()
    begin(ready)
    ready.work()
    film, copy = assets(ready)["source"], assets(ready)["blurred_copy"]
    assert rows_of(ready, copy.id) == rows_of(ready, film.id)
    for name in ("240p", "480p", "720p"):
        hidden = joined(ready, copy.id, name, tmp_path)
        assert pictures(hidden) == pictures(joined(ready, film.id, name, tmp_path))
        for at_s, pixels in seen(hidden):
            assert roughness(cells(pixels, FOLLOWING, at_s, (1280, 720))) < FLAT, (name, at_s)
    assert (
        joined(ready, copy.id, "sound", tmp_path).read_bytes() != joined(ready, film.id, "sound", tmp_path).read_bytes()
    )


def test_until_it_is_used_the_lesson_stays_as_it_was(ready: Bench) -> None:
    before = ready.recording()
    choose(ready)
    ready.work()
    begin(ready)
    with ready.tools.sessions() as session:
        assert {chunk.kind for chunk in session.scalars(select(Chunk).where(Chunk.done_at.is_(None)))} == {
            "picture",
            "sound",
        }
        assert keeping.give_looks(session) == 0, "nobody looks through what isn't whole"
    ready.work()
    after = ready.recording()
    assert (after.serve, after.media_state, after.media_code) == ("source", MediaState.READY, None)
    assert (after.watchable_ms, after.prepared_percent) == (before.watchable_ms, before.prepared_percent)
    copy = assets(ready)["blurred_copy"]
    with ready.tools.sessions() as session:
        for look in (Storyboard, SoundStrip):
            assert len(session.scalars(select(look.id).where(look.asset_id == copy.id)).all()) == 1
        told = session.scalars(select(Notification.kind).where(Notification.kind == "blur.made")).all()
    assert list(told) == ["blur.made"]
    assert copy.poster_key in stored(ready)


def test_a_poster_and_small_pictures_of_a_copy_show_no_more_than_it(ready: Bench, tmp_path: Path) -> None:
    choose(ready, Blur(whole=True))
    ready.work()
    begin(ready)
    ready.work()
    copy = assets(ready)["blurred_copy"]
    ready.tools.storage.fetch(copy.poster_key or "", tmp_path / "poster.jpg")
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


def test_a_copy_that_can_not_be_made_leaves_the_lesson_alone(ready: Bench) -> None:
    choose(ready)
    ready.work()
    begin(ready)
    copy = assets(ready)["blurred_copy"]
    with ready.tools.sessions() as session:
        chunk_id = session.scalars(select(Chunk.id).where(Chunk.asset_id == copy.id, Chunk.kind == "picture")).first()
    kinds = {type(job).__name__: job for job in ready.jobs() if getattr(job, "chunk_id", None) == chunk_id}
    (job,) = kinds.values()
    HANDLERS[type(job)].given_up(job, ready.tools, MediaError("frames_lost"))
    ready.work()
    assert ready.recording().media_state == MediaState.READY
    with ready.tools.sessions() as session:
        now = service.how_far(session, ready.recording())
    assert now is not None
    assert (now.ready, now.code) == (False, "frames_lost")
    with pytest.raises(Conflict):
        settle(ready)
