"""What the database tells: its version and steps, what our role may do there, and whether what should happen does."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.custody.erasure.overdue import overdue
from app.wall import everywhere
from config import migrating, safety, wire
from config.accounts import PostgresTrouble
from config.doctor.finding import BAD, MIND, WELL, Finding
from config.embedded import running_database
from config.lock import Taken
from config.logging import describe
from config.settings import Settings

_LEAST_DATABASE = 150_000
_OWN_ROLE = "Give it a role of its own, a member of backrow_app, and put the owner into BACKROW_DATABASE_OWNER_URL."
_OWNS = "SELECT count(*) FROM pg_class WHERE relname = 'procrastinate_jobs' AND pg_has_role(relowner, 'member')"
_MIGHTY = """
    SELECT concat_ws(' and ', CASE WHEN rolsuper THEN 'is a superuser' END,
                     CASE WHEN rolbypassrls THEN 'walks past the wall between alliances' END)
    FROM pg_roles WHERE rolname = current_user
"""
_MAY_CHANGE = """
    SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind)
    FROM unnest(ARRAY['audit_event', 'tombstone']) AS kept, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS kind
    WHERE has_table_privilege(current_user, kept, kind)
"""
_WORKERS = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'"


def look(settings: Settings) -> Iterator[Finding]:
    """Look at the database, started for it where it is ours and doesn't run."""
    try:
        with running_database(settings), _engine(settings) as engine:
            yield version(engine)
            steps = migrated(engine)
            yield steps
            yield clock(engine)
            yield from rights(engine)
            if steps.state == WELL:
                yield from (look_at(engine) for look_at in (worker, erasures))
    except (PostgresTrouble, Taken) as trouble:
        yield Finding("database", BAD, str(trouble), "See the sentence before.")
    except Exception as error:  # noqa: BLE001 - whatever the driver met is told, and the rest is still looked at
        mend = "Check BACKROW_DATABASE_URL, and that the server is up and lets this machine in."
        yield Finding("database", BAD, describe(error), mend)


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = wire.engine(settings, wire.COMMAND)
    try:
        yield engine
    finally:
        engine.dispose()


def _ask(engine: Engine, question: str) -> str:
    with engine.connect() as connection:
        answer = connection.scalar(text(question))
    return "" if answer is None else str(answer)


def version(engine: Engine) -> Finding:
    """Tell which PostgreSQL answers."""
    number = int(_ask(engine, "SHOW server_version_num"))
    says = f"PostgreSQL {number // 10_000}"
    if number < _LEAST_DATABASE:
        return Finding("database", BAD, says, "Use PostgreSQL 15 or newer.")
    return Finding("database", WELL, says)


def migrated(engine: Engine) -> Finding:
    """Tell whether every step has been taken."""
    if migrating.pending(engine):
        return Finding("migrations", BAD, "some steps are missing", "Say `backrow migrate`.")
    return Finding("migrations", WELL, "up to date")


def clock(engine: Engine) -> Finding:
    """Compare this machine's clock with the database's."""
    drifting = safety.drifting_clock(engine)
    if drifting:
        return Finding("clock", BAD, drifting.wrong, drifting.mend)
    return Finding("clock", WELL, "agrees with the database's")


def rights(engine: Engine) -> Iterator[Finding]:
    """Look whether our role could undo what the database holds us to: the wall, and the record."""
    mighty = _ask(engine, _MIGHTY)
    if mighty:
        yield Finding("role", BAD, f"the application's role {mighty}", _OWN_ROLE)
    elif _ask(engine, _OWNS) != "0":
        says = "the application owns the tables, and so could change the audit record"
        yield Finding("role", MIND, says, _OWN_ROLE)
    else:
        yield Finding("role", WELL, "the application can't change its own tables, nor see past the wall")
    if not _ask(engine, "SELECT to_regclass('audit_event')"):
        return
    kinds = _ask(engine, _MAY_CHANGE)
    if kinds:
        yield Finding("record", BAD, f"the application may {kinds} rows of the record", _OWN_ROLE)
    else:
        yield Finding("record", WELL, "the application can add to the record, and change nothing in it")


def worker(engine: Engine) -> Finding:
    """Look for a worker's sign of life."""
    seen = _ask(engine, _WORKERS)
    if seen == "0":
        mend = "Start Backrow (`backrow serve`), or a `backrow worker` and a `backrow clock` of their own."
        return Finding("worker", MIND, "none gave a sign of life within a minute", mend)
    return Finding("worker", WELL, f"{seen} gave a sign of life within a minute")


def erasures(engine: Engine) -> Finding:
    """Look for what should have been erased by now."""
    with everywhere(sessionmaker(engine))() as session:
        return _lateness(session)


def _lateness(session: Session) -> Finding:
    late = overdue(session)
    if late.count:
        mend = "Start a `backrow clock` and a worker; if they run, `backrow jobs` shows what fails."
        says = f"{late.count} recordings are kept past their date, the oldest since {late.oldest_at:%Y-%m-%d %H:%M}"
        return Finding("erasures", BAD, says, mend)
    return Finding("erasures", WELL, "nothing is kept past its date")
