"""Which of two arms members prefer, by what they played of each on a page that has both."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from experiments.interleaving.draft import FIRST, SECOND
from experiments.metrics.rates import Rate, rate

EQUAL = 0.5


def team_credits(teams: Sequence[int], played: Iterable[int]) -> tuple[int, int]:
    """The quality plays of each arm, of their positions (from 0); those of neither are left out."""
    whose = [teams[position] for position in played]
    return whose.count(FIRST), whose.count(SECOND)


def balanced_credits(
    first: Sequence[str], second: Sequence[str], played: Iterable[str]
) -> tuple[int, int]:
    """The plays within each arm's first k items, k as small as one arm needs to have what was played."""
    items = list(played)
    if not items:
        return 0, 0
    depth = min(max(_depth(arm, item) for item in items) for arm in (first, second))
    of_first, of_second = (sum(item in arm[:depth] for item in items) for arm in (first, second))
    return of_first, of_second


def _depth(arm: Sequence[str], item: str) -> int:
    return arm.index(item) + 1 if item in arm else len(arm)


def preference(first: ArrayLike, second: ArrayLike, account: ArrayLike) -> Rate:
    """The second arm's share of all quality plays that belong to an arm, clustered by account.

    Arrays (n,) of plays and the account of each; .5 where members prefer neither. Who played
    nothing of either arm adds nothing.
    """
    first, second = np.asarray(first), np.asarray(second)
    return rate(second, first + second, account)


def preferred(found: Rate) -> int | None:
    """The arm that an interval tells; None where it holds .5 or is not known."""
    if found.low > EQUAL:
        return SECOND
    return FIRST if found.high < EQUAL else None
