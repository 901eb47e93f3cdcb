"""The figures of the simulated world's report, from the measures of its days: which ones, for which days and arms."""
# Tested by tests/closed_loop/test_report.py.

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from experiments.metrics.catalogue import effective_size
from experiments.metrics.rates import Rate, difference, gap_closed, rate

ARMS = ("pipeline", "popular", "random", "oracle")
RECENT_DAYS = 3


class Figure(NamedTuple):
    """A ratio of two measures, scaled to its unit; `unit` is % or empty."""

    name: str
    about: str
    above: str
    below: str
    scale: float
    unit: str


PLAY_RATE = Figure("Play rate", "sessions with a play from the page", "taken", "sessions", 100, "%")
FIGURES = (
    PLAY_RATE,
    Figure(
        "Minutes per session",
        "watched, from the page and from search",
        "seconds",
        "sessions",
        1 / 60,
        "",
    ),
    Figure(
        "Sessions without a play",
        "neither from the page nor from search",
        "playless",
        "sessions",
        100,
        "%",
    ),
    Figure(
        "Quality plays per session", "watched to a large part", "quality_plays", "sessions", 1, ""
    ),
    Figure(
        "Hours from the page",
        "share of hours watched; the rest was found by search",
        "page_seconds",
        "seconds",
        100,
        "%",
    ),
)
ILLEGAL = Figure("Titles in view that were not legal", "", "illegal_seen", "seen", 100, "%")
SPREAD = ("Effective catalogue size", "of plays from the page that day; 1 if all are of one title")


def arms_of(measures: pa.Table) -> list[str]:
    """The arms that were measured, in the order in which they are always named."""
    there = set(pc.unique(measures["arm"]).to_pylist())
    return [arm for arm in ARMS if arm in there]


def days_of(measures: pa.Table) -> list[int]:
    """The days that were measured, ascending."""
    return sorted(pc.unique(measures["day"]).to_pylist())


def part(measures: pa.Table, days: list[int], arm: str | None = None) -> pa.Table:
    """The measures of these days, of one arm or all."""
    kept = pc.is_in(measures["day"], pa.array(days, measures.schema.field("day").type))
    return measures.filter(kept if arm is None else pc.and_(kept, pc.equal(measures["arm"], arm)))


def figure_rate(figure: Figure, measures: pa.Table) -> Rate:
    """A figure over all rows given, in its unit."""
    over, under, account = _summed(figure, measures, "account_id")
    return Rate(*(end * figure.scale for end in rate(over, under, account)))


def spread(measures: pa.Table) -> float:
    """Effective catalogue size of the plays from the page, each play counted as one."""
    titles = measures["titles"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return effective_size(np.bincount(titles.astype(np.int64), minlength=1))


def play_rate_difference(measures: pa.Table, first: str, second: str) -> Rate:
    """Play rate of one arm minus that of another, as a share of sessions."""
    taken, sessions, account, arm = _summed(PLAY_RATE, measures, "account_id", "arm")
    return difference(taken, sessions, account, arm, first, second)


def gap(measures: pa.Table) -> Rate:
    """The share of the way from the popular page to the oracle that the pipeline's play rate goes."""
    taken, sessions, account, arm = _summed(PLAY_RATE, measures, "account_id", "arm")
    return gap_closed(taken, sessions, account, arm)


def _summed(figure: Figure, measures: pa.Table, *keys: str) -> list[NDArray[Any]]:
    """What is divided, what it is divided by, and the keys; a row for each combination of them.

    Rates sum by account anyway; summed here, the texts of millions of rows need not become Python's.
    """
    sums = measures.group_by(list(keys)).aggregate([(figure.above, "sum"), (figure.below, "sum")])
    sums = sums.sort_by([(key, "ascending") for key in keys])
    numbers = [sums[f"{name}_sum"].to_numpy() for name in (figure.above, figure.below)]
    return [*numbers, *(sums[key].to_numpy().astype(str) for key in keys)]
