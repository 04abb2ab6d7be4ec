"""P44: no grade, score or rank of teachers anywhere: not in a table, not among its values, not on a page."""

import re
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from app.models import metadata
from tests.architecture.tree import files, name, read

#: Words with which teachers are judged; `(?<!…)` would be too clever: the few sentences that refuse them are below.
JUDGEMENT = re.compile(
    r"\b(grad(e[sd]?|ing)|scor(e[sd]?|ing)|rank(s|ed|ing|ings)?|rat(ed|ing|ings)|marks? out of|league tables?"
    r"|leaderboards?|percentiles?|excellent|outstanding|inadequate|unsatisfactory|requires improvement"
    r"|underperform\w*|top performers?|best teachers?|worst|verdicts?)\b",
    re.IGNORECASE,
)
#: Sentences that name such a word in order to refuse it.
REFUSALS = (
    "No grades",
    "No scores, no ranks",
    "Reads as a grade",
    "Does this read as a grade?",
    "grading(told.note.body)",
)
PAGES = files(".html", below=("app",)) + files(".js", below=("app",))


def _judges(text: str) -> list[str]:
    for refusal in REFUSALS:
        text = text.replace(refusal, "")
    return [found.group() for found in JUDGEMENT.finditer(text)]


@pytest.mark.parametrize("words", ["Grade: 2", "an outstanding lesson", "ranked third", "Requires improvement"])
def test_the_list_catches_what_it_is_for(words: str) -> None:
    assert _judges(words)


def test_p44_no_page_judges() -> None:
    found = {name(page): words for page in PAGES if (words := _judges(read(page)))}
    assert found == {}, "Say what was seen and heard, or ask; a lesson here gets no verdict."


def test_p44_no_table_or_column_can_hold_a_grade() -> None:
    named = [f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns]
    assert [told for told in named if _judges(re.sub(r"[._]", " ", told))] == []


def test_p44_no_fixed_value_is_a_grade() -> None:
    values = [
        str(rule.sqltext)
        for table in metadata.sorted_tables
        for rule in table.constraints
        if isinstance(rule, CheckConstraint)
    ]
    assert values
    assert [told for told in values if _judges(told.replace("_", " "))] == []


def test_p44_every_refusal_is_still_said_somewhere() -> None:
    said = "".join(read(Path(page)) for page in PAGES)
    assert [refusal for refusal in REFUSALS if refusal not in said] == [], "Take it off the list."
