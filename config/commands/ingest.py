"""`backrow ingest`: films from a folder or a capture kit, by the very same way as the browser's."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.orm import Session, sessionmaker

from app import policies
from app.agreements.projects.models import Project
from app.authz import Action, Actor, permit
from app.errors import BackrowError, NotFound
from app.jobs import Queue
from app.lessons.uploads import outcomes, turns
from app.lessons.uploads import service as uploads
from app.lessons.uploads.outcomes import Outcome
from app.lessons.uploads.sending import Sender, fingerprint
from app.lessons.uploads.wish import Wish
from app.people.alliances.models import Alliance
from app.people.keeping import find_person
from config import logging, wire
from config.embedded import running_database
from config.settings import Settings
from workers import registry, run
from workers.tools import Tools

# A rule that isn't imported says no.
POLICIES = policies.__all__
_QUEUES = (Queue.INTERACTIVE, Queue.MEDIA)
_SLOTS = 2
#: So long may our jobs wait while no worker does anything, before this process does them itself.
_PATIENCE_S = 3.0
_LOOK_S = 0.5


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(ingest)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is printed of one file."""

    file: str
    recording_id: str | None
    state: str
    error_code: str | None
    message: str
    duration_ms: int | None
    renditions: list[str]
    seconds: float


@dataclass(frozen=True)
class Sent:
    """A file that was sent; `recording_id` is None where it was refused, and `refused` says why."""

    file: Path
    began: float
    upload_id: UUID | None = None
    refused: BackrowError | None = None


@click.command(short_help="Take films from files, each as a private lesson.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--owner", required=True, metavar="EMAIL", help="Whose lessons these are.")
@click.option("--project", "project_id", type=click.UUID, help="For which project; without it, the one that waits.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a file.")
@click.pass_context
def ingest(
    context: click.Context, files: tuple[Path, ...], owner: str, project_id: UUID | None, *, as_json: bool
) -> None:
    """Take films from files, each as a lesson of its own that nobody but its owner sees, and wait until it is prepared.

    Ends with 1 if any of them can't be watched.
    """
    settings = Settings.from_env()
    logging.configure("ingest")
    well = True
    with running_database(settings):
        tools = wire.tools(settings)
        registry.load()
        tools.storage.prepare()
        try:
            actor = _actor(tools.sessions, owner, project_id)
            sender = Sender(sessions=tools.sessions, storage=tools.storage, actor=actor)
            sent = [_send(sender, file, project_id) for file in files]
            for line in _wait(settings, tools, sent):
                well = well and line.state == "ready"
                click.echo(json.dumps(asdict(line)) if as_json else _said(line))
        finally:
            tools.scratch.close()
    context.exit(0 if well else 1)


def _actor(sessions: sessionmaker[Session], owner: str, project_id: UUID | None) -> Actor:
    with sessions() as session:
        project = None if project_id is None else session.get(Project, project_id)
        if project_id is not None and project is None:
            raise NotFound
        alliance = None if project is None else session.get_one(Alliance, project.alliance_id).name
        person = find_person(session, owner, alliance=alliance)
        return Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)


def _send(sender: Sender, file: Path, project_id: UUID | None) -> Sent:
    began = time.monotonic()
    try:
        with file.open("rb") as film:
            size_bytes = film.seek(0, 2)
            print_ = fingerprint(film, size_bytes)
            with sender.sessions.begin() as session:
                may_begin = (
                    turns.project_for(session, sender.actor, fingerprint=print_, size_bytes=size_bytes)
                    if project_id is None
                    else permit(session, sender.actor, Action.CYCLE_BEGIN, Project, project_id)
                )
                cycle_id = turns.turn_for(session, may_begin, fingerprint=print_, size_bytes=size_bytes)
                wish = Wish(cycle_id=cycle_id, name=file.name, size_bytes=size_bytes, fingerprint=print_)
                uploads.check(session, sender.actor.alliance_id, wish)  # a film that is refused begins no turn
            return Sent(file, began, upload_id=sender.send(wish, film))
    except BackrowError as error:
        return Sent(file, began, refused=error)


def _wait(settings: Settings, tools: Tools, sent: list[Sent]) -> Iterator[Line]:
    """Yield a line for each file, in their order, as soon as it is settled."""
    idle_since = time.monotonic()
    for one in sent:
        outcome = _outcome(tools, one)
        while outcome is not None and not outcome.settled:
            if _others_work(tools):
                idle_since = time.monotonic()
            if time.monotonic() - idle_since >= _PATIENCE_S:
                run.work_off(wire.queue_conninfo(settings), tools, queues=_QUEUES, slots=_SLOTS)
            time.sleep(_LOOK_S)
            outcome = _outcome(tools, one)
        yield _line(one, outcome)


def _others_work(tools: Tools) -> bool:
    with tools.sessions() as session:
        return outcomes.others_work(session)


def _outcome(tools: Tools, one: Sent) -> Outcome | None:
    if one.upload_id is None:
        return None
    with tools.sessions() as session:
        return outcomes.of_upload(session, one.upload_id)


def _line(one: Sent, outcome: Outcome | None) -> Line:
    seconds = round(time.monotonic() - one.began, 2)
    if outcome is None:
        code = one.refused.code if one.refused else None
        say = one.refused.say if one.refused else ""
        return Line(
            file=str(one.file),
            recording_id=None,
            state="needs_attention",
            error_code=code,
            message=say,
            duration_ms=None,
            renditions=[],
            seconds=seconds,
        )
    return Line(
        file=str(one.file),
        recording_id=str(outcome.recording_id),
        state=outcome.state,
        error_code=outcome.code,
        message=outcome.say,
        duration_ms=outcome.duration_ms,
        renditions=outcome.renditions,
        seconds=seconds,
    )


def _said(line: Line) -> str:
    about = f"{line.message} ({line.error_code})" if line.error_code else line.message
    return f"{line.file}: {line.state}. {about}"
