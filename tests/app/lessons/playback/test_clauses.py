"""What a signed version says decides each piece that is handed out: change one thing in it, and the next is refused.

Each case changes one row by hand, as the tables' owner, so that nothing but the policy can have noticed. Then the part
of the policy that guards it is taken out, and the piece is handed out again: this part refused, and no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import ColumnElement, literal

from app import authz
from app.lessons.recordings import policy
from tests.app.lessons.playback.conftest import Shown
from tests.conftest import Database

OUT, REFUSED = 302, 404


@dataclass(frozen=True)
class Case:
    """One change of one row, and where the policy hears of it."""

    name: str
    change: str
    part: str
    who: str = "Amina"


CASES = (
    Case(
        "until is past",
        "UPDATE protocol_version SET until_at = backrow_now() WHERE id = %(version)s",
        "named_by_both",
    ),
    Case(
        "no longer on the list of watchers",
        "UPDATE roster_entry SET watches = false WHERE version_id = %(version)s AND person_id = %(Amina)s",
        "named_by_both",
    ),
    Case(
        "the watcher has left",
        "UPDATE roster_entry SET left_at = backrow_now() WHERE version_id = %(version)s AND person_id = %(Amina)s",
        "named_by_both",
    ),
    Case(
        "somebody else has taken back",
        "UPDATE agreement SET taken_back_at = backrow_now() WHERE version_id = %(version)s AND person_id = %(Priya)s",
        "open",
    ),
    Case(
        "the teacher has left",
        "UPDATE roster_entry SET left_at = backrow_now() WHERE version_id = %(version)s AND person_id = %(Tom)s",
        "stands",
    ),
    Case(
        "a change is proposed",
        """INSERT INTO protocol_version SELECT (jsonb_populate_record(v, jsonb_build_object(
           'id', gen_random_uuid(), 'number', 2, 'state', 'proposed', 'kind', 'clauses'))).*
           FROM protocol_version v WHERE id = %(version)s""",
        "open",
    ),
    Case(
        "it is to be erased by now",
        "UPDATE recording SET delete_at = backrow_now() WHERE id = %(recording)s",
        "alive",
    ),
    Case(
        "it is paused",
        "UPDATE recording SET state = 'paused' WHERE id = %(recording)s",
        "shared",
    ),
    Case(
        "pupils may not watch",
        "UPDATE protocol_version SET pupils = 'no' WHERE id = %(version)s",
        "detective_guarded",
        who="Kit",
    ),
    Case(
        "the pupil's window is closed",
        "UPDATE viewing_window SET closed_at = backrow_now() WHERE recording_id = %(recording)s",
        "detective_guarded",
        who="Kit",
    ),
    Case(
        "the pupil's yes is taken back",
        "UPDATE consent SET taken_back_at = backrow_now() WHERE person_id = %(Kit)s",
        "detective_guarded",
        who="Kit",
    ),
)


@pytest.fixture(autouse=True)
def policies_as_they_are() -> Iterator[None]:
    """Policies are written down once a process: a test that breaks one must not leave it behind."""
    yield
    authz.forget()


def change(database: Database, shown: Shown, case: Case) -> None:
    """Change one row, and see that it was one."""
    with database.owner() as connection:
        done = connection.execute(case.change.encode(), shown.scene.ids)
        assert done.rowcount == 1, case.change


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_p02_one_changed_row_refuses_the_next_piece(database: Database, shown: Shown, case: Case) -> None:
    somebody = shown.scene[case.who]
    assert somebody.get(shown.piece(0)).status_code == OUT
    change(database, shown, case)
    assert somebody.get(shown.piece(0)).status_code == REFUSED


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_without_its_part_of_the_policy_the_same_change_refuses_nothing(
    database: Database, shown: Shown, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    whole = policy.named_parts

    def mutilated(*args: Any, **values: Any) -> dict[str, ColumnElement[bool]]:  # noqa: ANN401 - as it was called
        return whole(*args, **values) | {case.part: literal(value=True)}

    monkeypatch.setattr(policy, "named_parts", mutilated)
    authz.forget()
    change(database, shown, case)
    assert shown.scene[case.who].get(shown.piece(0)).status_code == OUT
