"""`frontrow explain`: why a ranker puts a title where it does for a member, in SHAP values."""

import json
from datetime import date
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from cli.query import readable
from cli.ranker_rows import day_of, moment_of_day, newest_day, pairs_of_profiles, serving
from conf.days import parse_day
from conf.errors import UserMistake
from models.rankers.lambdarank import contributions


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile's id.")
@click.option("--title", "title_id", required=True, help="The title's id.")
@click.option(
    "--ranker",
    default="top_picks",
    show_default=True,
    help="top_picks, or pvr for the whole catalogue.",
)
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest built one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(profile_id: str, title_id: str, ranker: str, ds: str | None, as_json: bool) -> None:
    """Tell what each feature adds to a title's score for a member; the parts sum to the score.

    Example: frontrow explain --profile 1 --title 50
    """
    day = parse_day(ds) if ds else newest_day("profile_features")
    found = explanation(profile_id, title_id, ranker, day)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("feature", "value", "adds", box=None, header_style="bold")
    for part in found["features"]:
        value = "unknown" if part["value"] is None else f"{part['value']:.4g}"
        table.add_row(part["feature"], value, f"{part['adds']:+.4f}")
    console = Console(highlight=False, emoji=False, markup=False)
    where = f"place {found['place']} of {found['of']}"
    console.print(
        f"{readable(found['name'])}: {where} for profile {readable(profile_id)} on {day}, {found['ranker_id']}"
    )
    console.print(
        f"score {found['score']:.4f} = {found['start']:.4f} from which every title starts, and:"
    )
    console.print(table)


def explanation(profile_id: str, title_id: str, ranker: str, ds: date) -> dict[str, Any]:
    """Score, place and SHAP values of a title, the features that add or take most first."""
    model, moment = serving(ranker, ds), moment_of_day(ds)
    rows = day_of("profile_features", ds, "profile_id = '{}'".format(profile_id.replace("'", "''")))
    if not rows.num_rows:
        raise UserMistake(f"profile {profile_id!r} has no features on {ds}")
    pairs = pairs_of_profiles(moment, rows, model.settings)
    ids = moment.catalogue.title_ids[pairs.title]
    at = np.flatnonzero(ids == title_id)
    if not len(at):
        raise UserMistake(_why_not(title_id, ranker, title_id in moment.catalogue.title_ids))
    matrix = pairs.matrix
    raw = np.asarray(model.booster.predict(matrix, raw_score=True, num_threads=1))
    row, *_ = at
    *adds, start = contributions(model.booster, matrix[row : row + 1])[0].tolist()
    values = [None if np.isnan(value) else float(value) for value in matrix[row]]
    parts = [
        {"feature": n, "value": v, "adds": a}
        for n, v, a in zip(model.names, values, adds, strict=True)
    ]
    return {
        "profile_id": profile_id,
        "title_id": title_id,
        "name": str(moment.catalogue.names[pairs.title[row]]),
        "ds": str(ds),
        "ranker_id": model.record["ranker_id"],
        "score": float(raw[row]),
        "start": start,
        "place": 1 + int(np.sum(raw > raw[row]) + np.sum(raw[:row] == raw[row])),
        "of": len(raw),
        "features": sorted(parts, key=lambda part: -abs(part["adds"])),
    }


def _why_not(title_id: str, ranker: str, known: bool) -> str:
    if not known:
        return f"title {title_id!r} is not in the catalogue of that day"
    if ranker == "pvr":
        return f"title {title_id!r} is not scored: played before, or it may not be shown to this profile"
    return f"title {title_id!r} is no candidate of {ranker}: played before, not to be shown, or --ranker pvr orders it"
