"""Bring a database to the state that this version needs."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

_STEPS = Path(__file__).resolve().parent.parent / "migrations"


def owner_engine(url: str) -> Engine:
    """Make an engine that keeps no connection: for the owner's role, which is used for a moment at start only."""
    return create_engine(url, poolclass=NullPool)


def upgrade(url: str, *, to: str = "head") -> list[str]:
    """Take the steps that the database at `url` (the owner's address) lacks; return their names, none if up to date."""
    engine = owner_engine(url)
    with engine.connect() as connection:
        before = _taken(connection.engine)
        command.upgrade(_config(connection=connection), to)
        after = _taken(connection.engine)
    if before == after:
        return []
    return [str(step.doc) for step in reversed(list(steps().iterate_revisions(after, before)))]


def differences(url: str) -> str | None:
    """Say how models and migrations differ, on a database at `url` that has every step; None: not at all."""
    with owner_engine(url).connect() as connection:
        try:
            command.check(_config(connection=connection))
        except CommandError as error:
            return str(error)
    return None


def write_step(url: str, message: str, *, revision: str) -> str:
    """Write the step that leads from the database at `url` to the models, for somebody to mend; return its file."""
    with owner_engine(url).connect() as connection:
        written = command.revision(_config(connection=connection), message, autogenerate=True, rev_id=revision)
    return (
        " ".join(script.path for script in written if script)
        if isinstance(written, list)
        else str(written and written.path)
    )


def steps() -> ScriptDirectory:
    """Give the chain of steps."""
    return ScriptDirectory.from_config(_config())


def pending(engine: Engine) -> bool:
    """Say whether the database behind `engine` lacks a step of this version."""
    return _taken(engine) != steps().get_current_head()


def _taken(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        taken: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return taken


def _config(**attributes: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # `--m="Remember when a target was tried"` becomes 2026_03_12_1504_remember_when_a_target_was_tried.py
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(attributes)
    return config
