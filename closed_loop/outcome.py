"""The end of a simulation: its last days' figures on the terminal, and the report of all days."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from closed_loop import figures, report
from closed_loop import folder as world_folder
from closed_loop.validation import Life, RealityCheck, reality_checks, viewing
from conf.settings import load_settings
from conf.world import WorldSettings
from experiments.metrics.rates import Rate
from simulator.truth import World


def show_outcome(settings: WorldSettings, truth: World, console: Console, as_json: bool) -> None:
    """Write var/reports/world.html and print the last three days by arm, as a table or as JSON."""
    measures = world_folder.all_measures()
    checks = checks_of_world(measures, settings, truth)
    reports = load_settings().home_path / "reports"
    path = report.write_report(measures, list(checks.values()), reports)
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


def checks_of_world(
    measures: pa.Table, settings: WorldSettings, truth: World
) -> dict[str, RealityCheck]:
    """Every figure of `conf/reality.yaml` for the world that has been simulated."""
    last_day = figures.days_of(measures)[-1]
    members = pq.read_table(world_folder.outcome_path(last_day), columns=["joined", "left"])
    joined, left = members["joined"].to_numpy(), members["left"].to_numpy()
    life = Life(joined, left, -settings.past_days, last_day, truth.titles)
    return reality_checks(measures, viewing(), life, settings)


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
