"""Drafts of a protocol: from a template, from what is in force, and as their author changes them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.projects.models import Capacity, Participant, Project
from app.agreements.projects.queries import askable, lock_project, this_moment, zone_of
from app.agreements.protocols import ready
from app.agreements.protocols.agreed import CLAUSES, Focus, agreed
from app.agreements.protocols.models import FocusItem, ProtocolVersion, RosterEntry, VersionState
from app.agreements.protocols.queries import find_draft, in_state
from app.agreements.protocols.ready import VersionDraft
from app.agreements.protocols.starting_templates import TEMPLATES, StartingTemplate
from app.agreements.protocols.starting_words import PRINCIPLES
from app.authz import Action, Permit
from app.errors import Invalid
from app.people.alliances.models import Alliance


def first_draft(session: Session, *, project: Project, template: StartingTemplate, focus: Focus) -> ProtocolVersion:
    """Begin a new project's first draft from a template; everybody in the project is named, and watches."""
    zone = zone_of(session, project.alliance_id)
    last_day = this_moment(session).astimezone(ZoneInfo(zone)).date() + timedelta(days=template.days)
    version = ProtocolVersion(
        alliance_id=project.alliance_id,
        project_id=project.id,
        number=1,
        author_id=project.opened_by,
        template=template.key,
        principles=list(PRINCIPLES),
        note_kinds=list(template.note_kinds),
        stages=template.stages,
        feedback_days=template.feedback_days,
        answer_days=template.answer_days,
        readers=template.readers,
        clips_by=template.clips_by,
        library=template.library,
        download=template.download,
        export=template.export,
        until_at=clock.end_of_day(last_day, zone),
        erase_at=clock.end_of_day(last_day, zone),
    )
    session.add(version)
    session.flush()
    _write_focus(session, version, (focus,))
    _write_roster(session, version, watcher_ids=None, asked_ids=())
    return version


def new_draft(session: Session, permit: Permit[Project]) -> ProtocolVersion:
    """Begin one's own draft: a copy of what is in force, else of what was proposed last; or give the one there is."""
    project = permit.for_(Action.PROTOCOL_PROPOSE)
    lock_project(session, project.id)
    mine = find_draft(session, project.id, permit.actor.person_id)
    if mine is not None:
        return mine
    source = _source(session, project.id)
    says = agreed(session, source, live_only=True)
    highest = session.scalar(select(func.max(ProtocolVersion.number)).where(ProtocolVersion.project_id == project.id))
    version = ProtocolVersion(
        alliance_id=project.alliance_id,
        project_id=project.id,
        number=(highest or 0) + 1,
        author_id=permit.actor.person_id,
        template=source.template,
        principles=list(source.principles),
        note_kinds=list(source.note_kinds),
        stages=dict(source.stages),
        feedback_days=source.feedback_days,
        answer_days=source.answer_days,
        until_at=source.until_at,
        erase_at=source.erase_at,
        text_until_at=source.text_until_at,
    )
    for name, word in says.clauses:
        setattr(version, name, word)
    session.add(version)
    session.flush()
    _write_focus(session, version, says.focus)
    watching = {seat.person_id for seat in says.seats if seat.watches}
    newcomers = _participants(session, project.id).keys() - {seat.person_id for seat in says.seats}
    _write_roster(session, version, watcher_ids=frozenset(watching | newcomers), asked_ids=())
    return version


def edit_draft(session: Session, permit: Permit[ProtocolVersion], *, draft: VersionDraft) -> ProtocolVersion:
    """Keep what its author typed; nothing changes for anybody until it is put to the group.

    Raises:
        Invalid: something can't be agreed as it stands; each field says what to mend.
    """
    version = permit.for_(Action.PROTOCOL_EDIT)
    check_draft(session, permit, draft=draft)
    zone = zone_of(session, version.alliance_id)
    version.principles, version.note_kinds = list(draft.principles), list(draft.note_kinds)
    version.stages = dict(draft.stages)
    version.feedback_days, version.answer_days = draft.feedback_days, draft.answer_days
    for name in CLAUSES:
        if name != "pupils":  # pupils watch in activities of their own, never by a tick here
            setattr(version, name, getattr(draft, name))
    version.until_at = clock.end_of_day(draft.until_on, zone)
    version.erase_at = clock.end_of_day(draft.erase_on, zone)
    version.text_until_at = clock.end_of_day(draft.text_until_on, zone) if draft.text_until_on else None
    session.execute(delete(FocusItem).where(FocusItem.version_id == version.id))
    session.execute(delete(RosterEntry).where(RosterEntry.version_id == version.id))
    _write_focus(session, version, draft.focus)
    _write_roster(session, version, watcher_ids=draft.watcher_ids, asked_ids=draft.asked_ids)
    return version


def check_draft(
    session: Session, permit: Permit[ProtocolVersion], *, draft: VersionDraft, for_the_group: bool = False
) -> None:
    """Say everything that keeps a draft from being kept or, `for_the_group`, from being put to the group.

    Raises:
        Invalid: each field says what to mend.
    """
    version = permit.for_(Action.PROTOCOL_EDIT)
    alliance = session.get_one(Alliance, version.alliance_id)
    wrong = ready.troubles(
        draft,
        reachable={named.person_id for named in askable(session, permit.actor)} | {permit.actor.person_id},
        today=this_moment(session).astimezone(ZoneInfo(alliance.time_zone)).date(),
        most_days=alliance.max_days,
    )
    if for_the_group and "asked" not in wrong:
        wrong |= ready.too_few(len(_participants(session, version.project_id).keys() | draft.asked_ids))
    if wrong:
        raise Invalid("draft_unready", "A few things need mending.", fields=wrong)


def draft_of(session: Session, version: ProtocolVersion) -> VersionDraft:
    """Give what a version says as its author would type it: to fill the form, or to change a part of it."""
    zone = zone_of(session, version.alliance_id)
    says = agreed(session, version, live_only=True)
    here = _participants(session, version.project_id).keys()
    return VersionDraft(
        principles=says.principles,
        focus=says.focus,
        note_kinds=says.note_kinds,
        stages=dict(says.stages),
        feedback_days=says.feedback_days,
        answer_days=says.answer_days,
        readers=version.readers,
        clips_by=version.clips_by,
        library=version.library,
        download=version.download,
        export=version.export,
        until_on=_last_day(says.until_at, zone),
        erase_on=_last_day(says.erase_at, zone),
        after_erase=version.after_erase,
        text_until_on=_last_day(says.text_until_at, zone) if says.text_until_at else None,
        watcher_ids=frozenset(seat.person_id for seat in says.seats if seat.watches),
        asked_ids=frozenset(seat.person_id for seat in says.seats if seat.person_id not in here),
    )


def _source(session: Session, project_id: UUID) -> ProtocolVersion:
    """Find what a new draft begins from; a project is never without a version."""
    current = in_state(session, project_id, VersionState.IN_FORCE)
    if current is not None:
        return current
    return session.scalars(
        select(ProtocolVersion)
        .where(ProtocolVersion.project_id == project_id)
        .order_by(ProtocolVersion.number.desc())
        .limit(1)
    ).one()


def _participants(session: Session, project_id: UUID) -> dict[UUID, str]:
    rows = session.execute(
        select(Participant.person_id, Participant.capacity).where(
            Participant.project_id == project_id, Participant.left_at.is_(None)
        )
    )
    return {row.person_id: row.capacity for row in rows}


def _write_focus(session: Session, version: ProtocolVersion, focus: Iterable[Focus]) -> None:
    session.add_all(
        FocusItem(
            alliance_id=version.alliance_id,
            version_id=version.id,
            position=position,
            name=item.name,
            question=item.question,
            look_fors=list(item.look_fors),
        )
        for position, item in enumerate(focus)
    )
    session.flush()


def _write_roster(
    session: Session, version: ProtocolVersion, *, watcher_ids: frozenset[UUID] | None, asked_ids: Iterable[UUID]
) -> None:
    """Name everybody in the project, and whom the author asks as well; without `watcher_ids` all watch."""
    capacities = dict.fromkeys(asked_ids, Capacity.TEACHER.value) | _participants(session, version.project_id)
    session.add_all(
        RosterEntry(
            alliance_id=version.alliance_id,
            version_id=version.id,
            person_id=person_id,
            capacity=capacity,
            watches=watcher_ids is None or person_id in watcher_ids or person_id in set(asked_ids),
        )
        for person_id, capacity in capacities.items()
    )
    session.flush()


def _last_day(instant: datetime, zone: str) -> date:
    return (instant - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()


def known_template(key: str) -> StartingTemplate:
    """Give the template that a version began from.

    Raises:
        Invalid: there is none of that name, or it can't be opened yet.
    """
    template = TEMPLATES.get(key)
    if template is None or not template.can_be_opened:
        raise Invalid("kind_not_known", "Choose a kind of project.", fields={"kind": "Choose from those listed."})
    return template
