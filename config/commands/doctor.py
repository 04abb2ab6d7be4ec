"""`backrow doctor`: what of this machine is usable, and the mend for what isn't."""

import click

from config.doctor import examine, tell
from config.settings import Settings


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(doctor)


@click.command()
def doctor() -> int:
    """Look at everything that Backrow needs, and say how to mend what is wrong; status 1 if something is."""
    return 0 if tell(examine(Settings.from_env()), click.echo) else 1
