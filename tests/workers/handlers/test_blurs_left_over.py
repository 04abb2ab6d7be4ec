"""Once a blurred copy is used nothing of the film is left; thrown away, nothing of the copy is."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import clock
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit.models import AuditEvent
from app.authz import Action, permit
from app.jobs.erasing import EraseLeftOver
from app.jobs.films import MakeExport
from app.lessons.blurs import making
from app.lessons.blurs.models import BlurredCopy
from app.lessons.exports import service as exports
from app.lessons.exports.models import Export
from app.lessons.media.models import AssetKind, Rendition
from app.lessons.recordings import service as recordings
from app.lessons.recordings.models import Hold, Recording
from tests.video.test_blur import FLAT, FOLLOWING, cells, roughness, seen
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.blurring import (
    assets,
    begin,
    choose,
    row,
    settle,
    stored,
    throw_away,
)
from video.blur import Blur
from workers.handlers.keeping import sweep_now
from workers.tools import Tools


def test_p15_once_it_is_used_nothing_of_the_film_is_left(ready: Bench) -> None:
    choose(ready)
    ready.work()
    begin(ready)
    with ready.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="watchers"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
        may = permit(session, ready.amina.actor, Action.VIDEO_DOWNLOAD, Recording, ready.recording().id)
        exports.ask(session, may, in_ms=0, out_ms=4000)
    ready.work()
    assert any("/x" in key for key in stored(ready))
    recording_id, copy = ready.recording().id, assets(ready)["blurred_copy"]
    film = assets(ready)["source"]
    settle(ready)
    assert ready.recording().serve == "blurred"
    ready.work()
    assert {key.split("/")[2] for key in stored(ready)} == {str(copy.id)}
    assert set(assets(ready)) == {"blurred_copy"}
    assert row(ready).erased_at is not None
    assert assets(ready)["blurred_copy"].source_erased_at is not None
    with ready.tools.sessions() as session:
        assert session.scalars(select(Export)).all() == []
        assert session.scalars(select(Rendition).where(Rendition.asset_id == film.id)).all() == []
        told = session.scalars(select(AuditEvent).where(AuditEvent.thing_id == recording_id)).all()
    assert [event.what for event in told][-2:] == ["recording.blurred", "film.erased"]
    assert (told[-1].count or 0) > 10
    sweep_now(ready.tools)  # two pieces at once each store the head that one of them needs
    before = stored(ready)
    ready.do(EraseLeftOver(recording_id))
    sweep_now(ready.tools)
    assert stored(ready) == before, "done again nothing changes, and what is served stays"


def test_what_is_saved_of_it_afterwards_is_blurred(ready: Bench, tmp_path: Path) -> None:
    choose(ready)
    ready.work()
    begin(ready)
    ready.work()
    settle(ready)
    ready.work()
    with ready.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="owner"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
        may = permit(session, ready.amina.actor, Action.VIDEO_DOWNLOAD, Recording, ready.recording().id)
        export_id = exports.ask(session, may, in_ms=1000, out_ms=5000).id
    ready.work()
    ready.do(EraseLeftOver(ready.recording().id))
    with ready.tools.sessions() as session:
        key = session.get_one(Export, export_id).key or ""
    ready.tools.storage.fetch(key, tmp_path / "file.mp4")
    for at_s, pixels in seen(tmp_path / "file.mp4"):
        assert roughness(cells(pixels, FOLLOWING, at_s + 1, (1280, 720))) < FLAT, at_s


@pytest.mark.parametrize("after", ["preview", "begun", "whole"])
def test_thrown_away_the_lesson_stays_and_nothing_of_the_copy(ready: Bench, after: str) -> None:
    before = stored(ready)
    choose(ready)
    ready.work()
    if after != "preview":
        begin(ready)
    if after == "whole":
        ready.work()
    throw_away(ready)
    ready.work()
    assert stored(ready) == before
    assert set(assets(ready)) == {AssetKind.SOURCE}
    with ready.tools.sessions() as session:
        assert session.scalars(select(BlurredCopy)).all() == []
    assert ready.recording().serve == "source"


def test_under_a_hold_the_film_stays_until_it_is_lifted(ready: Bench) -> None:
    choose(ready, Blur(voices=True))
    ready.work()
    begin(ready)
    ready.work()
    settle(ready)
    before = stored(ready)
    with ready.tools.sessions.begin() as session:
        recording = session.scalars(select(Recording)).one()
        session.add(
            Hold(alliance_id=recording.alliance_id, recording_id=recording.id, placed_by=ready.amina.actor.person_id)
        )
    ready.work()
    assert stored(ready) == before
    assert set(assets(ready)) == {"source", "blurred_copy"}
    with ready.tools.sessions.begin() as session:
        making.erase_films(session)
        assert ready.waiting() == []
        session.execute(update(Hold).values(lifted_at=clock.now()))
    with ready.tools.sessions.begin() as session:
        making.erase_films(session)
    ready.work()
    assert set(assets(ready)) == {"blurred_copy"}
    assert len(stored(ready)) < len(before)


def test_p21_erasing_the_lesson_takes_the_copy_along(ready: Bench) -> None:
    choose(ready)
    ready.work()
    begin(ready)
    ready.work()
    with ready.tools.sessions.begin() as session:
        may = permit(session, ready.amina.actor, Action.REC_ERASE, Recording, ready.recording().id, lock=True)
        recordings.erase(session, may)
    ready.work()
    assert stored(ready) == set()
    assert assets(ready) == {}
    with ready.tools.sessions() as session:
        assert session.scalars(select(BlurredCopy)).all() == []


def test_a_file_made_of_the_film_while_the_copy_came_into_use_is_erased_at_once(
    ready: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(ready, Blur(voices=True))
    ready.work()
    begin(ready)
    ready.work()
    with ready.tools.sessions.begin() as session:
        version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.state == VersionState.IN_FORCE)).one()
        session.execute(update(ProtocolVersion).values(download="owner"))
        session.execute(update(Recording).values(state="shared", bound_version_id=version.id))
        may = permit(session, ready.amina.actor, Action.VIDEO_DOWNLOAD, Recording, ready.recording().id)
        job = MakeExport(exports.ask(session, may, in_ms=0, out_ms=4000).id)
    storing = type(ready.tools).store

    def store_late(tools: Tools, key: str, file: Path) -> str:
        settle(ready)
        return storing(tools, key, file)

    with monkeypatch.context() as patched:
        patched.setattr(Tools, "store", store_late)
        ready.do(job)
    assert not any("/x" in key for key in stored(ready))
