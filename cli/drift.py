"""`frontrow drift`: how far features have moved between a ranker's training and a day it scores."""
# Tested by tests/cli/test_explain.py.

import json

import click
from rich.console import Console
from rich.table import Table

from conf.days import parse_day
from conf.settings import load_settings
from studio.reports.drift import drift_report
from studio.reports.ranker_rows import newest_day


@click.command()
@click.option(
    "--ranker", help="top_picks or pvr; by default the first of them that serves the day."
)
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest built one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def drift(ranker: str | None, ds: str | None, as_json: bool) -> None:
    """Measure how far each feature has moved since its ranker was trained.

    The figure is the population stability index: below .1 is stable, above .25 has moved. It is
    written to var/reports as well.

    Example: frontrow drift
    """
    day = parse_day(ds) if ds else newest_day("profile_features")
    report = drift_report(ranker, day)
    path = load_settings().home_path / "reports" / f"drift-{report['ranker']}-{report['ds']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n")
    if as_json:
        print(json.dumps(report))
        return
    table = Table("feature", "PSI", "share of gain", box=None, header_style="bold")
    for feature in report["features"]:
        table.add_row(feature["feature"], f"{feature['psi']:.3f}", f"{feature['importance']:.3f}")
    console = Console(highlight=False, markup=False)
    console.print(f"{report['ranker_id']} on {report['ds']}", table)
    print(f"written to {path}")
