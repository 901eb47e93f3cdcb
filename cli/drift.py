"""`frontrow drift`: how far features have moved between a ranker's training and a day it scores."""
# Tested by tests/cli/test_explain.py.

import json
from datetime import date
from typing import Any

import click
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from cli.ranker_rows import (
    moment_of_day,
    newest_day,
    pairs_of_profiles,
    profile_rows,
    serving_ranker,
)
from conf.days import parse_day
from conf.settings import load_settings
from jobs.training.title_ranker import feature_drift

SAMPLE_PROFILES = 200


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


def drift_report(ranker_name: str | None, ds: date) -> dict[str, Any]:
    """The index of each feature with its importance, largest first.

    Measured over the pairs of a sample of profiles, evenly spread over their ids.
    """
    ranker = serving_ranker(ranker_name, ds)
    rows = profile_rows(ds)
    ids = rows["profile_id"].cast(pa.string())  # of some writers Arrow does not sort the views
    rows = rows.take(pc.sort_indices(ids))
    step = max(rows.num_rows // SAMPLE_PROFILES, 1)
    sample = rows.take(list(range(0, rows.num_rows, step)))
    pairs = pairs_of_profiles(moment_of_day(ds), sample, ranker.settings)
    training_bins = json.loads(str(ranker.record["feature_bins"]))
    importances = dict(ranker.record["importances"])
    features = []
    for name, psi in feature_drift(training_bins, pairs.matrix).items():
        features.append({"feature": name, "psi": psi, "importance": importances[name]})
    return {
        "ranker": ranker.name,
        "ranker_id": ranker.record["ranker_id"],
        "ds": str(ds),
        "profiles": sample.num_rows,
        "features": sorted(features, key=lambda feature: -feature["psi"]),
    }
