"""What a simulation ends with: the figures of its last days on the terminal, and the report of all of them."""

import json

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from closed_loop import figures, report
from closed_loop import folder as world_folder
from closed_loop.validation import reality_checks, viewing
from conf.settings import load_settings
from conf.world import WorldSettings
from experiments.metrics.rates import Rate
from jobs.io.tables import arrow as arrow_tables


def show_outcome(settings: WorldSettings, console: Console, as_json: bool) -> None:
    """Write var/reports/world.html and print the last three days by arm, as a table or as JSON."""
    measures = world_folder.all_measures()
    ratings = pc.value_counts(
        world_folder.real_ratings(load_settings())["title_id"].combine_chunks()
    ).field("counts")
    titles = len(pc.unique(arrow_tables.whole_table("titles", ["title_id"])["title_id"]))
    checks = reality_checks(measures, viewing(), ratings.to_numpy(), titles, settings)
    path = report.write_report(measures, checks, load_settings().home_path / "reports")
    recent = last_days(measures)
    found = {
        arm: {f.name: figures.figure_rate(f, rows) for f in figures.FIGURES}
        for arm, rows in recent.items()
    }
    if as_json:
        print(
            json.dumps(
                {arm: {n: r._asdict() for n, r in told.items()} for arm, told in found.items()},
                indent=1,
            )
        )
    else:
        console.print(_table(found))
        console.print(_gap(measures), markup=False, soft_wrap=True)
        console.print(f"report: {path}", markup=False, soft_wrap=True)


def last_days(measures: pa.Table) -> dict[str, pa.Table]:
    """The measures of the last three days by arm."""
    days = figures.days_of(measures)[-figures.RECENT_DAYS :]
    return {arm: figures.part(measures, days, arm) for arm in figures.arms_of(measures)}


def _table(found: dict[str, dict[str, Rate]]) -> Table:
    shown = Table("the last three days", *found, box=None, header_style="bold", pad_edge=False)
    for figure in figures.FIGURES:
        shown.add_row(
            figure.name, *(_cell(told[figure.name], figure.unit) for told in found.values())
        )
    return shown


def _cell(rate: Rate, unit: str) -> str:
    return f"{rate.value:.2f}{unit} [{rate.low:.2f}, {rate.high:.2f}]"


def _gap(measures: pa.Table) -> str:
    days = figures.days_of(measures)[-figures.RECENT_DAYS :]
    if not {"popular", "oracle"} <= set(figures.arms_of(measures)):
        return "popular and oracle pages were not measured (--no-compare)"
    try:
        closed = figures.gap(figures.part(measures, days))
    except ValueError as why:
        return str(why)
    return f"of the way from the popular page to the oracle's: {closed.value:.0%} [{closed.low:.0%}, {closed.high:.0%}]"
