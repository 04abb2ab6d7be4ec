"""`backrow log`: what happened to a thing, in one request, or by one person: ids and fixed words only."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import click
from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.lessons.playback.models import AccessEvent
from config import wire
from config.embedded import running_database
from config.settings import Settings


@dataclass(frozen=True)
class Act:
    """One row of the audit chain."""

    number: int
    at: datetime
    what: str
    thing_kind: str
    thing_id: UUID
    rule: str
    actor_id: UUID | None
    from_state: str | None
    to_state: str | None
    count: int | None
    request_id: str | None


@dataclass(frozen=True)
class Handed:
    """What one person was handed of one recording by one clause, counted."""

    recording_id: UUID
    person_id: UUID
    what: str
    clause: str
    times: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Queued:
    """A job about the thing that is still in the queue's table."""

    number: int
    kind: str
    state: str


@dataclass(frozen=True)
class Story:
    """All of it; each list in the order in which it happened."""

    acts: list[Act]
    handed: list[Handed]
    jobs: list[Queued]


_JOBS = text("""
    SELECT id, task_name, status::text FROM procrastinate_jobs
    WHERE EXISTS (SELECT FROM jsonb_each_text(args) AS field WHERE field.value = :thing) ORDER BY id
""")


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(log)


@click.command(short_help="Tell what is written down about an id.")
@click.argument("id_", metavar="ID")
@click.option(
    "--last", default=200, show_default=True, type=click.IntRange(1), help="At most so many acts, the newest."
)
@click.option("--json", "as_json", is_flag=True, help="One object, for a program to read.")
def log(id_: str, *, last: int, as_json: bool) -> None:
    """Tell what is written down about ID: a thing's, a person's, or a request's from a page's foot."""
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        found = story(session, id_, last=last)
    if as_json:
        click.echo(json.dumps(asdict(found), default=_plain))
        return
    for line in lines(found):
        click.echo(line)


def story(session: Session, id_: str, *, last: int = 200) -> Story:
    """Find what is written down about an id: what people wrote is nowhere in it."""
    try:
        thing = UUID(id_)
    except ValueError:
        return Story(_acts(session, AuditEvent.request_id == id_.strip().upper(), last), [], [])
    acts = _acts(session, or_(AuditEvent.thing_id == thing, AuditEvent.actor_id == thing), last)
    jobs = [Queued(*row) for row in session.execute(_JOBS, {"thing": str(thing)})]
    return Story(acts, _handed(session, thing), jobs)


def lines(found: Story) -> list[str]:
    """Write a story for reading."""
    if not (found.acts or found.handed or found.jobs):
        return ["Nothing is written down about that id. A request's has 8 signs, a thing's or person's 36."]
    told = [_act_line(act) for act in found.acts]
    told += [
        f"{each.first_at:%Y-%m-%d %H:%M:%S} handed out  {each.what} × {each.times} of recording {each.recording_id} "
        f"to {each.person_id} by {each.clause}, until {each.last_at:%Y-%m-%d %H:%M:%S}"
        for each in found.handed
    ]
    return told + [f"job {job.number}  {job.kind}  {job.state}" for job in found.jobs]


def _act_line(act: Act) -> str:
    who = str(act.actor_id) if act.actor_id else "the machine"
    states = f"  {act.from_state or '–'} → {act.to_state or '–'}" if act.from_state or act.to_state else ""
    count = "" if act.count is None else f"  count {act.count}"
    request = f"  request {act.request_id}" if act.request_id else ""
    return (
        f"{act.at:%Y-%m-%d %H:%M:%S} {act.what}  {act.thing_kind} {act.thing_id}{states}{count}  "
        f"by {who}, rule {act.rule}{request}  #{act.number}"
    )


def _acts(session: Session, where: ColumnElement[bool], last: int) -> list[Act]:
    columns = [getattr(AuditEvent, name) for name in Act.__dataclass_fields__]
    rows = session.execute(select(*columns).where(where).order_by(AuditEvent.number.desc()).limit(last))
    return [Act(*row) for row in reversed(rows.all())]


def _handed(session: Session, thing: UUID) -> list[Handed]:
    by = (AccessEvent.recording_id, AccessEvent.person_id, AccessEvent.what, AccessEvent.clause)
    first = func.min(AccessEvent.at)
    rows = session.execute(
        select(*by, func.count(), first, func.max(AccessEvent.at))
        .where(or_(AccessEvent.recording_id == thing, AccessEvent.person_id == thing))
        .group_by(*by)
        .order_by(first, *by)
    )
    return [Handed(*row) for row in rows]


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
