"""Reads about recordings: what is mine, who may watch and why, and the sentences that say so."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, aliased

from app import authz, clock
from app.agreements.projects.queries import Named, names_of
from app.agreements.protocols.audience import Watcher, audience_of_version, said_day, sentence
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.agreements.protocols.policy import current, open_
from app.authz import Action, Actor, Id, Permit, allowed, persons, there_is
from app.lessons.recordings.conditions import GONE, held, objected
from app.lessons.recordings.models import Recording, RecordingState
from app.lessons.recordings.policy import named_parts
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance


@dataclass(frozen=True, kw_only=True)
class CarriedOver:
    """What bringing a lesson under the version in force would change, by name."""

    gains: list[Watcher]
    keeps: list[Watcher]
    #: named by the version that it was shared under, and no longer; they lost sight of it when the new one came
    loses: list[Watcher]


def my_recordings(session: Session, actor: Actor) -> list[Recording]:
    """List a teacher's own lessons, newest first; erased ones are absent."""
    mine = allowed(actor, Action.REC_LIST, Recording).where(Recording.owner_id == actor.person_id)
    return list(session.scalars(mine.order_by(Recording.created_at.desc(), Recording.id)))


def my_erased(session: Session, actor: Actor) -> list[Recording]:
    """List a teacher's lessons of which only the log is left, or soon will be; newest first."""
    mine = allowed(actor, Action.LOG_READ, Recording).where(
        Recording.owner_id == actor.person_id, Recording.state.in_([state.value for state in GONE])
    )
    return list(session.scalars(mine.order_by(Recording.created_at.desc(), Recording.id)))


def shared_with(session: Session, actor: Actor) -> list[Recording]:
    """List the lessons of others that this person may watch now, newest first; paused ones are absent, not greyed."""
    theirs = allowed(actor, Action.REC_WATCH, Recording).where(Recording.owner_id != actor.person_id)
    return list(session.scalars(theirs.order_by(Recording.shared_at.desc(), Recording.id)))


def find_by_cycle(session: Session, actor: Actor, cycle_id: UUID) -> Recording | None:
    """Find a turn's lesson, if this person may know of it."""
    return session.scalars(
        allowed(actor, Action.REC_LIST, Recording)
        .where(Recording.cycle_id == cycle_id)
        .order_by(Recording.created_at.desc())
        .limit(1)
    ).one_or_none()


def because(session: Session, permit: Permit[Recording]) -> str:
    """Say why this person may watch, in the words of the clause."""
    recording = permit.thing
    text = authz.sentence(permit.action, Recording, permit.clause)
    if "{" not in text:
        return text
    in_force = aliased(ProtocolVersion)
    until_now = (
        select(func.min(in_force.until_at))
        .where(in_force.project_id == recording.project_id, in_force.state == VersionState.IN_FORCE)
        .scalar_subquery()
    )
    bound = session.execute(
        select(
            ProtocolVersion.number,
            func.least(ProtocolVersion.until_at, until_now, recording.delete_at).label("last"),
            Alliance.time_zone,
            clock.now().label("now"),
        )
        .join(Alliance, Alliance.id == ProtocolVersion.alliance_id)
        .where(ProtocolVersion.id == recording.bound_version_id)
    ).one()
    owner = names_of(session, [recording.owner_id])[recording.owner_id]
    last = said_day(bound.last, zone=bound.time_zone, now=bound.now)
    return text.format(owner=owner.name, version=bound.number, until=last)


def may_watch_now(session: Session, recording: Recording) -> list[Watcher]:
    """List who can watch at this moment, owner apart: the watching rule itself, run in reverse."""
    rows = session.scalars(persons(Action.REC_WATCH, Recording, recording.id, Person)).all()
    return _watchers(session, recording, [person.id for person in rows], bound=recording.bound_version_id)


def would_watch(session: Session, recording: Recording) -> tuple[ProtocolVersion | None, list[Watcher]]:
    """Say who could watch if the owner shared it now, under the version in force: the watching rule itself."""
    version = session.scalars(
        select(ProtocolVersion).where(
            ProtocolVersion.project_id == recording.project_id, ProtocolVersion.state == VersionState.IN_FORCE
        )
    ).one_or_none()
    if version is None:
        return None, []
    return version, _watchers(
        session, recording, _named(session, recording, current(Recording.project_id)), bound=version.id
    )


def if_carried_over(session: Session, recording: Recording) -> CarriedOver:
    """Say who gains and who loses sight of a lesson, compared with whom it is open to, or would be if resumed."""
    bound = session.get_one(ProtocolVersion, recording.bound_version_id)
    now = set(_named(session, recording, literal(bound.id)))
    _, then = would_watch(session, recording)
    lasting = {watcher.person_id for watcher in then}
    return CarriedOver(
        gains=[watcher for watcher in then if watcher.person_id not in now],
        keeps=[watcher for watcher in then if watcher.person_id in now],
        loses=[
            watcher
            for watcher in audience_of_version(session, bound, recording.owner_id)
            if watcher.person_id not in lasting
        ],
    )


def audience_sentence(session: Session, recording: Recording) -> str:
    """Say in one sentence who will be able to watch once the owner shares it, and until when."""
    version, watchers = would_watch(session, recording)
    if version is None:
        return "Nobody but you can watch this. Until you have all signed a protocol it can't be shared."
    return sentence(session, version, watchers)


def audience_words(session: Session, recording: Recording) -> str:
    """Say in one sentence who can watch now, and until when."""
    watchers = may_watch_now(session, recording)
    if not watchers or recording.bound_version_id is None:
        return "Nobody but you can watch this now."
    return sentence(session, session.get_one(ProtocolVersion, recording.bound_version_id), watchers)


def obstacles(session: Session, recording: Recording) -> list[str]:
    """Say what has to happen before a lesson can be shared, each with its mend; none when it can be."""
    asked = session.execute(
        select(
            current(Recording.project_id).is_not(None).label("agreed"),
            open_(Recording.project_id).label("open"),
            objected().label("objected"),
            held().label("held"),
            Recording.verified_at.is_not(None).label("verified"),
            there_is(ProtocolVersion)
            .where(ProtocolVersion.id == current(Recording.project_id), ProtocolVersion.erase_at <= clock.now())
            .label("over"),
        ).where(Recording.id == recording.id)
    ).one()
    said = {
        "No protocol is in force yet: it can be shared once all of you have signed one.": not asked.agreed,
        "A change of the protocol waits for signatures: watching stops until all have signed, or it is dropped.": (
            asked.agreed and not asked.open
        ),
        "Somebody in this class does not wish to be seen. Talk with your school's data-protection lead: you can still "
        "watch it yourself, to find what to cut.": asked.objected,
        "A safeguarding hold closes this lesson for now. Your data-protection lead tells you why.": asked.held,
        "The day until which this protocol keeps lessons is over. Agree a new version first.": asked.over,
        "We are still checking that everything arrived as it was sent.": not asked.verified,
    }
    return [words for words, true in said.items() if true]


def owner_of(session: Session, recording: Recording) -> Named:
    """Give the teacher's name and school."""
    return names_of(session, [recording.owner_id])[recording.owner_id]


def _named(session: Session, recording: Recording, bound: Id) -> list[UUID]:
    """Ask the watching rule itself, as if the lesson were shared under `bound`."""
    parts = named_parts(Person.id, shared=Recording.id == recording.id, bound=bound)
    found = session.scalars(
        select(Person.id).where(
            Person.alliance_id == recording.alliance_id,
            select(Recording.id).where(Recording.id == recording.id, *parts.values()).correlate(Person).exists(),
        )
    )
    return list(found)


def _watchers(session: Session, recording: Recording, person_ids: list[UUID], *, bound: UUID | None) -> list[Watcher]:
    if not person_ids or bound is None:
        return []
    version = session.get_one(ProtocolVersion, bound)
    ends = session.scalar(
        select(func.min(ProtocolVersion.until_at)).where(
            ProtocolVersion.project_id == recording.project_id, ProtocolVersion.state == VersionState.IN_FORCE
        )
    )
    watchers = [
        Watcher(
            person_id=named.person_id,
            name=named.name,
            school=named.school,
            clause=f"named in protocol v{version.number}",
            until_at=min(version.until_at, ends or version.until_at, recording.delete_at),
        )
        for named in names_of(session, person_ids).values()
        if named.person_id != recording.owner_id
    ]
    return sorted(watchers, key=lambda watcher: (watcher.name, watcher.person_id))


def lessons_gone(session: Session, cycle_ids: list[UUID]) -> dict[UUID, str]:
    """Say of which turns the lesson is gone for good, none having come after it; how, in a word."""
    rows = session.execute(
        select(Recording.cycle_id, func.bool_and(Recording.state == RecordingState.ERASED))
        .where(Recording.cycle_id.in_(cycle_ids))
        .group_by(Recording.cycle_id)
        .having(func.bool_and(Recording.state.in_(GONE)))
    )
    return {cycle_id: "erased" if erased else "closed for good" for cycle_id, erased in rows}
