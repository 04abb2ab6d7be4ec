"""`backrow media inspect`: what the machine sees in a film, and what it would do with it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from config import wire
from config.settings import Settings
from video.errors import MediaError, say_for
from video.inspection import inspect as facts_of

_MEGABYTE: Final = 1_000_000
_MANY: Final = 8


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(media)


@click.group(short_help="Look at a film as the machine sees it.")
def media() -> None:
    """Look at a film without sending or keeping it."""


@media.command(short_help="Tell a film's facts, the plan for it and its price.")
@click.argument("film", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "json_wanted", is_flag=True, help="One object, for a program to read.")
def inspect(film: Path, *, json_wanted: bool) -> None:
    """Read a film in the jail, and say what would be made of it; nothing is encoded, sent or kept.

    Ends with 1, and the sentence that its teacher would read, where an upload of it would be refused.
    """
    try:
        facts = facts_of(film, jail=wire.jail(Settings.from_env()))
    except MediaError as error:
        raise click.ClickException(f"{error.code}: {error.say}") from error
    for line in [json.dumps(facts, indent=1)] if json_wanted else _lines(facts):
        click.echo(line)


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    picture, plan, chunks = facts["picture"], facts["plan"], facts["plan"]["chunks"]
    yield f"file      {facts['format']}, {facts['size_bytes'] / _MEGABYTE:,.1f} MB, {_lasts(facts['duration_ms'])}"
    seen = [f"{picture['codec']} {picture['width']} × {picture['height']}"]
    seen += [f"turned by {picture['rotation']}°"] if picture["rotation"] else []
    seen += ["interlaced"] if picture["interlaced"] else []
    seen += [f"high dynamic range ({picture['light']})"] if picture["light"] != "sdr" else []
    yield f"picture   {', '.join(seen)}"
    rate = "variable" if facts["vfr"] else "steady"
    clocks = f", {facts['clocks']} clocks one after another" if facts["clocks"] > 1 else ""
    grid = f"time base {facts['time_base']}, from {facts['first_pts']}"
    yield f"frames    {facts['frames']:,}, {rate} rate, {grid}{clocks}"
    for sound in facts["sounds"][:_MANY]:
        heard = f"{sound['start_s']:.3f} s to {sound['end_s']:.3f} s of the file's clock"
        yield f"sound     track {sound['index']}: {sound['codec']}, {sound['channels']} channels, {heard}"
    if not facts["sounds"]:
        yield "sound     none"
    yield from (f"to say    {say_for(code)}" for code in facts["notes"])
    yield f"plan      {', '.join(plan['renditions'])}; {len(chunks)} chunk{'s' if len(chunks) > 1 else ''}"
    for chunk in chunks[:_MANY]:
        yield f"          {chunk['in_ms'] / 1000:g} s to {chunk['out_ms'] / 1000:g} s: {chunk['frames']} frames"
    if len(chunks) > _MANY:
        yield f"          and {len(chunks) - _MANY} more (--json lists all)"
    yield f"price     {max(plan['cost_s'], 0.1):,.1f} s of one core, about"


def _lasts(duration_ms: int) -> str:
    minutes, seconds = divmod(duration_ms / 1000, 60)
    return f"{minutes:.0f} min {seconds:.1f} s" if minutes else f"{seconds:.1f} s"
