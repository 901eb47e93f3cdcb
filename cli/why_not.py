"""`frontrow why-not`: why a title is shown to nobody, or not to a profile, and what would mend it."""

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conf.days import parse_day
from conf.plain_text import one_line, readable
from studio.reports.titles import MOST_DAYS_AHEAD, dry_run, in_words, title_report

MOST_ROWS = 12  # on the terminal; --json has all


@click.command("why-not")
@click.option("--title", "title", required=True, help="A title's id, its name, or a part of it.")
@click.option("--country", help="Only this country, as US; by default all.")
@click.option("--profile", "profile_id", help="Why it is not on this profile's page.")
@click.option(
    "--ds", default=None, metavar="DAY", help="The day, YYYY-MM-DD; by default the newest one."
)
@click.option("--ahead", is_flag=True, help="The coming seven days: which launch and windows hold.")
@click.option(
    "--forecast",
    "days_ahead",
    type=click.IntRange(1, MOST_DAYS_AHEAD),
    metavar="DAYS",
    help="So many days ahead: in which rows it would likely stand; no promise.",
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def why_not(
    title: str,
    country: str | None,
    profile_id: str | None,
    ds: str | None,
    ahead: bool,
    days_ahead: int | None,
    as_json: bool,
) -> None:
    """Tell how a title stands: shown to how many, or removed by which rule, and how to mend it.

    Example: frontrow why-not --title Fargo --country US
    """
    day = parse_day(ds) if ds else None
    report = dry_run(title, country, day) if ahead else title_report(title, country, day)
    if days_ahead:
        from studio.reports.forecast import forecast  # builds pages

        report["forecast"] = forecast(report["title_id"], days_ahead, country)
    if profile_id:
        from studio.reports.why_not import why_not_for  # builds the page again

        report["profile"] = why_not_for(profile_id, report["title_id"], day)
    if as_json:
        print(one_line(json.dumps(report, ensure_ascii=False, default=str)))
        return
    console = Console(highlight=False, emoji=False, markup=False)
    console.print(
        Text(f"{readable(report['name'])} ({readable(report['title_id'])})", style="bold")
    )
    for note in report["notes"]:
        console.print(Text(note))
    if ahead:
        _print_days(console, report)
    else:
        _print_countries(console, report, country is not None)
    if days_ahead:
        _print_forecast(console, report["forecast"])
    if profile_id:
        _print_profile(console, report["profile"])


def _print_countries(console: Console, report: dict[str, Any], in_one: bool) -> None:
    console.print(Text(f"on {report['ds']}, profiles by country:"))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("country", "it suits", "in rows", "state", "because", "what mends it"):
        table.add_column(name)
    for each in report["countries"]:
        words = (each["country"] or "(none)", each["eligible"], each["shown"])
        table.add_row(
            *(str(word) for word in words), each["health"], Text(each["says"]), Text(each["mend"])
        )
    console.print(table)
    for each in report["countries"] if in_one else ():
        rows = Table(box=None, header_style="bold", pad_edge=False)
        for name in ("kind of row", "profiles", "because"):
            rows.add_column(name)
        for kind in each["kinds"]:
            rows.add_row(kind["row_kind"], str(kind["shown"]), Text(kind["says"]))
        console.print(rows)


def _print_days(console: Console, report: dict[str, Any]) -> None:
    """For each country the days from which another rule holds."""
    for each in report["countries"]:
        reasons = [day["reason"] for day in each["days"]]
        parts = [
            f"{day} {reason.replace('_', ' ')}"
            for day, reason, before in zip(report["days"], reasons, ["", *reasons], strict=False)
            if reason != before
        ]
        console.print(Text(f"{each['country'] or 'every country'}: {', from '.join(parts)}"))


def _print_forecast(console: Console, report: dict[str, Any]) -> None:
    """What is likely, and of how many pages that is said."""
    console.print(Text(f"forecast for {report['day']}, no promise: {in_words(report)}"))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("kind of row", "pages", "row", "cell"):
        table.add_column(name)
    for kind in report["kinds"]:
        places = (kind["pages"], f"{kind['row']:g}", f"{kind['cell']:g}")
        table.add_row(kind["row_kind"], *map(str, places))
    if report["kinds"]:
        console.print(table)


def _print_profile(console: Console, report: dict[str, Any]) -> None:
    console.print(Text(f"for profile {readable(report['profile_id'])} on {report['ds']}:"))
    for place in report["places"]:
        console.print(f"  it stands in row {place['row']}, cell {place['cell']}")
    if report["rule"]:
        console.print(Text(f"  {report['rule']}"))
    for row in report["rows"][:MOST_ROWS]:
        where = f"row {row['position']}" if row["position"] else "not on the page"
        barred = f": {row['barred']}" if row["barred"] else ""
        line = f"  {readable(row['row_id'])}: {row['place']} of {row['of']}, {where}{barred}"
        console.print(Text(line))
