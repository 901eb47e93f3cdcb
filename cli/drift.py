"""`frontrow drift`: how far each feature has moved between a ranker's training and a day it scores."""

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cli.ranker_rows import day_of, moment_of_day, newest_day, pairs_of_profiles, serving
from conf.days import parse_day
from conf.settings import load_settings
from jobs.training.title_ranker import feature_drift

PROFILES = 200


@click.command()
@click.option("--ranker", default="top_picks", show_default=True, help="Name of the ranker.")
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest built one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def drift(ranker: str, ds: str | None, as_json: bool) -> None:
    """Population stability index of each feature; below .1 is stable, above .25 has moved. Kept in var/reports.

    Example: frontrow drift --ranker pvr
    """
    found = moved(ranker, parse_day(ds) if ds else newest_day("profile_features"))
    path = load_settings().home_path / "reports" / f"drift-{ranker}-{found['ds']}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")
    if as_json:
        print(json.dumps(found))
        return
    table = Table("feature", "PSI", "share of gain", box=None, header_style="bold")
    for part in found["features"]:
        table.add_row(part["feature"], f"{part['psi']:.3f}", f"{part['importance']:.3f}")
    Console(highlight=False, markup=False).print(f"{found['ranker_id']} on {found['ds']}", table)
    print(f"written to {path}")


def moved(ranker: str, ds: date) -> dict[str, Any]:
    """The index of each feature over the pairs of a fixed sample of profiles, largest first, with its importance."""
    model, moment = serving(ranker, ds), moment_of_day(ds)
    rows = day_of("profile_features", ds).sort_by("profile_id")
    step = max(rows.num_rows // PROFILES, 1)
    sample = rows.take(list(range(0, rows.num_rows, step)))
    pairs = pairs_of_profiles(moment, sample, model.settings)
    index = feature_drift(json.loads(str(model.record["feature_bins"])), pairs.matrix)
    gain = dict(model.record["importances"])
    parts = [{"feature": name, "psi": psi, "importance": gain[name]} for name, psi in index.items()]
    return {
        "ranker_id": model.record["ranker_id"],
        "ds": str(ds),
        "profiles": sample.num_rows,
        "features": sorted(parts, key=lambda part: -part["psi"]),
    }
