"""`frontrow health`: titles that nobody was shown, by rule and country, and how fresh pages are."""
# Tested by tests/cli/test_why_not.py.

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conf.days import parse_day
from conf.plain_text import one_line, readable
from jobs.io.status import status
from studio.reports.catalogue import known_titles
from studio.reports.titles import health_of_day


@click.command()
@click.option("--country", help="Only this country, as US; by default all together.")
@click.option(
    "--ds", default=None, metavar="DAY", help="The day, YYYY-MM-DD; by default the newest one."
)
@click.option(
    "--titles",
    "most",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    help="So many of the titles that nobody was shown; --json has all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def health(country: str | None, ds: str | None, most: int, as_json: bool) -> None:
    """Tell which titles nobody was shown, by which rule, and how fresh pages are.

    Example: frontrow health --country US
    """
    day, found = health_of_day(parse_day(ds) if ds else None)
    unseen = found.unseen(country)
    service = status()
    report: dict[str, Any] = {
        "ds": day,
        "titles": len(found.title_ids),
        "shown_to_nobody": len(unseen),
        "unexplained": found.unexplained,
        "complete": 1 - found.unexplained / found.rows,
        "by_rule": found.by_rule(),
        "unseen": unseen,
        "freshness": service.facts,
        "findings": [vars(finding) for finding in service.findings],
    }
    if as_json:
        print(one_line(json.dumps(report, ensure_ascii=False, default=str)))
        return
    console = Console(highlight=False, emoji=False, markup=False)
    where = f" in {readable(country)}" if country else ""
    line = f"{day}: {len(unseen):,} of {len(found.title_ids):,} titles were shown to nobody{where}"
    console.print(Text(line, style="bold"))
    if found.unexplained:
        console.print(f"{found.unexplained:,} states are explained by no rule: tell the engineers")
    console.print(_rules(report["by_rule"], found.countries))
    titles = known_titles().titles
    for each in unseen[:most]:
        name = titles.get(each["title_id"], {}).get("name") or each["title_id"]
        console.print(
            Text(f"{readable(name)} ({readable(each['title_id'])}): {', '.join(each['reasons'])}")
        )
    for name, value in service.facts.items():
        console.print(Text(f"{name.replace('_', ' '):<20} {value}"))
    for finding in service.findings:
        console.print(
            Text(f"{finding.kind}: {readable(finding.subject)}: {readable(finding.text)}")
        )


def _rules(by_rule: list[dict[str, Any]], countries: list[str]) -> Table:
    """Titles that nobody in a country was shown, by rule."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("rule", *(country or "(none)" for country in countries), "what it means"):
        table.add_column(name)
    for each in by_rule:
        counts = (f"{each['by_country'][name]:,}" for name in countries)
        table.add_row(each["reason"], *counts, Text(each["says"]))
    return table
