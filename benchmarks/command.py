"""`frontrow bench NAME`: each benchmark has a folder of its own, imported only when it is run."""
# Tested by tests/benchmarks/ranker/test_run.py.

import importlib

import click

BENCHES = {
    "page": "Pages by four builders, an oracle among them: on real plays and in a saved world.",
    "longrun": "Weeks of each builder with the same members: hours, titles finished, exposure, members lost.",
    "spine": "Land, train and build a day of pages: times, sizes, content hash after a rerun.",
    "scale": "A night's CPU, memory and bytes as members, titles and days grow; its bare floor.",
    "world": "A simulated service in a closed loop: play rates beside other pages; its speed.",
    "rows": "Each kind of row and its natural baseline, shown to the same profiles: lift of play rate.",
    "nearline": "Ticks between two nights: freshness, cost, faults, reads, what profiles gain.",
    "experiments": "Variants told apart: A/B tests, interleaving, page metrics; whether rulers are true.",
    "safety": "What readers are given while everything changes; what the audit lets through.",
    "trust": "Faults, runs that sleep, damages and losses planted, and what came of them.",
    "artwork": "Artwork by chance, one for all, by profile, by an oracle; off-policy intervals.",
    "mutants": "Faults planted one at a time, and whether the tests notice them.",
    "temporal": "Next plays on a split in time: our rankers, popularity and other libraries.",
    "firsthour": "Every documented command, wrong inputs, formats of logs, and start-up times.",
    "studio": "How long people wait for the studio and its commands; whether titles are explained.",
    "ranker": "The ranking stage on MovieLens-100k against published figures.",
}


class LazyBench(click.Group):
    """The benchmarks by name; `benchmarks/<name>/run.py` holds the command `<name>`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The benchmarks."""
        return list(BENCHES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The benchmark's command."""
        if cmd_name not in BENCHES:
            return None
        module = importlib.import_module(f"benchmarks.{cmd_name}.run")
        command: click.Command = getattr(module, cmd_name)
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
