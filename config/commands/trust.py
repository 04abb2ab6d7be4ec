"""`backrow trust-report`: whether each promise is kept, and how that was seen; it holds nobody's name or words."""

import json
from pathlib import Path

import click

from config.trust import results
from config.trust.probes import probes
from config.trust.report import as_json, as_text, judge
from config.trust.running import TESTS, Run, run


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(trust_report)


@click.command("trust-report", short_help="Test the promises here, and write down the answer.")
@click.option("--json", "json_wanted", is_flag=True, help="One object, for a program to read.")
@click.option(
    "--from",
    "earlier",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read an earlier run of the tests (pytest's --junitxml) instead of running them.",
)
@click.option(
    "--tests", type=click.Path(path_type=Path), default=TESTS, show_default="the checkout's", help="Where they are."
)
def trust_report(*, json_wanted: bool, earlier: Path | None, tests: Path) -> int:
    """Run the tests of the promises, look at this machine, and tell of each promise whether it is kept.

    Status 1 while a starred promise is broken, or where the tests could not be run to their end.
    """
    if earlier is None and not json_wanted:
        click.echo("The promises' tests run now; that takes some minutes.", err=True)
    ran = Run(results.read(earlier)) if earlier else run(tests)
    report = judge(ran.results, probes(), trouble=ran.trouble, absent=ran.absent)
    if json_wanted:
        click.echo(json.dumps(as_json(report), ensure_ascii=False, indent=1))
    else:
        for line in as_text(report):
            click.echo(line)
    return 0 if report.well else 1
