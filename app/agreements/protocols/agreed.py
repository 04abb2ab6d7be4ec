"""Everything that one version says, as plain values: what is hashed, compared, shown and signed."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.projects.queries import names_of
from app.agreements.protocols.models import Agreement, FocusItem, ProtocolVersion, RosterEntry, VersionKind

#: The clauses that are one word each.
CLAUSES = ("readers", "clips_by", "library", "download", "export", "pupils", "after_erase")


@dataclass(frozen=True, kw_only=True)
class Focus:
    """One thing to look at."""

    name: str
    question: str
    look_fors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Somebody whom the version names."""

    person_id: UUID
    capacity: str
    watches: bool


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a version says, whole. Two that are equal mean the same to everybody."""

    template: str
    principles: tuple[str, ...]
    focus: tuple[Focus, ...]
    note_kinds: tuple[str, ...]
    stages: tuple[tuple[str, str], ...]
    feedback_days: int
    answer_days: int
    clauses: tuple[tuple[str, str], ...]
    until_at: datetime
    erase_at: datetime
    text_until_at: datetime | None
    seats: frozenset[Seat]

    def clause(self, name: str) -> str:
        """Give one clause's word."""
        return dict(self.clauses)[name]


def agreed(session: Session, version: ProtocolVersion, *, live_only: bool = False) -> Agreed:
    """Read all that a version says; with `live_only`, without those who have left since."""
    focus = session.scalars(
        select(FocusItem).where(FocusItem.version_id == version.id).order_by(FocusItem.position, FocusItem.id)
    )
    seats = select(RosterEntry).where(RosterEntry.version_id == version.id)
    if live_only:
        seats = seats.where(RosterEntry.left_at.is_(None))
    return Agreed(
        template=version.template,
        principles=tuple(version.principles),
        focus=tuple(Focus(name=item.name, question=item.question, look_fors=tuple(item.look_fors)) for item in focus),
        note_kinds=tuple(version.note_kinds),
        stages=tuple(sorted((str(name), str(words)) for name, words in version.stages.items())),
        feedback_days=version.feedback_days,
        answer_days=version.answer_days,
        clauses=tuple((name, str(getattr(version, name))) for name in CLAUSES),
        until_at=version.until_at.astimezone(UTC),
        erase_at=version.erase_at.astimezone(UTC),
        text_until_at=version.text_until_at.astimezone(UTC) if version.text_until_at else None,
        seats=frozenset(
            Seat(person_id=entry.person_id, capacity=entry.capacity, watches=entry.watches)
            for entry in session.scalars(seats)
        ),
    )


def text_hash(version: ProtocolVersion, text: Agreed) -> str:
    """Hash what a version says, with its project and number: equal only where every word and name is.

    SHA-256 over JSON with sorted keys and no spaces, people in the order of their ids.
    """
    whole: dict[str, Any] = asdict(text)
    whole["seats"] = sorted((str(seat.person_id), seat.capacity, seat.watches) for seat in text.seats)
    whole["project"], whole["number"] = str(version.project_id), version.number
    written = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)
    return sha256(written.encode()).hexdigest()


def kind_of(before: Agreed | None, after: Agreed) -> VersionKind:
    """Say what a version changes: `before` is what is in force, without those who have left.

    Only persons added: *people*. Anything else, be it a comma: *clauses*; no machine judges which change matters.
    """
    if before is None:
        return VersionKind.FIRST
    same_words = _without_seats(before) == _without_seats(after)
    return VersionKind.PEOPLE if same_words and before.seats < after.seats else VersionKind.CLAUSES


def nothing_changed(before: Agreed | None, after: Agreed) -> bool:
    """Tell whether a version says just what is in force already."""
    return before is not None and before == after


@dataclass(frozen=True, kw_only=True)
class Signature:
    """How one person named by a version stands to it."""

    person_id: UUID
    name: str
    school: str
    watches: bool
    signed_at: datetime | None
    left: bool

    @property
    def words(self) -> str:
        """Say who it is: `Amina Khan (Hillside)`."""
        return f"{self.name} ({self.school})" if self.school else self.name


def signatures(session: Session, version_ids: Iterable[UUID]) -> dict[UUID, list[Signature]]:
    """List who is named by each version and who has signed, in the order of their names; two queries for all."""
    asked = list(version_ids)
    rows = session.execute(
        select(RosterEntry, Agreement.signed_at)
        .outerjoin(
            Agreement,
            (Agreement.version_id == RosterEntry.version_id)
            & (Agreement.person_id == RosterEntry.person_id)
            & Agreement.taken_back_at.is_(None),
        )
        .where(RosterEntry.version_id.in_(asked))
    ).all()
    known = names_of(session, [entry.person_id for entry, _ in rows])
    found: dict[UUID, list[Signature]] = {version_id: [] for version_id in asked}
    for entry, signed_at in rows:
        named = known[entry.person_id]
        found[entry.version_id].append(
            Signature(
                person_id=entry.person_id,
                name=named.name,
                school=named.school,
                watches=entry.watches,
                signed_at=signed_at,
                left=entry.left_at is not None,
            )
        )
    return {version_id: sorted(people, key=lambda one: one.name) for version_id, people in found.items()}


def _without_seats(text: Agreed) -> tuple[Any, ...]:
    return tuple(value for name, value in vars(text).items() if name != "seats")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)
