"""`frontrow bench NAME`: each benchmark in a file of its own, imported only when it is called."""

import importlib

import click

BENCHES = {
    "page": "Pages by template, independent rows, stage by stage and by an oracle: on real plays and in a kept world.",
    "spine": "Land, train and build a day of pages: times, sizes, and whether a rerun gives the same content.",
    "world": "A simulated service in a closed loop: play rates against popular, random and oracle pages; its speed.",
    "rows": "Each kind of row before the same simulated members, ours and its natural baseline: lift of play rate.",
    "nearline": "Ticks between two nights: freshness, cost, faults, reads, and what they are worth to members.",
    "artwork": "Artwork: chance, one for all, by profile, oracle; off-policy intervals; reasons that are true.",
    "temporal": "What members play next, on a split in time: our rankers against popularity and other libraries.",
    "ranker": "The ranking stage on MovieLens-100k against published figures.",
}


class LazyBench(click.Group):
    """A group that knows its benchmarks by name; `benchmarks/<name>/run.py` holds the command `<name>`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The benchmarks."""
        return list(BENCHES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The benchmark's command."""
        if cmd_name not in BENCHES:
            return None
        command: click.Command = getattr(
            importlib.import_module(f"benchmarks.{cmd_name}.run"), cmd_name
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the benchmarks without importing them."""
        with formatter.section("Benchmarks"):
            formatter.write_dl(list(BENCHES.items()))


@click.command(cls=LazyBench)
def bench() -> None:
    """Run a benchmark, print its figures and write them to var/bench/NAME.json.

    Example: frontrow bench ranker --json
    """
