"""The end of a simulation: its last days' figures on the terminal, and the report of all days."""

import json

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from closed_loop import figures, report
from closed_loop import folder as world_folder
from closed_loop.validation import RealityCheck, reality_checks, viewing
from conf.settings import load_settings
from conf.world import WorldSettings
from experiments.metrics.rates import Rate
from jobs.io.tables import arrow as arrow_tables


def show_outcome(settings: WorldSettings, console: Console, as_json: bool) -> None:
    """Write var/reports/world.html and print the last three days by arm, as a table or as JSON."""
    measures = world_folder.all_measures()
    checks = _reality_checks(measures, settings)
    path = report.write_report(measures, checks, load_settings().home_path / "reports")
    rates = {
        arm: {figure.name: figures.figure_rate(figure, rows) for figure in figures.FIGURES}
        for arm, rows in last_days(measures).items()
    }
    if as_json:
        print(json.dumps(_without_types(rates), indent=1))
        return
    console.print(_table(rates))
    console.print(_gap(measures), markup=False, soft_wrap=True)
    console.print(f"report: {path}", markup=False, soft_wrap=True)


def _reality_checks(measures: pa.Table, settings: WorldSettings) -> list[RealityCheck]:
    real_ratings = world_folder.real_ratings(load_settings())
    by_title = pc.value_counts(real_ratings["title_id"].combine_chunks())
    ratings = by_title.field("counts").to_numpy()
    title_ids = arrow_tables.whole_table("titles", ["title_id"])["title_id"]
    return reality_checks(measures, viewing(), ratings, len(pc.unique(title_ids)), settings)


def _without_types(rates: dict[str, dict[str, Rate]]) -> dict[str, dict[str, dict[str, float]]]:
    """Arm -> figure -> value, low and high."""
    return {
        arm: {name: figure_rate._asdict() for name, figure_rate in rates_of_arm.items()}
        for arm, rates_of_arm in rates.items()
    }


def last_days(measures: pa.Table) -> dict[str, pa.Table]:
    """The measures of the last three days by arm."""
    days = figures.days_of(measures)[-figures.RECENT_DAYS :]
    return {arm: figures.part(measures, days, arm) for arm in figures.arms_of(measures)}


def _table(rates: dict[str, dict[str, Rate]]) -> Table:
    table = Table("the last three days", *rates, box=None, header_style="bold", pad_edge=False)
    for figure in figures.FIGURES:
        cells = [_cell(rates_of_arm[figure.name], figure.unit) for rates_of_arm in rates.values()]
        table.add_row(figure.name, *cells)
    return table


def _cell(rate: Rate, unit: str) -> str:
    return f"{rate.value:.2f}{unit} [{rate.low:.2f}, {rate.high:.2f}]"


def _gap(measures: pa.Table) -> str:
    days = figures.days_of(measures)[-figures.RECENT_DAYS :]
    if not {"popular", "oracle"} <= set(figures.arms_of(measures)):
        return "popular and oracle pages were not measured (--no-compare)"
    try:
        share = figures.gap(figures.part(measures, days))
    except ValueError as why:
        return str(why)
    interval = f"[{share.low:.0%}, {share.high:.0%}]"
    return f"of the way from the popular page to the oracle's: {share.value:.0%} {interval}"
