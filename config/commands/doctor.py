"""`backrow doctor`: what of this machine is usable, and the mend for what isn't."""

import click

from config.doctor import look, tell, tell_json


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(doctor)


@click.command(short_help="Look at what Backrow needs, and say how to mend it.")
@click.option("--json", "as_json", is_flag=True, help="One object, for a program to read.")
def doctor(*, as_json: bool) -> int:
    """Look at everything that Backrow needs, and say how to mend what is wrong; status 1 if something is."""
    telling = tell_json if as_json else tell
    return 0 if telling(look(), click.echo) else 1
