"""The `backrow` command: every error is a sentence that says what to do."""

import sys

import click
import psycopg
from sqlalchemy.exc import DBAPIError

from app.errors import BackrowError
from config.accounts import PostgresTrouble
from config.commands import register_all
from config.lock import Taken
from config.logging import describe
from config.reading import SettingsProblems
from video.errors import MediaError
from video.storage.base import StorageError

_SAYS_ENOUGH = (Taken, PostgresTrouble)
_SAYS_IT_IN_SAY = (BackrowError, MediaError, StorageError)
_USAGE, _INTERRUPTED = 2, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="backrow", prog_name="backrow")
def cli() -> None:
    """Run and look after Backrow. Settings come from the environment (BACKROW_…); `backrow doctor` checks them."""


register_all(cli)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its status."""
    try:
        status = cli.main(args=arguments, prog_name="backrow", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the outermost loop: people get a sentence, never a trace
        click.echo(explain(error), err=True)
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def _database_words(told: BaseException | None) -> str:
    if isinstance(told, psycopg.errors.UndefinedTable):
        return "Nothing has been set up here yet. Start Backrow once (`make run`), or say `backrow migrate`."
    return (
        f"The database refused or did not answer ({type(told).__name__}). "
        "Check BACKROW_DATABASE_URL, say `backrow migrate`, and look at `backrow doctor`."
    )


def explain(error: Exception) -> str:
    """Word an error for the person at the keyboard."""
    if isinstance(error, SettingsProblems):
        return f"Backrow can't start like this:\n{error}"
    if isinstance(error, _SAYS_ENOUGH):
        return str(error)
    if isinstance(error, _SAYS_IT_IN_SAY):
        return error.say
    if isinstance(error, DBAPIError | psycopg.Error):
        return _database_words(error.orig if isinstance(error, DBAPIError) else error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The machine'}: {error.strerror}. Look at `backrow doctor`."
    return f"Backrow stumbled: {describe(error)}. Look at `backrow doctor`; if it stays, pass this line on."


if __name__ == "__main__":
    main()
