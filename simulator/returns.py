"""Coming back and leaving: by what a profile found lately, beside what is usual for it.

A title found is one of which a film or an episode was watched to conf's `quality_play`; one never
played before counts for `fresh` more. With f of them on a day and `usual` a session, the level is
an average that is felt for about `days` days:

    level <- level * e + (1 - e) * f / (usual * sessions),  e = exp(-1 / days)

with sessions the profile's mean number a day. It comes level^gain times as often, and leaves for
good on a day with probability 1 - (1 - monthly)^(level^-loss / 30.4), the level cut at both ends.
All pages that are compared on a day begin it with the same level.
"""
# Tested by tests/simulator/test_returns.py.

import numpy as np

from conf.days import MONTH_DAYS
from simulator.arrays import NOT_YET, Context
from simulator.compiled import inner_njit
from simulator.draws import SESSIONS
from simulator.keyed_draws import keyed_uniform

_LEAVES = -3  # first key of the draw of leaving


@inner_njit()
def begin_day(context: Context, profile: int, day: int) -> float:
    """What multiplies the mean number of sessions of a day; 0 for who left.

    Counts what was found until the day before. A day that was begun already is not begun again.
    """
    standing, returns = context.memory.standing[0], context.parameters.returns
    member = context.members.records[profile]
    if standing.day == NOT_YET:
        standing.day = day
    if standing.day < day:
        usual = max(returns.usual * member.sessions, 1e-9)
        felt = np.exp(-1.0 / returns.days)
        found = standing.found / usual
        level = standing.level * felt + (1.0 - felt) * found
        standing.level = level * felt ** (day - standing.day - 1)
        standing.found = 0.0
        standing.day = day
        level = felt_level(context)
        rate = level**-returns.loss / MONTH_DAYS
        leaves = 1.0 - (1.0 - returns.monthly) ** rate
        start = context.scratch.stream_starts[SESSIONS]
        if standing.left > day and keyed_uniform(start, _LEAVES, 0) < leaves:
            standing.left = day
    if standing.left <= day:
        return 0.0
    return felt_level(context) ** returns.gain


@inner_njit()
def felt_level(context: Context) -> float:
    """The level between the least and the most that are felt."""
    returns = context.parameters.returns
    return min(max(context.memory.standing[0].level, returns.least), returns.most)


@inner_njit()
def add_found(context: Context, is_fresh: bool) -> None:
    """Count a title found; `is_fresh` if it had never been played before."""
    found = 1.0 + (context.parameters.returns.fresh if is_fresh else 0.0)
    context.memory.standing[0].found += found
