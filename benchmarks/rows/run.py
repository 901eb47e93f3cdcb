"""`frontrow bench rows`: does each kind of row earn more plays than its natural baseline.

Both are seen by the same members.
"""

import time
from typing import NamedTuple

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.report import report
from closed_loop.stage import kept_world, stages, youngest_trend_hours
from closed_loop.variants import BASELINE, TREATMENT, arms, row_comparison
from experiments.metrics.rates import Rate, difference, rate, rate_lift
from jobs.io.progress import progress_printer

Figures = dict[str, object]
TREND_SHARE = 0.95  # of the plays, that have to be known before a trend can be seen


@click.command()
@click.option(
    "--members",
    type=click.IntRange(1),
    default=400,
    show_default=True,
    help="Accounts of a new world.",
)
@click.option(
    "--days",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Days the world lives before.",
)
@click.option(
    "--judge",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Days judged at most, the newest.",
)
@click.option(
    "--draws",
    type=click.IntRange(1),
    default=8,
    show_default=True,
    help="Lives of each day, by other luck.",
)
@click.option(
    "--keep", type=click.Path(), help="The folder of a kept world, as bench world --keep leaves it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def rows(members: int, days: int, judge: int, draws: int, keep: str | None, as_json: bool) -> None:
    """Lift of play rate of each kind of row over its natural baseline, in a simulated world.

    A row stands alone on the page, in two versions before the same members: Continue Watching by
    its ranker and by recency, Top Picks and genre rows by ours and by popularity, Trending with and
    without personalisation, Because You Watched by ours and by co-watching alone. Continue Watching
    also stands on whole pages as they are served: where its ranker and the row model place it, and
    on the same pages moved to a fixed position. Rankers are judged as they serve: those that the
    weekly job promoted before the day, none where it promoted none.

    Example: frontrow bench rows --keep var/bench/rows-world
    """
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    with kept_world(keep, members, days, say) as life:
        measures = []
        for stage in stages(life, judge):
            profiles = f"{stage.states.num_rows:,} profiles, {draws} times"
            say(f"day {stage.day}: {profiles}, before each version of each row")
            measures.append(row_comparison(stage, arms(), draws))
        trend_hours = youngest_trend_hours(life, TREND_SHARE)
    figures = row_figures(pa.concat_tables(measures))
    figures["youngest_trend_hours"] = trend_hours
    figures |= {"days": days, "judged_days": judge, "draws": draws}
    report("rows", figures, as_json)


def row_figures(measures: pa.Table) -> Figures:
    """Lifts of the rows that stood alone, their play rates, and the gain of placing one row.

    `measures` has comparison, side, account_id, sessions and taken; intervals are clustered by
    account.
    """
    lifts: Figures = {}
    placement: Figures = {}
    rates: dict[str, Figures] = {}
    for name in pc.unique(measures["comparison"]).to_pylist():
        part = measures.filter(pc.equal(measures["comparison"], name))
        sides = pc.unique(part["side"]).to_pylist()
        rates[name] = {"sessions": _sessions(part)}
        for side in sides:
            rates[name][side] = _rate(part, side).value
        if name == "placement":
            fixed_sides = [side for side in sides if side != TREATMENT]
            placement = _placement_gain(part, fixed_sides)
        else:
            lifts |= rate_lift(*_columns(part), TREATMENT, BASELINE).named(name)
    return {"lift": lifts, "placement": placement, "play_rate": rates}


def _placement_gain(part: pa.Table, fixed_sides: list[str]) -> Figures:
    """Play rate with the row where its ranker places it, less that with it at a fixed position.

    `gain` is against the best fixed position, and so is the verdict whether placing beats them.
    """
    figures: Figures = {}
    for side in fixed_sides:
        figures |= difference(*_columns(part), TREATMENT, side).named(f"above_{side}")
    best_side = max(fixed_sides, key=lambda side: _rate(part, side).value)
    figures["best_fixed"] = best_side
    figures |= difference(*_columns(part), TREATMENT, best_side).named("gain")
    return figures


class SideColumns(NamedTuple):
    """Plays and sessions summed by account and side; each (accounts with sides,)."""

    plays: NDArray[np.int64]  # sessions with a play from the page
    sessions: NDArray[np.int64]
    account: NDArray[np.str_]
    side: NDArray[np.str_]


def _columns(part: pa.Table) -> SideColumns:
    sums = part.group_by(["account_id", "side"]).aggregate([("taken", "sum"), ("sessions", "sum")])
    sums = sums.sort_by([("account_id", "ascending"), ("side", "ascending")])
    return SideColumns(
        plays=sums["taken_sum"].to_numpy(),
        sessions=sums["sessions_sum"].to_numpy(),
        account=sums["account_id"].to_numpy().astype(str),
        side=sums["side"].to_numpy().astype(str),
    )


def _rate(part: pa.Table, side: str) -> Rate:
    columns = _columns(part.filter(pc.equal(part["side"], side)))
    return rate(columns.plays, columns.sessions, columns.account)


def _sessions(part: pa.Table) -> int:
    treatment = part.filter(pc.equal(part["side"], TREATMENT))
    return int(pc.sum(treatment["sessions"]).as_py())
