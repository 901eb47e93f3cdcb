"""`frontrow bench studio`: how long people wait for it, and whether titles are explained."""

from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.firsthour.start_up import seconds
from benchmarks.report import report
from benchmarks.studio.views import addresses, view_times
from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.published import homepage
from jobs.io.tables import arrow as arrow_tables

NOT_MEASURED = (
    *("title_health_cost_share", "axe_violations", "console_errors", "external_requests"),
    *("keyboard_reach", "trace_complete"),
)


@click.command()
@click.option(
    "--asked", type=click.IntRange(2), default=20, show_default=True, help="Answers of each view."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def studio(asked: int, as_json: bool) -> None:
    """Time each view and command on the pages of this home, and count what is explained of titles.

    Example: frontrow bench studio --asked 10
    """
    home = load_settings().home_path
    if not arrow_tables.has_rows("title_health"):
        raise UserMistake("this home has no title_health; a night built now writes it")
    report("studio", figures(home, asked), as_json)


def figures(home: Path, asked: int) -> dict[str, object]:
    """All figures; what this bench does not measure is null."""
    day = homepage.newest_day(homepage.publication_receipts())
    pages = arrow_tables.filtered_rows("homepage_rows", [("ds", "=", day)], ["profile_id", "cells"])
    health = arrow_tables.filtered_rows("title_health", [], ["ds", "title_id", "health"])
    profile_ids, title_ids = (
        pc.unique(table[name].cast(pa.string())).to_pylist()
        for table, name in ((pages, "profile_id"), (health, "title_id"))
    )
    days = [str(each) for each in pc.unique(health["ds"]).to_pylist()]
    profile, title = profile_ids[0], title_ids[0]
    commands = {
        "why_s": ("why", "--profile", profile, "--row", "2"),
        "why_not_s": ("why-not", "--title", title),
        "page_s": ("page", "--profile", profile),
        "dry_run_s": ("why-not", "--title", title, "--ahead"),
    }
    times = {name: seconds(words, home) for name, words in commands.items()}
    views = view_times(home, addresses(profile_ids, title_ids, days, asked))
    return {
        "day": str(day),
        "profiles": len(profile_ids),
        "titles": len(title_ids),
        **{name: wall for name, (wall, _) in times.items()},
        "cpu": {name: cpu for name, (_, cpu) in times.items()},
        "view_p95_ms": {view: of["p95"] for view, of in views.items()},
        "view_p50_ms": {view: of["p50"] for view, of in views.items()},
        "view_first_ms": {view: of["first"] for view, of in views.items()},
        "health_complete": health_complete(health["health"]),
        "most_rows_of_a_title": median_of_most(pages),
        **dict.fromkeys(NOT_MEASURED),
    }


def health_complete(health: pa.ChunkedArray) -> float:
    """The share of states that a rule explains."""
    explained = pc.invert(pc.equal(health.cast(pa.string()), "unexplained"))
    return float(pc.mean(explained).as_py())


def median_of_most(pages: pa.Table) -> float:
    """The median over pages of how many rows have the title that is in most of them."""
    cells = pages["cells"].combine_chunks()
    owners = pages["profile_id"].cast(pa.string()).combine_chunks()
    of_cells = owners.take(pc.list_parent_indices(cells))
    titles = pc.struct_field(cells.flatten(), "title_id").cast(pa.string())
    counts = pa.table({"profile": of_cells, "title": titles}).group_by(["profile", "title"])
    counts = counts.aggregate([([], "count_all")]).group_by("profile")
    most = counts.aggregate([("count_all", "max")])["count_all_max"]
    return float(pc.quantile(most, 0.5)[0].as_py())
