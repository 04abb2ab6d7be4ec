"""The base of every table: naming, types, and what each personal column owes to people's privacy."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, MetaData, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass


class Privacy(StrEnum):
    """How private a column is; logs, mail and search may hold only what its class allows."""

    #: professional: name, school, role, address
    PROFESSIONAL = "C1"
    #: one person's own
    PERSON = "C2"
    #: a group's, under its protocol
    GROUP = "C3"
    #: children in picture, sound or words
    CHILDREN = "C4"
    #: safeguarding
    SAFEGUARDING = "C5"
    #: a secret: hashes, tokens
    SECRET = "K"  # noqa: S105 - the name of a class, not a secret


def personal(privacy: Privacy) -> dict[str, Any]:
    """Say a column's privacy class where the column is born: `mapped_column(info=personal(Privacy.GROUP))`."""
    return {"privacy": privacy}


class Base(MappedAsDataclass, DeclarativeBase):
    """Every table; instants are `timestamptz`, words are `text`, lists and facts are `jsonb`."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_ix",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_ck",
            "fk": "%(table_name)s_%(column_0_N_name)s_fk",
            "pk": "%(table_name)s_pk",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text(),
        list[str]: JSONB(),
        list[int]: JSONB(),
        list[float]: JSONB(),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }

    def __repr__(self) -> str:
        """Show class and id only: what people wrote stays out of logs and traces."""
        return f"<{type(self).__name__} {getattr(self, 'id', '')}>"


def within(parent: str, column: str, *, ondelete: str = "CASCADE") -> ForeignKeyConstraint:
    """Tie a row to its parent *in the same alliance*: a mixed-up id can't cross from one alliance to another."""
    return ForeignKeyConstraint(["alliance_id", column], [f"{parent}.alliance_id", f"{parent}.id"], ondelete=ondelete)


def known_by_alliance() -> UniqueConstraint:
    """Let children name this row together with its alliance (see `within`)."""
    return UniqueConstraint("alliance_id", "id")


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """Hold a text column to the members of `kinds`."""
    words = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({words})", f"{column}_known")
