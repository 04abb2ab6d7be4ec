"""A backup comes back whole, and what was erased since it was taken doesn't."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import select

from app import ids
from app.audit.models import AuditEvent
from app.audit.verifying import verify
from app.custody.erasure.models import Tombstone
from app.errors import Conflict
from app.lessons.recordings.models import Hold, Recording, RecordingState
from config.backup import objects, restoring
from tests.config.backup.conftest import Places, all_sessions
from tests.config.backup.home import Home, erase
from tests.services.swift import Swift

CANARY = "Zwinglibald waited six seconds"
#: What restoring itself adds.
ADDED = "backup.restored"


def without(rows: dict[str, list[str]], *words: object) -> dict[str, list[str]]:
    """Leave out rows in which one of these words stands."""
    return {
        table: [row for row in found if not any(str(word) in row for word in words)] for table, found in rows.items()
    }


def holding(rows: dict[str, list[str]], words: str) -> list[str]:
    """Name the tables in which these words stand."""
    return [table for table, found in rows.items() if any(words in row for row in found)]


def closed(home: Home, recording_id: UUID) -> None:
    """Let the teacher erase the lesson, and a worker do it."""
    assert home.scene["Tom"].post(f"/recordings/{recording_id}/erase").status_code == 303
    home.erase(recording_id)


def test_p22_what_was_erased_since_does_not_come_back(home: Home) -> None:
    lesson = home.scene.ids["recording"]
    home.scene.note("Amina", CANARY)
    first = home.back_up()
    before, stored = home.place.rows(), home.place.objects()
    assert holding(before, CANARY)
    home.scene.note("Priya", "after the backup")
    closed(home, lesson)
    home.back_up()  # brings the word that it was erased; the first one's rows still hold the lesson

    there = home.new_place()
    done = home.restore(there, home.folder.sets()[0].name)
    assert done.erased == 1

    assert list(there.storage.keys(f"r/{lesson}")) == [], "before the first request"
    after = there.rows()
    assert holding(after, CANARY) == []
    app = there.app()
    for name in ("Tom", "Amina", "Priya"):
        assert home.asks(name, app).get(f"/media/{lesson}/master.m3u8").status_code == 404
    elsewhere = home.scene.ids["elsewhere"]
    assert home.asks("Zoe", app).get(f"/recordings/{elsewhere}").status_code == 200

    kept = {key: digest for key, digest in stored.items() if str(lesson) not in key}
    assert kept
    assert there.objects() == kept
    for table in ("recording", "person", "account", "device", "agreement", "asset", "segment", "protocol_version"):
        assert without(after, lesson)[table] == without(before, lesson)[table]
    with all_sessions(there.database)() as session:
        stone = session.scalars(select(Tombstone)).one()
        assert (stone.recording_id, stone.objects) == (lesson, len(stored) - len(kept))
        assert verify(session, known=first.audit_head).broken is None
        told = session.scalars(select(AuditEvent.what).order_by(AuditEvent.number.desc()).limit(2)).all()
        assert set(told) == {"recording.erased", ADDED}


def test_p22_everything_else_comes_back_as_it_was(home: Home) -> None:
    home.scene.share("Amina", home.scene.note("Amina", f"{CANARY}\t\\N \\. 'ё")["id"], took_away="a\nline")
    taken = home.back_up()
    before, stored = home.place.rows(), home.place.objects()
    there = home.new_place()
    done = home.restore(there)
    assert (done.erased, done.objects, done.lacking) == (0, len(stored), 0)
    assert without(there.rows(), ADDED) == before
    assert there.objects() == stored
    assert list(there.storage.keys("restore")) == []
    with all_sessions(there.database)() as session:
        found = verify(session)
        assert (found.length, found.broken) == (taken.audit_length + 1, None)
    app = there.app()
    note = {"at_ms": 1, "kind": "evidence", "body": "On we go."}
    answer = home.asks("Amina", app).send("POST", f"/api/v1{home.scene.lesson}/notes", note, key=ids.new())
    assert answer.status_code == 201, answer.text


def test_the_wall_and_the_rights_stand_again(home: Home) -> None:
    home.back_up()
    there = home.new_place()
    home.restore(there)
    with psycopg.connect(there.database.conninfo, autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM recording").fetchone() == (0,), "it has named no alliance"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE audit_event SET rule = 'x'")
        connection.execute("SET backrow.alliance = '*'")
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            connection.execute("UPDATE recording SET owner_id = gen_random_uuid()")


def test_p22_the_place_restored_into_remembers_too(home: Home) -> None:
    """An installation whose people are gone, but not its tombstones."""
    lesson = home.scene.ids["recording"]
    home.back_up()
    stone = ("INSERT INTO tombstone VALUES (%s, %s, 'owner', 7, now())", [lesson, lesson])
    there = home.new_place()
    with there.database.owner() as connection:
        connection.execute(*stone)
    home.restore(there)
    assert list(there.storage.keys(f"r/{lesson}")) == []
    with all_sessions(there.database)() as session:
        assert session.get_one(Recording, lesson).state == RecordingState.ERASED
    assert str(lesson) in home.folder.tombstones.read_text(), "the next restore from here knows it as well"


def test_p22_a_hold_that_was_lifted_later_keeps_nothing(home: Home) -> None:
    lesson = home.scene.ids["recording"]
    with home.sessions.begin() as session:
        recording = session.get_one(Recording, lesson)
        hold = Hold(alliance_id=recording.alliance_id, recording_id=lesson, placed_by=home.scene.ids["Joan"])
        session.add(hold)
        session.flush()
        hold_id = hold.id
    home.back_up()
    with home.sessions.begin() as session:
        session.get_one(Hold, hold_id).lifted_at = session.get_one(Recording, lesson).created_at
    closed(home, lesson)
    home.back_up()
    there = home.new_place()
    home.restore(there, home.folder.sets()[0].name)
    with all_sessions(there.database)() as session:
        assert session.get_one(Recording, lesson).state == RecordingState.ERASED


def test_a_film_larger_than_one_piece_may_be_goes_back_in_parts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_WHOLE_BYTES", 5 * 1024 * 1024)
    home.film(home.scene.ids["recording"], kind="small_copy", source_bytes=11 * 1024 * 1024)
    home.back_up()
    there = home.new_place()
    home.restore(there)
    assert there.objects() == home.place.objects()


def test_a_database_without_a_table_gets_them_first(home: Home, places: Places) -> None:
    home.back_up()
    there = places(empty=True)
    home.restore(there)
    assert without(there.rows(), ADDED) == home.place.rows()


def test_p22_from_the_first_moment_the_erased_are_closed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Power goes once the rows are in: their words are there still, and nobody gets to them."""
    lesson = home.scene.ids["recording"]
    home.scene.note("Amina", CANARY)
    home.back_up()
    closed(home, lesson)
    home.back_up()
    there, older = home.new_place(), home.folder.sets()[0].name
    monkeypatch.setattr(restoring, "_end_erasing", broken_off)
    with pytest.raises(KeyboardInterrupt):
        home.restore(there, older)
    app = there.app()
    for name in ("Tom", "Amina"):
        assert home.asks(name, app).get(f"/recordings/{lesson}").status_code == 404
        assert CANARY not in home.asks(name, app).get("/").text
    app.extensions["backrow"].sessions.kw["bind"].dispose()
    monkeypatch.undo()
    assert home.restore(there, older).erased == 1
    assert holding(there.rows(), CANARY) == []


def test_p22_erasing_that_began_while_the_backup_ran_goes_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are older than that, and there is no tombstone yet."""
    lesson, fetch = home.scene.ids["recording"], objects.fetch

    def fetch_too_late(*found: Any, **more: Any) -> Iterator[Any]:  # noqa: ANN401 - handed on as it came
        assert home.scene["Tom"].post(f"{home.scene.lesson}/erase").status_code == 303
        home.place.storage.erase_prefix(f"r/{lesson}")
        return fetch(*found, **more)

    monkeypatch.setattr(objects, "fetch", fetch_too_late)
    taken = home.back_up()
    assert taken.missing == ()
    assert [key for key in taken.erased if not key.startswith(f"r/{lesson}/")] == []
    assert taken.erased
    there = home.new_place()
    home.restore(there)
    assert home.asks("Tom", there.app()).get(f"/recordings/{lesson}").status_code == 404
    assert [row for row in there.rows()["procrastinate_jobs"] if "EraseRecording" in row and str(lesson) in row]
    erase(all_sessions(there.database), there.storage, lesson)
    with all_sessions(there.database)() as session:
        assert session.get_one(Recording, lesson).state == RecordingState.ERASED


def broken_off(_url: str) -> int:
    """End as if by Ctrl-C."""
    raise KeyboardInterrupt


@pytest.mark.needs_s3
@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_films_move_from_a_folder_to_s3(home: Home, places: Places, swift: Swift) -> None:
    home.back_up()
    there = places(s3=swift)
    home.restore(there)
    assert without(there.rows(), ADDED) == home.place.rows()
    assert there.objects() == home.place.objects()


def test_people_who_live_there_are_not_mixed_with_a_backup(home: Home) -> None:
    home.back_up()
    before = home.place.rows()
    with pytest.raises(Conflict, match="people's things"):
        home.restore(home.place)
    assert home.place.rows() == before
    there = home.new_place()
    home.restore(there)
    with pytest.raises(Conflict, match="people's things"):
        home.restore(there)


def test_nothing_is_restored_beneath_a_running_backrow(home: Home) -> None:
    home.back_up()
    there = home.new_place()
    with psycopg.connect(there.database.conninfo), pytest.raises(Conflict, match="Stop Backrow"):
        home.restore(there)
    with there.database.owner() as connection:
        assert connection.execute("SELECT count(*) FROM account").fetchone() == (0,)
