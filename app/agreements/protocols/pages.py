"""What the pages of a protocol show: one version in words, and where its signatures stand."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.agreements.protocols.agreed import Agreed, Signature, agreed, signatures
from app.agreements.protocols.audience import NOBODY_ELSE, audience_of_version, last_day, listed
from app.agreements.protocols.comparing import CLAUSE_WORDS, Comparison, compare
from app.agreements.protocols.models import ProtocolVersion, VersionKind, VersionState
from app.agreements.protocols.queries import in_state, signed_before
from app.agreements.protocols.starting_words import KIND_BY_KEY, StartingKind

SHOWN_CLAUSES = ("readers", "clips_by", "library", "download", "export", "after_erase")
STATE_WORDS = {
    VersionState.DRAFT: "your draft; nobody else can read it",
    VersionState.PROPOSED: "waits for signatures",
    VersionState.IN_FORCE: "in force, signed by all",
    VersionState.SUPERSEDED: "replaced by a later one",
    VersionState.DROPPED: "taken off the table",
}


@dataclass(frozen=True, kw_only=True)
class Read:
    """One version, as its page shows it."""

    version: ProtocolVersion
    says: Agreed
    people: list[Signature]
    kinds: list[StartingKind]
    clauses: list[str]
    state_words: str

    @property
    def watchers(self) -> list[Signature]:
        """List those who may watch."""
        return [one for one in self.people if one.watches and not one.left]


def read(session: Session, version: ProtocolVersion) -> Read:
    """Gather one version for its page."""
    says = agreed(session, version)
    return Read(
        version=version,
        says=says,
        people=signatures(session, [version.id])[version.id],
        kinds=[KIND_BY_KEY[kind] for kind in says.note_kinds if kind in KIND_BY_KEY],
        clauses=[_sentence(CLAUSE_WORDS[name][says.clause(name)]) for name in SHOWN_CLAUSES],
        state_words=STATE_WORDS[VersionState(version.state)],
    )


def meaning(session: Session, version: ProtocolVersion, reader_id: UUID) -> str:
    """Say to one person what a version means for the lessons that they will share."""
    watchers = audience_of_version(session, version, reader_id, once_all_have_signed=True)
    if not watchers:
        return f"Nobody but you may watch your lessons in this project. {NOBODY_ELSE}"
    last = last_day(version.until_at, session=session, alliance_id=version.alliance_id)
    people = listed([watcher.words for watcher in watchers])
    says = f"Once all have signed, {people} may watch the lessons that you share in this project, until {last}. "
    if version.kind == VersionKind.FIRST:
        return says + NOBODY_ELSE
    return f"{says}{NOBODY_ELSE} Lessons you shared before never open to anyone new until you say so."


def changed_for(session: Session, version: ProtocolVersion, reader_id: UUID) -> tuple[int, Comparison] | None:
    """Say what has changed since the version that this person signed last; none for a first one."""
    before = signed_before(session, version, reader_id) or in_state(session, version.project_id, VersionState.IN_FORCE)
    if before is None or before.id == version.id:
        return None
    return before.number, compare(session, before, version)


def as_json(session: Session, version: ProtocolVersion) -> dict[str, Any]:
    """Give a version to machines."""
    says = agreed(session, version)
    people = signatures(session, [version.id])[version.id]
    return {
        "id": str(version.id),
        "project_id": str(version.project_id),
        "number": version.number,
        "kind": version.kind,
        "state": version.state,
        "text_hash": version.text_hash,
        "principles": list(says.principles),
        "focus": [vars(item) | {"look_fors": list(item.look_fors)} for item in says.focus],
        "note_kinds": list(says.note_kinds),
        "stages": dict(says.stages),
        "feedback_days": says.feedback_days,
        "answer_days": says.answer_days,
        **dict(says.clauses),
        "until_at": f"{says.until_at:%Y-%m-%dT%H:%M:%SZ}",
        "erase_at": f"{says.erase_at:%Y-%m-%dT%H:%M:%SZ}",
        "roster": [
            {
                "person_id": str(one.person_id),
                "name": one.name,
                "watches": one.watches,
                "signed": one.signed_at is not None,
                "left": one.left,
            }
            for one in people
        ],
        "signed": sum(one.signed_at is not None for one in people if not one.left),
        "of": sum(not one.left for one in people),
    }


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
