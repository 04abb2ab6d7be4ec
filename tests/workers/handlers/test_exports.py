"""A stretch of a lesson becomes a file, from what is served of it; nothing of it stays once nobody may have it."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.authz import Action, Actor, permit
from app.jobs.films import MakeExport
from app.lessons.exports import service
from app.lessons.exports.models import Export, ExportState
from app.lessons.recordings.models import Recording
from app.people.accounts.models import Person
from tests.video.lessons import Maker
from tests.video.reading import pictures
from tests.workers.handlers.bench import Bench
from workers.handlers.keeping import sweep_now


@pytest.fixture
def lesson(bench: Bench, maker: Maker) -> Bench:
    """A lesson that is ready, shared, and may be downloaded by those who watch."""
    bench.send(maker.lesson("large.mp4").path)
    bench.work()
    with bench.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="watchers"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
    return bench


def tom(bench: Bench) -> Actor:
    with bench.tools.sessions() as session:
        person = session.scalars(select(Person).where(Person.name.startswith("Tom"))).one()
        return Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)


def ask(bench: Bench, actor: Actor, in_ms: int, out_ms: int) -> UUID:
    with bench.tools.sessions.begin() as session:
        may = permit(session, actor, Action.VIDEO_DOWNLOAD, Recording, bench.recording().id)
        return service.ask(session, may, in_ms=in_ms, out_ms=out_ms).id


def made(bench: Bench, export_id: UUID) -> Export:
    with bench.tools.sessions() as session:
        return session.get_one(Export, export_id)


def test_the_file_holds_exactly_that_stretch_in_the_best_size(lesson: Bench, tmp_path: Path) -> None:
    export_id = ask(lesson, lesson.amina.actor, 4500, 9000)
    lesson.work()
    export = made(lesson, export_id)
    assert (export.state, export.code) == (ExportState.READY, None)
    assert export.key is not None
    assert export.key.endswith("/lesson-0m04-to-0m09.mp4")
    lesson.tools.storage.fetch(export.key, tmp_path / "file.mp4")
    assert (tmp_path / "file.mp4").stat().st_size == export.size_bytes
    film = {round(float(at) * 1000): number for number, at in pictures(lesson.served("720p", tmp_path))}
    assert [number for number, _ in pictures(tmp_path / "file.mp4")] == [
        number for at, number in film.items() if 4500 <= at < 9000
    ]
    before = set(lesson.tools.storage.keys("r"))
    sweep_now(lesson.tools)
    assert export.key in lesson.tools.storage.keys("r"), "what a row names stays"
    assert list(lesson.tools.scratch._mine.iterdir()) == [], "no file of its job is left"  # noqa: SLF001
    assert len(before) > 3


def test_whoever_is_not_the_teacher_gets_a_notice_in_every_picture(lesson: Bench, tmp_path: Path) -> None:
    own, other = ask(lesson, lesson.amina.actor, 4000, 8000), ask(lesson, tom(lesson), 4000, 8000)
    lesson.work()
    files = [made(lesson, export_id) for export_id in (own, other)]
    assert [file.state for file in files] == [ExportState.READY] * 2
    shown = []
    for place, file in enumerate(files):
        lesson.tools.storage.fetch(file.key or "", tmp_path / f"{place}.mp4")
        shown.append([number for number, _ in pictures(tmp_path / f"{place}.mp4")])
    assert shown[0] == shown[1], "every picture is there, and its number above the notice"
    assert (tmp_path / "0.mp4").read_bytes() != (tmp_path / "1.mp4").read_bytes()


def test_done_again_nothing_changes(lesson: Bench) -> None:
    export_id = ask(lesson, lesson.amina.actor, 0, 4000)
    lesson.work()
    first = made(lesson, export_id).key
    lesson.do(MakeExport(export_id))
    assert made(lesson, export_id).key == first


def test_taken_back_meanwhile_it_is_not_made(lesson: Bench) -> None:
    export_id = ask(lesson, tom(lesson), 0, 4000)
    with lesson.tools.sessions.begin() as session:
        session.execute(update(Recording).values(state="paused"))
    lesson.do(MakeExport(export_id))
    with lesson.tools.sessions() as session:
        assert session.get(Export, export_id) is None
    assert not any("/x" in key for key in lesson.tools.storage.keys("r"))
