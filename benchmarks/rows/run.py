"""`frontrow bench rows`: does each kind of row earn more plays than its natural baseline, before the same members."""

import time

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console

from benchmarks.report import report
from benchmarks.rows.training_days import stages_with_trained_rankers
from closed_loop.stage import kept_world, stages, youngest_trend_hours
from closed_loop.variants import BASELINE, TREATMENT, arms, row_comparison
from experiments.metrics.rates import Rate, difference, rate, rate_lift
from jobs.io.progress import progress_printer

Figures = dict[str, object]
LEARNED = 0.95  # share of the plays that have to be learned of before a trend can be seen


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
    "--lessons",
    type=click.IntRange(0),
    default=16,
    show_default=True,
    help="Lives that teach the rankers of Continue Watching; 0: those that serve are judged.",
)
@click.option(
    "--keep", type=click.Path(), help="The folder of a kept world, as bench world --keep leaves it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def rows(
    members: int, days: int, judge: int, draws: int, lessons: int, keep: str | None, as_json: bool
) -> None:
    """Lift of play rate of each kind of row over its natural baseline, in a world that lives on our pages.

    A row stands alone on the page, in two versions before the same members: Continue Watching by its ranker and by
    recency, Top Picks and genre rows by ours and by popularity, Trending with and without personalisation, Because You
    Watched by ours and by co-watching alone. Continue Watching also stands on whole pages as they are served: where its
    ranker and the row model place it, and on the same pages moved to a fixed place. Its rankers learn from lives of one
    half of the accounts on pages with the row by recency, and are judged by the other half, and the other way round.

    Example: frontrow bench rows --keep var/bench/rows-world
    """
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    with kept_world(keep, members, days, say) as life:
        found = []
        for stage in stages(life, judge):
            say(
                f"day {stage.day}: {stage.states.num_rows:,} profiles, {draws} times, before each version of each row"
            )
            found += [
                row_comparison(part, arms(), draws)
                for part in (stages_with_trained_rankers(stage, lessons) if lessons else [stage])
            ]
        trend_hours = youngest_trend_hours(life, LEARNED)
    sizes = {"days": days, "judged_days": judge, "draws": draws, "lessons": lessons}
    report(
        "rows",
        row_figures(pa.concat_tables(found)) | {"youngest_trend_hours": trend_hours} | sizes,
        as_json,
    )


def row_figures(measures: pa.Table) -> Figures:
    """Lifts of the rows that stood alone, with the play rates they come from, and what placing one row is worth.

    `measures` has comparison, side, account_id, sessions and taken; intervals are clustered by account.
    """
    lifts: Figures = {}
    placement: Figures = {}
    rates: dict[str, Figures] = {}
    for name in pc.unique(measures["comparison"]).to_pylist():
        part = measures.filter(pc.equal(measures["comparison"], name))
        sides = pc.unique(part["side"]).to_pylist()
        rates[name] = {
            "sessions": _sessions(part),
            **{side: _rate(part, side).value for side in sides},
        }
        if name == "placement":
            placement = _placed(part, [side for side in sides if side != TREATMENT])
        else:
            lifts |= rate_lift(*_columns(part), TREATMENT, BASELINE).named(name)
    return {"lift": lifts, "placement": placement, "play_rate": rates}


def _placed(part: pa.Table, fixed: list[str]) -> Figures:
    """Play rate of the page where the ranker places the row, less that with the row fixed, for each such place.

    `gain` is against the better of them, and so is the verdict whether placing beats a fixed position.
    """
    found: Figures = {}
    for side in fixed:
        found |= difference(*_columns(part), TREATMENT, side).named(f"above_{side}")
    best = max(fixed, key=lambda side: _rate(part, side).value)
    gain = difference(*_columns(part), TREATMENT, best)
    return found | {"best_fixed": best} | gain.named("gain")


def _columns(part: pa.Table) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What is divided, what it is divided by, account and side, summed by account and side."""
    sums = part.group_by(["account_id", "side"]).aggregate([("taken", "sum"), ("sessions", "sum")])
    sums = sums.sort_by([("account_id", "ascending"), ("side", "ascending")])
    numbers = (sums[f"{name}_sum"].to_numpy() for name in ("taken", "sessions"))
    taken, sessions = numbers
    return taken, sessions, *(sums[name].to_numpy().astype(str) for name in ("account_id", "side"))


def _rate(part: pa.Table, side: str) -> Rate:
    taken, sessions, account, _ = _columns(part.filter(pc.equal(part["side"], side)))
    return rate(taken, sessions, account)


def _sessions(part: pa.Table) -> int:
    return int(pc.sum(part.filter(pc.equal(part["side"], TREATMENT))["sessions"]).as_py())
