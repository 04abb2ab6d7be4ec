"""A lesson that is ready gets its storyboard and its sound strip, once, whoever does the work and however often."""

import re
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import delete, select, update

from app.jobs.films import MakeSoundStrip, MakeStoryboard
from app.lessons.media import keeping, looks
from app.lessons.media.models import Asset, Rendition, SoundStrip, Storyboard
from app.lessons.recordings.models import Recording
from tests.video.lessons import Maker, Shot, number_in
from tests.video.reading import pictures
from tests.workers.handlers.bench import Bench
from video.errors import MediaError
from video.storyboard import COLUMNS, ON_A_SHEET
from workers.handlers.keeping import sweep_now
from workers.registry import HANDLERS


def board(bench: Bench) -> Storyboard:
    with bench.tools.sessions() as session:
        return session.scalars(select(Storyboard)).one()


def shown(bench: Bench, made: Storyboard, tmp_path: Path) -> list[int]:
    """Read the number in each small picture, sheet by sheet."""
    found: list[int] = []
    for key in made.sheet_keys:
        bench.tools.storage.fetch(key, tmp_path / "sheet")
        sheet = cv2.imdecode(np.frombuffer((tmp_path / "sheet").read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert sheet is not None
        for place in range(min(ON_A_SHEET, len(made.times_ms) - len(found))):
            top, left = place // COLUMNS * made.height, place % COLUMNS * made.width
            found.append(number_in(sheet[top : top + made.height, left : left + made.width]))
    return found


def test_each_small_picture_is_the_one_of_its_moment(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    film = maker.film(maker.folder / "two-minutes.mp4", Shot(seconds=118, fps_num=10))
    bench.send(film.path)
    bench.work()
    made = board(bench)
    assert made.times_ms == [place * 4000 for place in range(30)]
    assert len(made.sheet_keys) == 2
    assert (made.width, made.height) == (120, 90)
    at = {round(float(time) * 1000): number for number, time in pictures(bench.served("240p", tmp_path))}
    assert shown(bench, made, tmp_path) == [at[moment] for moment in made.times_ms]
    assert len(made.changes) == 30
    with bench.tools.sessions() as session:
        assert len(session.scalars(select(SoundStrip.heard)).one()) == 59


def test_made_again_nothing_changes_and_what_was_stored_twice_is_swept(
    bench: Bench, maker: Maker, tmp_path: Path
) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    first, asset_id = board(bench), bench.asset().id
    for job in (MakeStoryboard(asset_id), MakeSoundStrip(asset_id)):
        bench.do(job)
    assert board(bench).sheet_keys == first.sheet_keys
    sweep_now(bench.tools)
    assert set(first.sheet_keys) <= set(bench.tools.storage.keys("r")), "what a row names stays"
    with bench.tools.sessions.begin() as session:
        session.execute(delete(Storyboard))
    assert sweep_now(bench.tools) == 0, "it may have been stored just now, and be named in a moment"
    old = re.sub("/b[0-9a-f]{32}/", f"/b{'0' * 32}/", first.sheet_keys[0])
    (tmp_path / "sheet").write_bytes(b"")
    bench.tools.storage.put(old, tmp_path / "sheet", sha256=sha256(b"").hexdigest())
    assert sweep_now(bench.tools) == 1


def test_lessons_of_before_are_looked_through_and_only_once(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    with bench.tools.sessions.begin() as session:
        session.execute(delete(Storyboard))
        session.execute(delete(SoundStrip))
        assert keeping.give_looks(session) == 2
        assert keeping.give_looks(session) == 0
    assert sorted(bench.waiting()) == ["MakeSoundStrip", "MakeStoryboard"]
    bench.work()
    assert board(bench).sheet_keys
    with bench.tools.sessions.begin() as session:
        assert keeping.give_looks(session) == 0


def test_what_can_not_be_made_is_given_up_and_not_asked_for_again(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    asset_id = bench.asset().id
    with bench.tools.sessions.begin() as session:
        session.execute(delete(Storyboard))
        pieces = looks.to_look_through(session, asset_id)
        broken = session.scalars(select(Rendition.init_key).where(Rendition.name == "240p")).one()
        session.execute(
            update(Rendition).where(Rendition.name == "240p").values(init_key=pieces and pieces.segments[0][0])
        )
    job = MakeStoryboard(asset_id)
    with pytest.raises(MediaError):
        bench.do(job)
    HANDLERS[MakeStoryboard].given_up(job, bench.tools, MediaError("frames_lost"))
    with bench.tools.sessions.begin() as session:
        assert looks.storyboard_of(session, asset_id) is None
        assert keeping.give_looks(session) == 0
        session.execute(update(Rendition).where(Rendition.name == "240p").values(init_key=broken))


def test_an_erased_lesson_gets_none(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    asset_id = bench.asset().id
    with bench.tools.sessions.begin() as session:
        session.execute(delete(Storyboard))
        session.execute(update(Recording).values(state="erasing"))
    bench.do(MakeStoryboard(asset_id))
    with bench.tools.sessions() as session:
        assert session.scalars(select(Storyboard)).all() == []
        assert session.scalars(select(Asset)).one().id == asset_id


def test_a_silent_film_has_no_strip_and_nobody_waits_for_one(bench: Bench, maker: Maker) -> None:
    film = maker.film(maker.folder / "silent.mp4", Shot(seconds=5, silent=True))
    bench.send(film.path)
    bench.work()
    with bench.tools.sessions.begin() as session:
        assert session.scalars(select(SoundStrip)).all() == []
        assert keeping.give_looks(session) == 0
    assert board(bench).sheet_keys
