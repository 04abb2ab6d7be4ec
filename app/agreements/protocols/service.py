"""Putting a version to the group, signing it, taking it off the table: the arrows of a protocol version."""

import unicodedata
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.orm import Session

from app import clock
from app.agreements.log import By, write
from app.agreements.projects.models import Participant
from app.agreements.projects.queries import lock_project, this_moment
from app.agreements.protocols.agreed import agreed, kind_of, nothing_changed, text_hash
from app.agreements.protocols.models import Agreement, ProtocolVersion, RosterEntry, VersionState
from app.agreements.protocols.policy import complete
from app.agreements.protocols.queries import in_state
from app.agreements.protocols.ready import refuse_unready
from app.authz import Action, Permit, may
from app.errors import Conflict, Invalid
from app.notify.live.service import tell_live
from app.notify.service import tell
from app.people.accounts.models import Person

#: A proposal that nobody finished is taken off the table, so that it closes nothing for ever.
PROPOSAL_DAYS = 30


def propose(session: Session, permit: Permit[ProtocolVersion]) -> ProtocolVersion:
    """Put a draft to the group: names and text are frozen, its kind is computed, and *clauses* closes at once.

    Raises:
        Invalid: something that every protocol needs is missing (`not_ready`).
        Conflict: it says what is in force already (`nothing_changed`), or somebody was faster (`changed_meanwhile`).
    """
    version = permit.for_(Action.PROTOCOL_PROPOSE)
    lock_project(session, version.project_id)
    _still(session, permit)
    _freeze_roster(session, version)
    text = agreed(session, version)
    current = in_state(session, version.project_id, VersionState.IN_FORCE)
    before = agreed(session, current, live_only=True) if current else None
    refuse_unready(text, now=this_moment(session))
    if nothing_changed(before, text):
        raise Conflict("nothing_changed", "This draft says just what is in force already. Change something first.")
    waiting = in_state(session, version.project_id, VersionState.PROPOSED)
    if waiting is not None:
        _drop(session, permit, waiting)
    version.number = _next_number(session, version)
    version.kind = kind_of(before, text)
    version.text_hash = text_hash(version, text)
    version.state, version.proposed_at = VersionState.PROPOSED, clock.now()
    session.flush()
    # The kind decides what it closes, so it stands in the log beside the state.
    write(
        session,
        permit,
        "protocol.proposed",
        about=version,
        from_state=VersionState.DRAFT,
        to_state=f"{VersionState.PROPOSED}:{version.kind}",
    )
    _tell_others(session, permit, version, "protocol.proposed")
    return version


def sign(session: Session, permit: Permit[ProtocolVersion], *, typed_name: str, text_hash: str) -> Agreement:
    """Sign exactly the text that was read; the last signature puts the version in force.

    Raises:
        Invalid: what was typed isn't the signer's own name (`name_needed`).
        Conflict: the text isn't the one that was read (`text_changed`), or the proposal is off the table
            (`changed_meanwhile`).
    """
    version = permit.for_(Action.PROTOCOL_SIGN)
    _refuse_another_name(typed_name, session.get_one(Person, permit.actor.person_id).name)
    lock_project(session, version.project_id)
    _still(session, permit)
    if text_hash != version.text_hash or text_hash != _hash_now(session, version):
        raise Conflict(
            "text_changed", "The text isn't the one that you read. Here is what it says now: read it, then sign."
        )
    agreement = Agreement(
        alliance_id=version.alliance_id,
        version_id=version.id,
        person_id=permit.actor.person_id,
        typed_name=typed_name.strip(),
        text_hash=text_hash,
    )
    session.add(agreement)
    session.execute(
        update(Participant)
        .where(
            Participant.project_id == version.project_id,
            Participant.person_id == permit.actor.person_id,
            Participant.joined_at.is_(None),
        )
        .values(joined_at=clock.now())
    )
    session.flush()
    write(session, permit, "agreement.signed", about=agreement, to_state="signed")
    _tell_signed(session, version)
    put_in_force_if_complete(session, permit, version.project_id)
    return agreement


def _refuse_another_name(typed_name: str, own: str) -> None:
    """Refuse to take a signature that isn't in the signer's own name."""
    if _plainly(typed_name) != _plainly(own):
        say = f"Type your name as it stands on your account: {own}. If it has changed, change it in your account first."
        raise Invalid("name_needed", say, fields={"typed_name": say})


def _plainly(name: str) -> str:
    """Give a name without what nobody means by it: case, spaces, accents, the shape of an apostrophe."""
    letters = unicodedata.normalize("NFKD", name.replace("’", "'").casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def drop(session: Session, permit: Permit[ProtocolVersion]) -> ProtocolVersion:
    """Take a proposal off the table, by its proposer or by declining it; what is in force opens again as it was.

    Raises:
        Conflict: it isn't proposed any more (`changed_meanwhile`).
    """
    version = permit.for_(Action.PROTOCOL_DROP)
    lock_project(session, version.project_id)
    _still(session, permit)
    _drop(session, permit, version)
    return version


def drop_overdue(session: Session) -> int:
    """Take proposals off the table that have waited for 30 days; the machine's own act, run by the clock."""
    limit = clock.now() - timedelta(days=PROPOSAL_DAYS)
    overdue = session.execute(
        select(ProtocolVersion.id, ProtocolVersion.project_id)
        .where(ProtocolVersion.state == VersionState.PROPOSED, ProtocolVersion.proposed_at <= limit)
        .order_by(ProtocolVersion.project_id)
    ).all()
    for _, project_id in overdue:  # all locks before the first audit row
        lock_project(session, project_id)
    count = 0
    for version_id, _ in overdue:
        version = session.get_one(ProtocolVersion, version_id)
        if version.state == VersionState.PROPOSED:
            _drop(session, "proposal_waited_30_days", version)
            count += 1
    return count


def put_in_force_if_complete(session: Session, by: By, project_id: UUID) -> ProtocolVersion | None:
    """Put what is proposed in force once everybody has signed; the caller holds the project's lock."""
    version = in_state(session, project_id, VersionState.PROPOSED)
    if version is None or not session.scalar(select(complete(literal(version.id)))):
        return None
    former = in_state(session, project_id, VersionState.IN_FORCE)
    if former is not None:
        former.state, former.ended_at = VersionState.SUPERSEDED, clock.now()
        session.flush()  # before the next line: the database holds at most one in force
    version.state, version.in_force_at = VersionState.IN_FORCE, clock.now()
    session.flush()
    write(
        session,
        by,
        "protocol.in_force",
        about=version,
        from_state=VersionState.PROPOSED,
        to_state=VersionState.IN_FORCE,
    )
    _tell_others(session, by, version, "protocol.in_force")
    return version


def take_back_everything(session: Session, by: By, *, project_id: UUID, person_id: UUID) -> None:
    """Take back a person's signatures and mark their entries left, in all versions; the caller holds the lock."""
    of_project = select(ProtocolVersion.id).where(ProtocolVersion.project_id == project_id)
    drafts = of_project.where(ProtocolVersion.state == VersionState.DRAFT)
    session.execute(delete(RosterEntry).where(RosterEntry.person_id == person_id, RosterEntry.version_id.in_(drafts)))
    session.execute(
        update(RosterEntry)
        .where(
            RosterEntry.person_id == person_id, RosterEntry.version_id.in_(of_project), RosterEntry.left_at.is_(None)
        )
        .values(left_at=clock.now())
    )
    standing = session.scalars(
        select(Agreement).where(
            Agreement.person_id == person_id,
            Agreement.version_id.in_(of_project),
            Agreement.taken_back_at.is_(None),
        )
    ).all()
    for agreement in standing:
        agreement.taken_back_at = clock.now()
    session.flush()
    for agreement in standing:
        write(
            session,
            by,
            "agreement.taken_back",
            about=agreement,
            from_state="signed",
            to_state="taken_back",
            actor_id=person_id,
        )


def _tell_others(session: Session, by: By, version: ProtocolVersion, kind: str) -> None:
    """Tell everybody whom the version names, but not whoever did it. A no is never told: it costs nothing."""
    named = session.scalars(
        select(RosterEntry.person_id).where(RosterEntry.version_id == version.id, RosterEntry.left_at.is_(None))
    ).all()
    doer = by.actor.person_id if isinstance(by, Permit) else None
    tell(session, [person_id for person_id in named if person_id != doer], kind, version.id)


def _tell_signed(session: Session, version: ProtocolVersion) -> None:
    """Tell the open pages of all whom the version names how many of them have signed."""
    named = session.scalars(
        select(RosterEntry.person_id).where(RosterEntry.version_id == version.id, RosterEntry.left_at.is_(None))
    ).all()
    signed = session.scalars(
        select(func.count(Agreement.id)).where(
            Agreement.version_id == version.id, Agreement.person_id.in_(named), Agreement.taken_back_at.is_(None)
        )
    ).one()
    for person_id in named:
        tell_live(
            session,
            f"me:{person_id}",
            "protocol.signed",
            {"version_id": version.id, "signed": signed, "of": len(named)},
            alliance_id=version.alliance_id,
        )


def _drop(session: Session, by: By, version: ProtocolVersion) -> None:
    version.state, version.ended_at = VersionState.DROPPED, clock.now()
    session.flush()
    write(
        session,
        by,
        "protocol.dropped",
        about=version,
        from_state=VersionState.PROPOSED,
        to_state=VersionState.DROPPED,
    )


def _still(session: Session, permit: Permit[Any]) -> None:
    """Ask the policy once more, now that nobody else can change the project's agreement."""
    if not may(session, permit.actor, permit.action, type(permit.thing), permit.thing.id):
        raise Conflict("changed_meanwhile", "Something changed while you were reading. Look at the protocol again.")


def _hash_now(session: Session, version: ProtocolVersion) -> str:
    return text_hash(version, agreed(session, version))


def _next_number(session: Session, version: ProtocolVersion) -> int:
    """Keep numbers in the order of proposing: a draft that was overtaken comes after what overtook it."""
    taken = session.scalar(
        select(func.max(ProtocolVersion.number)).where(
            ProtocolVersion.project_id == version.project_id, ProtocolVersion.state != VersionState.DRAFT
        )
    )
    if taken is None or version.number > taken:
        return version.number
    highest = session.scalar(
        select(func.max(ProtocolVersion.number)).where(ProtocolVersion.project_id == version.project_id)
    )
    return (highest or 0) + 1


def _freeze_roster(session: Session, version: ProtocolVersion) -> None:
    """Ask whoever is named for the first time into the project; forget in this draft who has left meanwhile."""
    session.execute(delete(RosterEntry).where(RosterEntry.version_id == version.id, RosterEntry.left_at.is_not(None)))
    entries = session.scalars(select(RosterEntry).where(RosterEntry.version_id == version.id)).all()
    known = {
        row.person_id: row
        for row in session.scalars(select(Participant).where(Participant.project_id == version.project_id))
    }
    for entry in entries:
        participant = known.get(entry.person_id)
        if participant is None:
            session.add(
                Participant(
                    alliance_id=version.alliance_id,
                    project_id=version.project_id,
                    person_id=entry.person_id,
                    capacity=entry.capacity,
                )
            )
        elif participant.left_at is not None:
            # Asked again: they come back only by saying yes once more.
            participant.left_at = participant.joined_at = None
            participant.asked_at = clock.now()
    session.flush()
