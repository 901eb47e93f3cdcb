"""`frontrow why`: how a row won its place on a member's page, or why it has none."""

import json
from datetime import date
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.query import readable
from conf.days import end_of, parse_day
from conf.errors import UserMistake
from conf.pages import pages
from conf.rows import rows
from jobs.io.published import homepage
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from models.page.explain import Rebuilt, rebuilt, removed

SHOWN = 15  # candidates on the terminal; --json has all


@click.command()
@click.option("--profile", "profile_id", required=True, help="The profile's id.")
@click.option(
    "--row",
    "wanted",
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
def why(profile_id: str, wanted: str, ds: str | None, as_json: bool) -> None:
    """Tell how a row won its place: the rows that competed for it, with their scores, and what the rules removed.

    The page is built again, by the same builder from the same tables, with every score kept.

    Example: frontrow why --profile 1 --row 2
    """
    published = homepage.page_records(profile_id, parse_day(ds) if ds else None)
    found = told(profile_id, published[0]["ds"], wanted, [row["row_id"] for row in published])
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str))
    else:
        show(Console(highlight=False, emoji=False, markup=False), found)


def told(profile_id: str, day: date, wanted: str, published: list[str]) -> dict[str, Any]:
    """What is to be said of the row; `published` are the row ids of the page that was published."""
    snapshot = ArrowSnapshot(end_of(day))
    maker = page_maker_from(snapshot)
    one = snapshot.day("profile_features", only={"profile_id": profile_id})
    profiles, scores = next(iter(maker.asked([one])))
    catalogue = maker.moment.catalogue
    made = rebuilt(
        catalogue, profiles, scores, maker.near, maker.ranker_id, maker.row_model, pages(), rows()
    )
    row_id = _row_id(made, wanted)
    position = made.position(row_id)
    now = [made.row_ids[offer] for offer in made.page.offer]
    candidates = made.candidates(position or len(now) + 1)
    offer = made.row_ids.index(row_id)
    return {
        "profile_id": profile_id,
        "ds": day,
        "row_id": row_id,
        "position": position or None,
        "builder": made.builder,
        "ranker_id": maker.ranker_id,
        "same_as_published": now == published,
        "rows_above": now[: position - 1] if position else now,
        "barred": "" if position else made.barred(offer, len(now) + 1),
        "candidates": candidates,
        "titles": removed(catalogue, profiles),
    }


def _row_id(made: Rebuilt, wanted: str) -> str:
    """The row that is meant: by position, by row_id, or the first of a kind."""
    placed = [made.row_ids[offer] for offer in made.page.offer]
    if wanted.isdecimal() and 0 < int(wanted) <= len(placed):
        return placed[int(wanted) - 1]
    for row_id in [*placed, *made.row_ids]:
        if wanted in (row_id, row_id.split(":")[0]):
            return row_id
    raise UserMistake(
        f"no row {wanted!r} was considered for this profile; the page has {len(placed)} rows, for example "
        f"{', '.join(placed[:3])}; {len(made.row_ids)} rows were considered"
    )


def show(console: Console, found: dict[str, Any]) -> None:
    """Print the row's place, its rivals at that step, and what the rules removed."""
    place = f"stands at position {found['position']}" if found["position"] else "has no place"
    head = f"{readable(found['row_id'])} {place} on {found['ds']} for profile {readable(found['profile_id'])}"
    console.print(Text(head, style="bold"))
    console.print(Text(f"rows by {found['builder']}, titles by ranker {found['ranker_id']}"))
    if not found["same_as_published"]:
        console.print(
            Text(
                "The published page differs: settings, models or code have changed since.",
                style="yellow",
            )
        )
    if found["barred"]:
        console.print(Text(f"below the last row a rule keeps it away: {found['barred']}"))
    above = ", ".join(readable(name) for name in found["rows_above"][-6:])
    console.print(Text(f"above it: {above or 'nothing'}"))
    if found["candidates"]:
        console.print(_table(found))
    else:
        console.print(
            Text("The template places rows by rule (conf/rows.yaml); nothing was scored.")
        )
    titles = found["titles"]
    kept = ", ".join(
        f"{count} {name}"
        for name, count in titles.items()
        if name not in ("titles", "left") and count
    )
    console.print(
        Text(f"titles: {titles['left']} of {titles['titles']} may be shown; away: {kept or 'none'}")
    )


def _table(found: dict[str, Any]) -> Table:
    title = f"{len(found['candidates'])} rows were scored for this position; scores are logarithms"
    shown = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for name in ("row", "score", "worth", "model", "coverage", "lost", "a rule says"):
        shown.add_column(name, justify="left" if name in ("row", "a rule says") else "right")
    for one in found["candidates"][:SHOWN]:
        style = "bold" if one["row_id"] == found["row_id"] else ""
        shown.add_row(
            Text(readable(one["row_id"]), style=style),
            f"{one['score']:.3f}",
            f"{one['worth']:.3f}",
            f"{one['row_model_and_calibration']:+.3f}",
            f"{one['coverage']:+.3f}",
            f"{one['lost_to_rows_above']:.0%}",
            Text(one["barred"]),
        )
    return shown
