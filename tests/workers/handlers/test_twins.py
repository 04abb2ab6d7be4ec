"""The same film sent twice by one teacher is encoded once; nobody else's is ever looked at."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle
from app.lessons.media.models import Asset, Chunk, Rendition, Segment
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from tests.app.agreements.town import build
from tests.video.lessons import Maker
from tests.workers.handlers.bench import Bench, Teaching
from video import sound, transcode

#: Rendition, number, start in ticks, digest.
Piece = tuple[str, int, int, str]


@dataclass
class Counted:
    """The encoders, and how often each was asked to do its work."""

    pictures: int = 0
    sounds: int = 0


@dataclass
class Two:
    """Amina with two turns of her own, and Tom with one; all works on their films with one bench."""

    bench: Bench
    turns: dict[str, Teaching]
    counted: Counted = field(default_factory=Counted)

    def send(self, turn: str, film: Path) -> None:
        """Send a film, and do all that is to be done for it; count anew."""
        self.counted.pictures = self.counted.sounds = 0
        replace(self.bench, amina=self.turns[turn]).send(film)
        self.bench.work()

    def recording(self, session: Session, turn: str) -> Recording:
        """Read a turn's lesson."""
        return session.scalars(select(Recording).where(Recording.cycle_id == self.turns[turn].cycle_id)).one()

    def pieces(self, turn: str) -> list[Piece]:
        """Read a lesson's segments; each is in storage, whole, and beneath its own recording's place."""
        with self.bench.tools.sessions() as session:
            recording = self.recording(session, turn)
            rows = session.execute(
                select(Rendition.name, Segment)
                .join(Segment, Segment.rendition_id == Rendition.id)
                .join(Asset, Asset.id == Rendition.asset_id)
                .where(Asset.recording_id == recording.id)
                .order_by(Rendition.name, Segment.number)
            ).all()
            for _, segment in rows:
                assert segment.key.startswith(f"r/{recording.id}/")
                assert self.bench.tools.storage.sha256_of(segment.key) == segment.sha256
            assert recording.media_state == MediaState.READY
            return [(name, row.number, row.start_ticks, row.sha256) for name, row in rows]


@pytest.fixture
def two(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Two:
    turns: dict[str, Teaching] = {}
    with bench.tools.sessions.begin() as session:
        town = build(session, "Hill Alliance")
        for turn, names in {"first": ("Amina", "Tom"), "second": ("Amina", "Tom"), "tom's": ("Tom", "Amina")}.items():
            project, _ = town.agree(*names)
            cycle = session.scalars(select(Cycle).where(Cycle.project_id == project.id)).one()
            teacher = town[names[0]]
            turns[turn] = Teaching(teacher.actor, cycle.id, project.id, teacher.school_id)
    made = Two(bench, turns)
    _count(monkeypatch, transcode, "encode_chunk", made.counted, "pictures")
    _count(monkeypatch, sound, "encode_sound", made.counted, "sounds")
    return made


def _count(monkeypatch: pytest.MonkeyPatch, module: object, name: str, counted: Counted, what: str) -> None:
    real: Callable[..., object] = getattr(module, name)

    @functools.wraps(real)
    def counting(*args: object, **said: object) -> object:
        setattr(counted, what, getattr(counted, what) + 1)
        return real(*args, **said)

    monkeypatch.setattr(module, name, counting)


def test_the_same_film_sent_again_is_not_encoded_again(two: Two, maker: Maker) -> None:
    film = maker.lesson("large.mp4").path
    two.send("first", film)
    assert (two.counted.pictures, two.counted.sounds) == (3, 1)
    two.send("second", film)
    assert (two.counted.pictures, two.counted.sounds) == (0, 0)
    assert two.pieces("second") == two.pieces("first")
    assert {name for name, *_ in two.pieces("second")} == {"240p", "480p", "720p", "sound"}


def test_somebody_else_s_film_is_encoded_as_if_nobody_had_it(two: Two, maker: Maker) -> None:
    film = maker.lesson("large.mp4").path
    two.send("first", film)
    two.send("tom's", film)
    assert (two.counted.pictures, two.counted.sounds) == (3, 1)


def test_another_film_of_the_same_length_is_encoded(two: Two, maker: Maker, tmp_path: Path) -> None:
    film = maker.lesson("plain.mp4").path
    two.send("first", film)
    other = tmp_path / "other.mp4"
    data = bytearray(film.read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    two.send("second", other)
    assert two.counted.pictures > 0


def test_what_is_being_erased_is_no_longer_a_twin(two: Two, maker: Maker) -> None:
    film = maker.lesson("plain.mp4").path
    two.send("first", film)
    with two.bench.tools.sessions.begin() as session:
        two.recording(session, "first").state = RecordingState.ERASING
    two.send("second", film)
    assert two.counted.pictures > 0
    assert two.pieces("second")


def test_a_twin_whose_objects_are_gone_is_let_go(two: Two, maker: Maker) -> None:
    film = maker.lesson("plain.mp4").path
    two.send("first", film)
    before = two.pieces("first")
    with two.bench.tools.sessions() as session:
        pieces = select(Segment.key).join(Chunk, Chunk.id == Segment.chunk_id).where(Chunk.kind == "picture")
        for key in session.scalars(pieces):
            two.bench.tools.storage.erase_prefix(key)
    two.send("second", film)
    assert two.counted.pictures == 2
    assert two.counted.sounds == 0
    assert two.pieces("second") == before


def test_erasing_one_leaves_the_other_whole(two: Two, maker: Maker) -> None:
    film = maker.lesson("plain.mp4").path
    two.send("first", film)
    two.send("second", film)
    with two.bench.tools.sessions() as session:
        two.bench.tools.storage.erase_prefix(f"r/{two.recording(session, 'first').id}")
    assert two.pieces("second")
