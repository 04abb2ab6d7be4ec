"""The rule book's arrows from state to state: the database refuses every other, whoever asks."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.lessons.recordings.models import Recording, RecordingState
from app.lessons.uploads.models import Upload, UploadState
from app.observation.notes.models import NoteState
from app.people.accounts.models import Account, AccountState, Person
from tests.app.observation.scene import build
from tests.conftest import Database

#: From each state, where one may go.
ARROWS: dict[str, tuple[type[StrEnum], dict[str, str]]] = {
    "recording": (
        RecordingState,
        {
            "private": "shared erasing",
            "shared": "paused withdrawn erasing",
            "paused": "shared withdrawn erasing",
            "withdrawn": "shared erasing",
            "erasing": "erased",
        },
    ),
    "upload": (
        UploadState,
        {
            "open": "completing expired erased",
            "completing": "open verifying expired",
            "verifying": "verified mismatch needs_attention",
            "verified": "needs_attention",
            "mismatch": "completing expired erased",
            "needs_attention": "verifying verified mismatch erased",
        },
    ),
    "protocol_version": (
        VersionState,
        {"draft": "proposed", "proposed": "in_force dropped", "in_force": "superseded"},
    ),
    "note": (NoteState, {"own": "released handed_in", "released": "own", "handed_in": "own passed_on"}),
    "account": (
        AccountState,
        {"active": "suspended ended", "suspended": "active ended", "ended": "active"},
    ),
}


@pytest.fixture
def rows(sessions: sessionmaker[Session], tmp_path: Path) -> dict[str, UUID]:
    """Give one row of each kind."""
    scene = build(sessions, tmp_path)
    found = {"recording": scene.ids["recording"], "note": UUID(scene.note("Amina", "Six seconds.")["id"])}
    with sessions.begin() as session:
        recording = session.get_one(Recording, found["recording"])
        upload = Upload(
            alliance_id=recording.alliance_id,
            recording_id=recording.id,
            kind="source",
            name="IMG_1.mp4",
            size_bytes=1,
            mime="video/mp4",
            fingerprint="f",
            part_bytes=1,
            storage_key="k",
            storage_upload_id="s",
        )
        session.add(upload)
        session.flush()
        found["upload"] = upload.id
        found["protocol_version"] = session.scalars(
            select(ProtocolVersion.id).where(ProtocolVersion.project_id == recording.project_id)
        ).one()
        found["account"] = session.scalars(select(Account.id).join(Person).where(Person.id == scene.ids["Amina"])).one()
    return found


def pairs() -> Iterator[tuple[str, str, str, bool]]:
    for table, (states, arrows) in ARROWS.items():
        for former in states:
            for state in states:
                if former != state:
                    yield table, former, state, state in arrows.get(former, "").split()


def test_each_pair_of_states_goes_as_the_rule_book_says(database: Database, rows: dict[str, UUID]) -> None:
    told = {pair[:3]: _refused(database, rows[pair[0]], *pair[:3]) for pair in pairs()}
    assert told == {pair[:3]: not pair[3] for pair in pairs()}
    assert sum(told.values()) > len(told) / 2


def _refused(database: Database, row: UUID, table: str, former: str, state: str) -> bool:
    """Tell whether the application's role is kept from an arrow; nothing of it is kept."""
    go = sql.SQL("UPDATE {} SET state = %s WHERE id = %s").format(sql.Identifier(table))
    with database.owner() as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_arrows")
        owner.execute("ALTER TABLE note DROP CONSTRAINT IF EXISTS note_released_with_its_feedback_ck")
        owner.execute(go, [former, row])
        owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_arrows")
    with psycopg.connect(database.conninfo) as asking:
        asking.execute("SET backrow.alliance = '*'")
        try:
            done = asking.execute(go, [state, row]).rowcount
        except psycopg.errors.CheckViolation as refused:
            return refused.diag.constraint_name == f"{table}_arrows"
        finally:
            asking.rollback()
    assert done == 1
    return False
