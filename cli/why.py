"""`frontrow why`: how a row got its position on a profile's page, or why it has none."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conf.days import parse_day
from conf.plain_text import one_line, readable
from jobs.io.published import homepage
from models.rankers.quickscorer import few_rows
from studio.reports.row import row_report

MOST_CANDIDATES = 15  # on the terminal; --json has all
ROWS_ABOVE = 6  # on the terminal


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile's id.")
@click.option(
    "--row",
    "row_name",
    required=True,
    help="A row by its position on the page, or by its row_id or kind.",
)
@click.option(
    "--ds",
    default=None,
    metavar="DAY",
    help="The day, YYYY-MM-DD; by default the newest published one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def why(profile_id: str, row_name: str, ds: str | None, as_json: bool) -> None:
    """Explain a row's position: the rows that competed for it, their scores, and the rules.

    The page is built again, by the same builder from the same tables, and every score is kept.

    Example: frontrow why --profile m0000001-0 --row 2
    """
    page_rows = homepage.page_records(profile_id, parse_day(ds) if ds else None)
    with few_rows():
        report = row_report(page_rows, row_name)
    if as_json:
        print(one_line(json.dumps(report, ensure_ascii=False, default=str)))
    else:
        print_report(Console(highlight=False, emoji=False, markup=False), report)


def print_report(console: Console, report: dict[str, Any]) -> None:
    """Print the row's position, its rivals for it, and the titles that rules removed."""
    position = "is not on the page"
    if report["position"]:
        position = f"stands at position {report['position']}"
    where = f"on {report['ds']} for profile {readable(report['profile_id'])}"
    named = f"{readable(report['row_title'])} ({readable(report['row_id'])})"
    console.print(Text(f"{named} {position} {where}", style="bold"))
    console.print(Text(f"rows by {report['builder']}, titles by ranker {report['ranker_id']}"))
    if report["experiment_cells"]:
        console.print(Text(f"for experiment cells {', '.join(report['experiment_cells'])}"))
    if not report["same_as_published"]:
        note = "The published page differs: settings, models or code have changed since."
        console.print(Text(note, style="yellow"))
    for title_id, price in report["promised"].items():
        console.print(
            Text(f"a promise adds {price:.4g} to the score of title {readable(title_id)}")
        )
    if report["barred"]:
        console.print(Text(f"a rule keeps it from the end of the page: {report['barred']}"))
    rows_above = [readable(row_id) for row_id in report["rows_above"][-ROWS_ABOVE:]]
    console.print(Text(f"above it: {', '.join(rows_above) or 'nothing'}"))
    if report["candidates"]:
        console.print(_candidates_table(report))
    else:
        template = "The template places rows by rule (conf/rows.yaml); nothing was scored."
        console.print(Text(template))
    console.print(Text(_titles_sentence(report["titles"])))


def _titles_sentence(counts: dict[str, int]) -> str:
    """How many titles may be shown, and how many each rule removes."""
    removed_counts = []
    for reason, count in counts.items():
        if reason not in ("titles", "left") and count:
            removed_counts.append(f"{count} {reason}")
    reasons = ", ".join(removed_counts) or "none"
    return f"titles: {counts['left']} of {counts['titles']} may be shown; removed: {reasons}"


def _candidates_table(report: dict[str, Any]) -> Table:
    candidates = report["candidates"]
    title = f"{len(candidates)} rows were scored for this position; scores are logarithms"
    table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for name in ("row", "score", "worth", "model", "coverage", "lost", "a rule says"):
        is_text = name in ("row", "a rule says")
        table.add_column(name, justify="left" if is_text else "right")
    for candidate in candidates[:MOST_CANDIDATES]:
        style = "bold" if candidate["row_id"] == report["row_id"] else ""
        table.add_row(
            Text(_row(candidate), style=style),
            f"{candidate['score']:.3f}",
            f"{candidate['worth']:.3f}",
            f"{candidate['row_model_and_calibration']:+.3f}",
            f"{candidate['coverage']:+.3f}",
            f"{candidate['lost_to_rows_above']:.0%}",
            Text(candidate["barred"]),
        )
    return table


def _row(candidate: dict[str, Any]) -> str:
    """A row's id, and below it what members read where its subject is an id itself."""
    subject = candidate["row_id"].partition(":")[2]
    named = [readable(candidate["row_id"])]
    if subject not in candidate["row_title"]:
        named.append(f"  {readable(candidate['row_title'])}")
    return "\n".join(named)
