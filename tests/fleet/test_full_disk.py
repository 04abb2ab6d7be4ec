"""A school's disk runs full: who sends is told so, nothing is half kept, and all goes on once there is room."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from config import wire
from config.settings import Settings
from tests.e2e.town import AMINA, Town, settled
from tests.fleet import checking
from tests.fleet.calling import Caller, Refused
from tests.left_out import mounted
from tests.running import Backrow, running, until
from tests.video.conftest import maker
from tests.video.lessons import Maker, Shot
from workers.handlers.keeping import sweep_now

__all__ = ["maker"]
pytestmark = [pytest.mark.needs_mount, pytest.mark.timeout(600)]
_MIB = 1024 * 1024
_DISK_MIB = 32
#: Work that waits for room looks again after half a minute.
_PATIENCE_S = 240
_PUT_OFF = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now()")


@dataclass
class School:
    """A small machine whose recordings have a disk of their own."""

    backrow: Backrow
    town: Town
    disk: Path

    @property
    def public_url(self) -> str:
        """Where people open it."""
        return self.backrow.address

    def port(self) -> int:
        """Give the port of its one page process."""
        return self.backrow.port

    @property
    def amina(self) -> Caller:
        """Amina, with a key for scripts."""
        return Caller(self, self.town.key(AMINA))

    def fill(self, *, but_bytes: int) -> None:
        """Let something else take the disk's room, all but so much."""
        seen = os.statvfs(self.disk)
        (self.disk / "else").write_bytes(bytes(seen.f_bavail * seen.f_frsize - but_bytes))

    def make_room(self) -> None:
        """Take that away again."""
        (self.disk / "else").unlink()

    def states(self, lesson: UUID) -> tuple[str, str]:
        """Tell how far a lesson has come: its upload, and its film."""
        with self.town.sessions() as session:
            asked = select(Upload.state, Recording.media_state).join(Recording, Upload.recording_id == Recording.id)
            upload, film = session.execute(asked.where(Recording.id == lesson)).one()
        return upload, film

    def counted(self) -> tuple[int, int]:
        """Count recordings and uploads."""
        with self.town.sessions() as session:
            recordings = session.scalar(select(func.count(Recording.id)))
            return recordings or 0, session.scalar(select(func.count(Upload.id))) or 0

    def sweep(self) -> None:
        """Take away what no row names, as the clock does every night."""
        tools = wire.tools(Settings.from_env(self.backrow.environ))
        sweep_now(replace(tools, sessions=self.town.sessions))
        tools.scratch.close()

    def put_off(self) -> int:
        """Count the jobs that wait until later."""
        with self.town.sessions() as session:
            count: int = session.execute(_PUT_OFF).scalar_one()
        return count


@pytest.fixture
def school() -> Iterator[School]:
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    disk = folder / "data" / "storage"
    disk.mkdir(parents=True, mode=0o700)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.enter_context(mounted(disk, size_mib=_DISK_MIB))
        backrow = stack.enter_context(running(folder))
        yield School(backrow, stack.enter_context(settled(backrow)), disk)


@pytest.fixture
def film(maker: Maker, tmp_path: Path) -> bytes:
    shot = Shot(width=1280, height=720, seconds=8.0)
    return maker.film(tmp_path / "film.mp4", shot).path.read_bytes()


def test_p34_a_film_for_which_there_is_no_room_is_refused_and_nothing_is_kept(school: School, film: bytes) -> None:
    turn = school.town.turn()
    school.fill(but_bytes=len(film) // 2)
    with pytest.raises(Refused) as told:
        school.amina.send(film, turn)
    assert told.value.status == 507
    assert '"storage_full"' in str(told.value)
    assert school.counted() == (0, 0)
    assert list(school.town.storage.keys("r")) == []
    assert list(school.town.storage.open_uploads("r")) == []
    school.make_room()
    lesson = school.amina.send(film, turn)
    until(lambda: school.states(lesson)[1] == MediaState.READY, "it is prepared", patience_s=_PATIENCE_S)


def test_p34_preparing_waits_for_room_and_then_ends_exact(school: School, film: bytes) -> None:
    exact = school.amina.send(film, school.town.turn())
    _prepared(school, [exact])
    school.fill(but_bytes=len(film) + 64 * 1024)  # as much as arrives, and hardly more
    lesson = school.amina.send(film, school.town.turn())
    until(lambda: school.put_off() > 0, "a piece is put off until there is room", patience_s=_PATIENCE_S)
    until(lambda: school.states(lesson)[0] == UploadState.VERIFIED, "what arrived is what was sent")
    assert school.states(lesson)[1] not in (MediaState.READY, MediaState.NEEDS_ATTENTION)
    school.make_room()
    _prepared(school, [exact, lesson])
    school.sweep()
    with school.town.sessions() as session:
        expected = checking.rows(session, exact)
    assert expected
    assert checking.problems(school.town.sessions, school.town.storage, [exact, lesson], expected) == []


def _prepared(school: School, lessons: list[UUID]) -> None:
    def done() -> bool:
        with school.town.sessions() as session:
            return checking.prepared(session, lessons)

    until(done, "all lessons are prepared", patience_s=_PATIENCE_S)
