"""`frontrow explain`: what each feature adds to a title's score for a profile, in SHAP values."""

import json

import click
from rich.console import Console
from rich.table import Table

from conf.days import parse_day
from conf.plain_text import one_line, readable
from models.rankers.quickscorer import few_rows
from studio.reports.ranker_rows import newest_day
from studio.reports.score import score_report


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile's id.")
@click.option(
    "--title", "title_id", help="The title's id; by default the one that the ranker puts first."
)
@click.option(
    "--ranker",
    "ranker_name",
    default=None,
    help="top_picks, or pvr for the whole catalogue; by default the first of them that serves.",
)
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest built one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def explain(
    profile_id: str, title_id: str | None, ranker_name: str | None, ds: str | None, as_json: bool
) -> None:
    """Explain a title's score for a profile: what each feature adds; the parts sum to the score.

    Example: frontrow explain --profile m0000001-0

    Example: frontrow explain --profile m0000001-0 --ranker pvr --json
    """
    day = parse_day(ds) if ds else newest_day("profile_features")
    with few_rows():
        report = score_report(profile_id, title_id, ranker_name, day)
    if as_json:
        print(one_line(json.dumps(report, ensure_ascii=False)))
        return
    table = Table("feature", "value", "adds", box=None, header_style="bold")
    for feature in report["features"]:
        value = "unknown" if feature["value"] is None else f"{feature['value']:.4g}"
        table.add_row(feature["feature"], value, f"{feature['adds']:+.4f}")
    console = Console(highlight=False, emoji=False, markup=False)
    rank = f"rank {report['place']} of {report['of']}"
    profile = f"for profile {readable(profile_id)} on {day}, {report['ranker_id']}"
    console.print(f"{readable(report['name'])}: {rank} {profile}")
    if report["experiment_cells"]:
        console.print(f"for experiment cells {', '.join(report['experiment_cells'])}")
    start = f"{report['start']:.4f} from which every title starts"
    console.print(f"score {report['score']:.4f} = {start}, and:")
    console.print(table)
