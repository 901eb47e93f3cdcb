"""The `frontrow` command. Each subcommand lives in a file of its own and is imported only when it is called."""

import importlib
import sys

import click

from conf.errors import FrontrowError

COMMANDS = {
    "land": "Land files of events, titles and the rest into the log tables.",
    "tables": "List the tables with their rows, versions and days.",
    "query": "Run SQL over the tables, without Spark.",
    "page": "Show one member's homepage.",
    "metrics": "Measure the published pages of a day.",
    "why": "Tell how a row won its place on a member's page.",
    "explain": "Tell what each feature adds to a title's score for a member.",
    "drift": "How far each feature has moved since its ranker was trained.",
    "tune": "Search hyper-parameters on time-ordered validation and write them to conf.",
    "simulate": "Let a simulated service live for some days on the pages built for it.",
    "demo": "Land a data set, train, backfill its last days with Airflow and show a page.",
    "airflow": "Start Airflow with its real scheduler, on free ports.",
    "backfill": "Create and follow an Airflow backfill of a range of days.",
    "rollback": "Serve pages from the release, or of the published version, before.",
    "bench": "Run a benchmark and write its figures to var/bench.",
}

ELSEWHERE = {"bench": "benchmarks.command", "tune": "benchmarks.temporal.tune"}


class Lazy(click.Group):
    """A group that knows its commands by name and imports the file of the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The subcommands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand's function, which has the file's name."""
        if cmd_name not in COMMANDS:
            return None
        return getattr(
            importlib.import_module(ELSEWHERE.get(cmd_name, f"cli.{cmd_name}")), cmd_name
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
def frontrow() -> None:
    """Build, audit, publish, query and explain personal homepages.

    Example: frontrow page --profile 1
    """


def main() -> None:
    """Run the command; an error of ours is one line and its exit status."""
    try:
        frontrow.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        print(f"error: {error.format_message()}", file=sys.stderr)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except FrontrowError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
