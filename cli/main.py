"""The `frontrow` command: each subcommand has a file of its own, imported only when it is called."""

import importlib
import sys

import click

from conf.errors import FrontrowError
from conf.plain_text import one_line

COMMANDS = {
    "land": "Land files of events, titles and more in the log tables.",
    "status": "Tell what is late, stale, refused, degraded or full.",
    "tables": "List the tables with their rows, versions and days.",
    "query": "Run SQL over the tables, without Spark.",
    "page": "Show one profile's homepage, with the reason for each row.",
    "metrics": "Measure the published pages of a day.",
    "why": "Explain how a row got its position on a profile's page.",
    "explain": "Explain a title's score for a profile: what each feature adds.",
    "drift": "Measure how far each feature has moved since its ranker was trained.",
    "tune": "Search a ranker's hyper-parameters on later plays and write them to conf.",
    "simulate": "Simulate days of a service that shows the pages built for it.",
    "demo": "Land a data set, train, backfill its last days with Airflow and show a page.",
    "airflow": "Start Airflow with its real scheduler, on free ports.",
    "backfill": "Create and follow an Airflow backfill of a range of days.",
    "rollback": "Go back to the release, or to what was published of a day or tick, before.",
    "stale": "List published days whose inputs changed since, and build them again.",
    "doctor": "Find, explain and repair what was lost or changed in the tables.",
    "bench": "Run a benchmark and write its figures to var/bench.",
}

ELSEWHERE = {"bench": "benchmarks.command"}


class LazyCommands(click.Group):
    """A group that knows its commands by name and imports the file of the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The subcommands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand's function, which has the file's name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(ELSEWHERE.get(cmd_name, f"cli.{cmd_name}"))
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
def frontrow() -> None:
    """Build, audit, publish, query and explain personal homepages.

    Example: frontrow page --profile m0000001-0
    """


def main() -> None:
    """Run the command; an error of ours is one line and its exit status."""
    try:
        ended = frontrow.main(standalone_mode=False)  # the exit status, where a command gave one
        if isinstance(ended, int):
            sys.exit(ended)
    except click.ClickException as error:
        print(f"error: {one_line(error.format_message())}", file=sys.stderr)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except FrontrowError as error:
        print(f"error: {one_line(error)}", file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
