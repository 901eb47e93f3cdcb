"""The figures of the simulated world's report, from the measures of its days, by day and arm."""
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
    arms_in_measures = set(pc.unique(measures["arm"]).to_pylist())
    return [arm for arm in ARMS if arm in arms_in_measures]


def days_of(measures: pa.Table) -> list[int]:
    """The days that were measured, ascending."""
    return sorted(pc.unique(measures["day"]).to_pylist())


def part(measures: pa.Table, days: list[int], arm: str | None = None) -> pa.Table:
    """The measures of these days, of one arm or all."""
    day_type = measures.schema.field("day").type
    in_part = pc.is_in(measures["day"], pa.array(days, day_type))
    if arm is not None:
        in_part = pc.and_(in_part, pc.equal(measures["arm"], arm))
    return measures.filter(in_part)


def figure_rate(figure: Figure, measures: pa.Table) -> Rate:
    """A figure over all rows of `measures`, in its unit."""
    numerator, denominator, account = _sums_by(figure, measures, "account_id")
    share = rate(numerator, denominator, account)
    return Rate(*(end * figure.scale for end in share))


def spread(measures: pa.Table) -> float:
    """Effective catalogue size of the plays from the page, each play counted as one."""
    titles = measures["titles"].combine_chunks().flatten()
    title_index = titles.to_numpy(zero_copy_only=False).astype(np.int64)
    return effective_size(np.bincount(title_index, minlength=1))


def play_rate_difference(measures: pa.Table, first: str, second: str) -> Rate:
    """Play rate of one arm minus that of another, as a share of sessions."""
    plays, sessions, account, arm = _sums_by(PLAY_RATE, measures, "account_id", "arm")
    return difference(plays, sessions, account, arm, first, second)


def gap(measures: pa.Table) -> Rate:
    """How much of the way from the popular page to the oracle's the pipeline's play rate goes."""
    plays, sessions, account, arm = _sums_by(PLAY_RATE, measures, "account_id", "arm")
    return gap_closed(plays, sessions, account, arm)


def _sums_by(figure: Figure, measures: pa.Table, *keys: str) -> list[NDArray[Any]]:
    """Numerator, denominator and keys of a figure, one row for each combination of the keys.

    Rates sum by account anyway; summed here, the texts of millions of
    rows need not become Python's.
    """
    sums = measures.group_by(list(keys)).aggregate([(figure.above, "sum"), (figure.below, "sum")])
    sums = sums.sort_by([(key, "ascending") for key in keys])
    numerator = sums[f"{figure.above}_sum"].to_numpy()
    denominator = sums[f"{figure.below}_sum"].to_numpy()
    key_columns = [sums[key].to_numpy().astype(str) for key in keys]
    return [numerator, denominator, *key_columns]
