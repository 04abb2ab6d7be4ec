"""Canaries: unlike words in every personal column and every object; wherever one is found, it says where it lives."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, TypeAlias

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.db import Privacy
from app.models import metadata
from tests.conftest import Database
from video.storage.base import Storage

Row: TypeAlias = Mapping[str, Any]
#: A word of ours; or what is unlike anything else as it stands: a secret's hash, an object's key, a secret.
_TOKEN: Final = re.compile(
    r"canary-\d{5}|\b[0-9a-f]{64}\b|r/[0-9a-f-]{36}/[0-9a-f]{32}/[\w.]+|(?<![\w-])[\w-]{43}(?![\w-])", re.IGNORECASE
)
#: The class of each column that has one, as `table.column`.
PERSONAL: Final[dict[str, Privacy]] = {
    f"{table.name}.{column.name}": column.info["privacy"]
    for table in metadata.sorted_tables
    for column in table.columns
    if "privacy" in column.info
}
#: Personal columns that can hold no canary.
LEFT_OUT: Final = {
    "membership.roles": "names of roles alone, which pages translate",
    "invitation.roles": "names of roles alone, which pages translate",
    "sound_strip.heard": "a letter for each two seconds, of three",
}
#: Where an object's key stands, by the object's own name.
_KEYS: Final = {
    "source": "asset.source_key",
    "poster.jpg": "asset.poster_key",
    "sheet.jpg": "storyboard.sheet_keys",
    "init.mp4": "rendition.init_key",
    "0.m4s": "segment.key",
}
#: From what colleagues may know to what nearly nobody may; secrets stand nowhere but at home.
_STRICTER: Final = (Privacy.PROFESSIONAL, Privacy.GROUP, Privacy.PERSON, Privacy.CHILDREN, Privacy.SAFEGUARDING)


def fits(home: str, place: str) -> bool:
    """Tell whether the words of one column may be copied into another: into one as strict, or into a letter."""
    if home == place:
        return True
    if PERSONAL.get(home, Privacy.SECRET) is Privacy.SECRET or place not in PERSONAL:
        return False
    if place.startswith("mail."):
        return PERSONAL[home] is Privacy.PROFESSIONAL
    return PERSONAL[place] in _STRICTER[_STRICTER.index(PERSONAL[home]) :]


@dataclass
class Canaries:
    """Every canary that was put out: the column that it lives in, and the row."""

    homes: dict[str, tuple[str, Row]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def new(self, home: str, row: Row) -> str:
        """Make one."""
        token = f"canary-{next(self._numbers):05}"
        self.homes[token] = home, row
        return token

    def plant(self, session: Session) -> None:
        """Put one into each value of each personal column; what is unlike anything else already is its own."""
        for home in PERSONAL.keys() - LEFT_OUT.keys():
            table, name = metadata.tables[home.partition(".")[0]], home.partition(".")[2]
            for row in map(dict, session.execute(select(table)).mappings().all()):
                this = (key == row[key.name] for key in inspect(table).primary_key)
                session.execute(update(table).where(*this).values({name: self._with_canary(row[name], home, row)}))

    def hide(self, secret: str) -> None:
        """Know a secret that may stand nowhere, not even in the database."""
        self.homes[secret.lower()] = "nowhere", {}

    def keep(self, storage: Storage, row: Row) -> None:
        """Know the objects of a recording by their keys, which are also what they hold."""
        for key in storage.keys(f"r/{row['recording_id']}"):
            self.homes[key] = _KEYS[key.rpartition("/")[2]], row

    def found(self, text: str) -> Iterator[tuple[str, str, Row]]:
        """Give each that is in a text, with the column and the row that it lives in."""
        for token in {token.lower() for token in _TOKEN.findall(text)} & self.homes.keys():
            yield token, *self.homes[token]

    def places(self, database: Database) -> set[tuple[str, str]]:
        """Give each column that canaries live in, with each in which they are found, in our tables and the queue's."""
        named = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        with database.owner() as owner:
            return {
                (home, f"{table}.{name}")
                for (table,) in owner.execute(named).fetchall()
                for (row,) in owner.execute(f'SELECT to_jsonb(t) FROM public."{table}" AS t'.encode())  # noqa: S608 - a table's own name
                for name, value in row.items()
                for _, home, _ in self.found(str(value))
            }

    def strays(self, database: Database) -> list[tuple[str, str]]:
        """Give those that are where their words don't belong."""
        return sorted((home, place) for home, place in self.places(database) if not fits(home, place))

    def _with_canary(self, value: Any, home: str, row: Row) -> Any:  # noqa: ANN401 - as the column keeps it
        match value:
            case list():
                return [self._with_canary(one, home, row) for one in value]
            case dict():
                return {name: self._with_canary(one, home, row) for name, one in value.items()}
            case int() | float():
                return value  # a moment, or a count: it holds no words
            case str() if own := _TOKEN.search(value):
                self.homes[own[0]] = home, row
                return value
        # In front, where no page cuts it off, and small, as addresses are.
        return f"{self.new(home, row)}-{value or ''}"


def told(answer: TestResponse) -> str:
    """Give all of an answer: its head and its body."""
    return f"{answer.headers}\n{answer.get_data(as_text=True)}"
