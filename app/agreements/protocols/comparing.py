"""What changes from one version to another, and who gains or loses sight, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.agreements.projects.queries import Named, names_of, this_moment, zone_of
from app.agreements.protocols.agreed import Agreed, Focus, agreed
from app.agreements.protocols.audience import listed, said_day
from app.agreements.protocols.models import ProtocolVersion
from app.agreements.protocols.starting_words import KIND_BY_KEY

#: What each word of a clause means to the people who sign it.
CLAUSE_WORDS: Final = {
    "readers": {
        "teacher": "feedback is read by the teacher alone",
        "group": "feedback is read by the teacher, and by those who watched and have shared their own",
    },
    "clips_by": {
        "owner": "clips are marked by the teacher alone",
        "watchers": "clips are marked by the teacher and by those who watch",
    },
    "library": {
        "no": "nothing goes into the library",
        "clips": "the teacher may offer clips to the library",
        "lessons": "the teacher may offer clips and whole lessons to the library",
    },
    "download": {
        "nobody": "nobody downloads the film, not even the teacher",
        "owner": "the teacher may download the film",
        "watchers": "the teacher and those who watch may download the film",
    },
    "export": {
        "yes": "notes may be exported as text, each their own",
        "no": "only the teacher exports text",
    },
    "pupils": {"yes": "trained pupils may watch in an opened session", "no": "no pupils watch"},
    "after_erase": {
        "erase": "the words go with the film",
        "teacher_keeps_text": "the teacher keeps the words for a time after the film is erased",
    },
}
STAGE_WORDS: Final = {"before": "before the lesson", "during": "while watching", "after": "after watching"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: something is `new`, `gone`, or `changed`."""

    mark: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All differences between two versions, and what they mean for who may watch."""

    changes: tuple[Change, ...]
    gains: tuple[str, ...]
    loses: tuple[str, ...]

    @property
    def sight(self) -> str:
        """Say who gains and who loses sight."""
        said = []
        if self.gains:
            said.append(f"{listed(list(self.gains))} may watch for the first time.")
        if self.loses:
            said.append(f"{listed(list(self.loses))} may no longer watch.")
        return " ".join(said) or "Nobody new may watch, and nobody stops."


def compare(session: Session, old: ProtocolVersion, new: ProtocolVersion) -> Comparison:
    """Compare two versions, without those who have left."""
    before, after = agreed(session, old, live_only=True), agreed(session, new, live_only=True)
    seats = before.seats | after.seats
    people = names_of(session, [seat.person_id for seat in seats])
    zone, now = zone_of(session, old.alliance_id), this_moment(session)
    days = {
        name: tuple(said_day(getattr(says, name), zone=zone, now=now) for says in (before, after))
        for name in ("until_at", "erase_at")
    }
    return Comparison(
        changes=(
            *_words_changed(before, after),
            *_dates_changed(days),
            *_people_changed(before, after, people),
        ),
        gains=_said(_watching(after) - _watching(before), people),
        loses=_said(_watching(before) - _watching(after), people),
    )


def _words_changed(before: Agreed, after: Agreed) -> Iterator[Change]:
    yield from _lists("principle", before.principles, after.principles)
    yield from _focus_changed(before.focus, after.focus)
    yield from _lists("kind of note", _kinds(before), _kinds(after))
    stages = dict(before.stages)
    for name, words in after.stages:
        if stages.get(name) != words:
            yield Change(mark="changed", words=f"what happens {STAGE_WORDS.get(name, name)} reads otherwise")
    yield from _number("feedback is shared", before.feedback_days, after.feedback_days)
    yield from _number("it is answered", before.answer_days, after.answer_days)
    for name, word in after.clauses:
        if before.clause(name) != word:
            yield Change(
                mark="changed", words=f"{CLAUSE_WORDS[name][word]} (was: {CLAUSE_WORDS[name][before.clause(name)]})"
            )


def _focus_changed(before: tuple[Focus, ...], after: tuple[Focus, ...]) -> Iterator[Change]:
    yield from _lists("focus item", [item.name for item in before], [item.name for item in after])
    known = {item.name: item for item in before}
    for item in after:
        if item.name in known and known[item.name] != item:
            yield Change(mark="changed", words=f"focus item '{item.name}' asks or looks for something else")


def _lists(what: str, before: tuple[str, ...] | list[str], after: tuple[str, ...] | list[str]) -> Iterator[Change]:
    for words in after:
        if words not in before:
            yield Change(mark="new", words=f"{what} '{words}'")
    for words in before:
        if words not in after:
            yield Change(mark="gone", words=f"{what} '{words}'")


def _number(what: str, before: int, after: int) -> Iterator[Change]:
    if before != after:
        yield Change(mark="changed", words=f"{what} within {after} school days (was {before})")


def _dates_changed(days: dict[str, tuple[str, ...]]) -> Iterator[Change]:
    for name, what in (("until_at", "others may watch until"), ("erase_at", "kept until")):
        before, after = days[name]
        if before != after:
            yield Change(mark="changed", words=f"{what} {after} (was {before})")


def _people_changed(before: Agreed, after: Agreed, people: dict[UUID, Named]) -> Iterator[Change]:
    former = {seat.person_id for seat in before.seats}
    present = {seat.person_id for seat in after.seats}
    for mark, changed in (("new", present - former), ("gone", former - present)):
        for words in _said(changed, people):
            yield Change(mark=mark, words=f"{words} takes part")


def _watching(says: Agreed) -> set[UUID]:
    return {seat.person_id for seat in says.seats if seat.watches}


def _said(person_ids: set[UUID], people: dict[UUID, Named]) -> tuple[str, ...]:
    return tuple(sorted(people[person_id].words for person_id in person_ids))


def _kinds(says: Agreed) -> list[str]:
    return [KIND_BY_KEY[kind].name if kind in KIND_BY_KEY else kind for kind in says.note_kinds]
