"""Every column that can hold what people wrote says how private it is (P44, P56)."""

import pytest
from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import JSONB

from app.db import Privacy
from app.models import metadata
from tests.architecture.tree import reviewed

COLUMNS = [(table, column) for table in metadata.sorted_tables for column in table.columns]


def _classed(column: Column[object]) -> bool:
    return isinstance(column.info.get("privacy"), Privacy)


def test_every_column_of_words_has_a_class_or_was_reviewed() -> None:
    bare = {
        f"{table.name}.{column.name}"
        for table, column in COLUMNS
        if isinstance(column.type, Text | JSONB) and not _classed(column)
    }
    listed = set(reviewed("impersonal_columns.txt"))
    assert sorted(bare - listed) == [], (
        "Say `info=personal(Privacy.…)` where the column is born; if it can never hold a word about anybody, "
        "say why in impersonal_columns.txt."
    )
    assert sorted(listed - bare) == [], "These are gone or have a class now: take them off the list."


@pytest.mark.parametrize("told", ["password", "secret", "token"])
def test_secrets_are_classed_as_secrets(told: str) -> None:
    wrong = [
        f"{table.name}.{column.name}"
        for table, column in COLUMNS
        if told in column.name and isinstance(column.type, Text) and column.info.get("privacy") is not Privacy.SECRET
    ]
    assert wrong == [], "Say `info=personal(Privacy.SECRET)`."
