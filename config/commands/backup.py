"""`backrow backup` and `backrow restore`: copies of everything, taken while Backrow is in use, and brought back."""

from importlib.metadata import version
from pathlib import Path

import click

from app.errors import Conflict
from config import wire
from config.backup import restoring, taking
from config.backup.folder import Folder
from config.backup.taking import Installation
from config.backup.telling import in_words
from config.embedded import closed_database, running_database
from config.settings import Settings

_SHOWN = 20


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(backup)
    main.add_command(restore)


@click.command(short_help="Copy everything into DIR while Backrow is in use.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def backup(folder: Path) -> int:
    """Copy everything into DIR while Backrow is in use; again into the same DIR copies only what is new.

    Status 1 if the storage lacks something that it should hold: the backup has all the rest.
    """
    settings = Settings.from_env()
    if folder.absolute().is_relative_to(settings.data):
        raise Conflict("backup_elsewhere", "A backup in the data folder is lost with it. Name a folder elsewhere.")
    with running_database(settings):
        taken = taking.take(_installation(settings), Folder(folder), say=_say)
    click.echo(
        f"The backup is whole: {sum(table.rows for table in taken.tables)} rows, {taken.objects} objects "
        f"({in_words(taken.objects_bytes)}). Record: length {taken.audit_length}, head {taken.audit_head or '-'}."
    )
    if taken.erased:
        click.echo(f"{len(taken.erased)} objects were erased while it ran, and are left out as they should be.")
    for key in taken.missing[:_SHOWN]:
        click.echo(f"The storage lacks {key}, which a row names.", err=True)
    if taken.missing:
        click.echo(f"{len(taken.missing)} objects are lost in the storage itself. Look at its disk.", err=True)
    return 1 if taken.missing else 0


@click.command(short_help="Bring a backup into an empty installation.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--set", "name", metavar="NAME", help="One of several backups in DIR; the newest, if none is named.")
@click.option("--check", "only_check", is_flag=True, help="Compare everything with its hash, and bring nothing back.")
def restore(folder: Path, name: str | None, *, only_check: bool) -> None:
    """Bring a backup from DIR back into an empty installation; what was erased since stays erased."""
    if only_check:
        kept = Folder(folder)
        with kept.read():
            chosen, _, wanted = restoring.look_through(kept, name, say=_say)
        click.echo(f"The backup {chosen.name} is as it was written: all rows, {len(wanted)} objects.")
        return
    settings = Settings.from_env()
    with closed_database(settings):
        done = restoring.restore(_installation(settings), Folder(folder), name, say=_say)
    click.echo(f"The backup {done.name} is back: {done.rows} rows, {done.objects} objects.")
    click.echo(
        f"{done.erased} lessons that were erased since it was taken stay erased: their objects and words are gone."
    )
    if done.lacking:
        click.echo(f"{done.lacking} objects weren't in the storage any more when it was taken.")
    click.echo(
        "What was paused, taken back or objected to since then isn't in it: ask people to look. Then start Backrow."
    )


def _installation(settings: Settings) -> Installation:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Installation(
        url=wire.owner_url(settings),
        storage=wire.storage(settings),
        data=settings.data if settings.s3 is None else None,
        version=version("backrow"),
    )


def _say(words: str) -> None:
    click.echo(words, err=True)
