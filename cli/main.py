"""The `frontrow` command: each subcommand has a file of its own, imported only when it is called."""

import atexit
import contextlib
import gc
import importlib
import io
import os
import sys
from importlib.abc import MetaPathFinder
from typing import NoReturn

try:
    import click

    from conf.errors import FrontrowError
    from conf.plain_text import one_line
except KeyboardInterrupt:
    print("error: interrupted", file=sys.stderr)
    sys.exit(130)

COMMANDS = {
    "land": "Land files of events, titles and more in the log tables.",
    "status": "Tell what is late, stale, on hold, refused or full.",
    "tables": "List the tables with their rows, versions and days.",
    "query": "Run SQL over the tables, without Spark.",
    "studio": "Look at pages, reasons, titles, runs and tables in a browser.",
    "page": "Show one profile's homepage, with the reason for each row.",
    "metrics": "Measure the published pages of a day.",
    "why": "Explain how a row got its position on a profile's page.",
    "why-not": "Tell why a title is shown to nobody, or not to a profile, and what mends it.",
    "health": "Tell which titles nobody was shown, by rule and country, and how fresh pages are.",
    "compare": "Lay two pages side by side: profiles, days, devices or variants, and what moved.",
    "explain": "Explain a title's score for a profile: what each feature adds.",
    "drift": "Measure how far each feature has moved since its ranker was trained.",
    "whatif": "Build a variant's pages of past days from what is stored, beside those of now.",
    "experiment": "Plan, start, report and stop an experiment.",
    "tune": "Search a ranker's hyper-parameters on later plays and write them to conf.",
    "simulate": "Simulate days of a service that shows the pages built for it.",
    "demo": "Land a data set, train, backfill its last days with Airflow and show a page.",
    "airflow": "Start Airflow with its real scheduler, on free ports.",
    "backfill": "Create and follow an Airflow backfill of a range of days.",
    "rollback": "Go back to the release, or to what was published of a day or tick, before.",
    "stale": "List published days whose inputs changed since, and build them again.",
    "doctor": "Find, explain and repair what was lost or changed in the tables.",
    "erase": "Erase profiles from everything, and look through every byte.",
    "bench": "Run a benchmark and write its figures to var/bench.",
}

CLOSED_PIPE, INTERRUPTED = 141, 130  # as a shell has it: 128 + the signal
ELSEWHERE = {"bench": "benchmarks.command"}


# commands that read what is stored, print it and are done: no Spark, no server
LOOKING = frozenset(
    {
        "page",
        "why",
        "why-not",
        "health",
        "compare",
        "tables",
        "query",
        "metrics",
        "explain",
        "drift",
    }
)
# commands that work without pandas, which pyarrow and LightGBM would import for half a second to
# see whether it is there
WITHOUT_PANDAS = frozenset({*LOOKING, "demo", "studio"})

# commands that write tables; `land` and `stale` are jobs, which see to it themselves
WRITING = frozenset({"rollback", "experiment", "doctor", "erase", "simulate"})


class NoPandas(MetaPathFinder):
    """An importer under which pandas is not installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Refuse pandas and leave every other name to Python's own importers."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out to start sooner", name="pandas")


class NoReader(Exception):
    """Who reads what is printed had enough."""


class Interrupted(Exception):
    """Somebody has pressed Ctrl-C."""


class LazyCommands(click.Group):
    """A group that knows its commands by name and imports the file of the one that is called."""

    def invoke(self, ctx: click.Context) -> object:
        """Call the subcommand; click and rich would end with status 1 where nobody reads, and click
        would print an empty line where it is interrupted.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise NoReader from error
        except SystemExit as end:
            if isinstance(end.__context__, BrokenPipeError):
                raise NoReader from end
            raise
        except KeyboardInterrupt as error:
            raise Interrupted from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The subcommands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand's function, which has the file's name."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(ELSEWHERE.get(cmd_name, f"cli.{name}"))
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="frontrow", message="frontrow %(version)s")
def frontrow() -> None:
    """Build, audit, publish, query and explain personal homepages.

    Example: frontrow page --profile m0000001-0
    """


def main() -> NoReturn:
    """The program `frontrow`, from its start to its end.

    A command that looks at one page has no work for a second thread of OpenMP, which would wait at
    full speed. It is done before garbage matters, and ends at once: to take apart what LightGBM,
    LLVM and Arrow have loaded takes a third of a second, in which a thread of Arrow may still ask
    for Python.
    """
    is_looking = sys.argv[1:2] and sys.argv[1] in LOOKING
    if is_looking:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        gc.disable()
    status: str | int | None = 0
    try:
        run()
    except SystemExit as end:
        status = end.code
    if is_looking and isinstance(status, int):
        _end_at_once(status)
    sys.exit(status)


def _end_at_once(status: int) -> NoReturn:
    """End after what was promised for the end, such as the removal of temporary files."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # a full disk was told by `run`
            stream.flush()
    os._exit(status)


def run() -> None:
    """Run the command; an error of ours is one line and its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may not have every letter
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command in WITHOUT_PANDAS:
        sys.meta_path.insert(0, NoPandas())
    try:
        if command in WRITING:
            _write_as_told()
        ended = frontrow.main(standalone_mode=False)  # the exit status, where a command gave one
        sys.stdout.flush()
    except (
        BrokenPipeError,
        NoReader,
    ):  # the reader had enough; Python would complain once more as it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
    except (click.Abort, KeyboardInterrupt, Interrupted):
        _end("interrupted", INTERRUPTED)
    except click.ClickException as error:
        _end(error.format_message(), 2)
    except Exception as fault:
        _end(*line_and_status(fault))
    if isinstance(ended, int):
        sys.exit(ended)


def line_and_status(fault: Exception) -> tuple[str, int]:
    """What a person needs to know of any exception, and the exit status.

    With FRONTROW_TRACE set, one that nobody has thought of is raised again.
    """
    from jobs.io.faults import known_error, told

    error = known_error(fault)
    if error is not None:
        return str(error), error.exit_status
    if os.environ.get("FRONTROW_TRACE"):
        raise fault
    return f"{told(fault)} (FRONTROW_TRACE=1 shows where)", FrontrowError.exit_status


def _write_as_told() -> None:
    """From now on what is written is read by whom `conf.rights` says."""
    from conf.rights import umask_of
    from conf.settings import tables_root

    os.umask(umask_of(tables_root()))


def _end(line: str, status: int) -> NoReturn:
    print(f"error: {one_line(line)}", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
