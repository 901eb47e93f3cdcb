"""The compiled side of the choice: a slot's pool, the best in each draw, what chance picks.

Positions are indices into the pool of one slot; indices of artworks go over the whole catalogue.
"""
# Tested by tests/models/artwork/test_choice.py.

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.draws import purpose_uniform

BOOLS = NDArray[np.bool_]
INTS = NDArray[np.int64]
F32 = NDArray[np.float32]


class PoolArrays(NamedTuple):
    """The p artworks of n titles, and what one policy says of them in s draws."""

    offsets: INTS  # (n + 1,) title t has the artworks offsets[t]:offsets[t + 1]
    theme: NDArray[np.int32]  # (p,) index among the policy's themes
    level: NDArray[np.int32]  # (p,) of representativeness
    least_age: NDArray[np.int16]  # (p,) years
    is_fresh: BOOLS  # (p,) whether it has few impressions
    effects: F32  # (p, s or more) log-odds


class SlotArrays(NamedTuple):
    """d titles that need artwork, sorted by profile."""

    profile: INTS  # (d,) index into the batch
    title: INTS  # (d,)
    on_screen: BOOLS  # (d,) whether the title comes first on the first screen


class ProfileArrays(NamedTuple):
    """m profiles, and what the policy says to them of every theme."""

    age_limit: NDArray[np.integer]  # (m,) years
    responses: F32  # (m, themes + 1, levels, s) log-odds


class Chance(NamedTuple):
    """How a choice is left to chance."""

    uniform_share: float  # of choices: any artwork of the pool
    fresh_share: float  # of choices: any fresh artwork of the pool
    theme_cells: int  # cells of the first screen that one theme may have


class ChoiceArrays(NamedTuple):
    """The choice in each slot, to be filled."""

    artwork: INTS  # (d,)
    probability: NDArray[np.float64]  # (d,)


class SlotScratch(NamedTuple):
    """Memory for one slot; the widest pool has w artworks."""

    pool: INTS  # (w,) artworks
    wins: INTS  # (w,) draws in which each position is best
    best: F32  # (s,) log-odds of the best so far
    winner: INTS  # (s,) position of the best artwork in each draw


@njit()
def fill_choices(
    slots: SlotArrays,
    keys: NDArray[np.uint64],
    pools: PoolArrays,
    profiles: ProfileArrays,
    chance: Chance,
    choices: ChoiceArrays,
) -> None:
    """Fill `choices`; a slot without artwork is left as it is.

    `keys` (d,) decide what chance picks. On the first screen a theme gives way once it has
    `theme_cells`.
    """
    scratch = _scratch(slots, pools, profiles)
    theme_counts = np.zeros(profiles.responses.shape[1], np.int64)
    previous = -1
    for slot in range(len(slots.title)):
        profile = slots.profile[slot]
        if profile != previous:
            theme_counts[:] = 0
            previous = profile
        theme_cells = chance.theme_cells if slots.on_screen[slot] else 0
        age_limit = profiles.age_limit[profile]
        size = _fill_pool(
            slots.title[slot], age_limit, pools, theme_counts, theme_cells, scratch.pool
        )
        if size:
            pool = scratch.pool[:size]
            _fill_winners(pool, pools, profiles.responses[profile], scratch)
            fresh = _fill_wins(pool, pools.is_fresh, scratch)
            position = _random_position(keys[slot], pool, pools.is_fresh, fresh, scratch, chance)
            artwork = pool[position]
            choices.artwork[slot] = artwork
            choices.probability[slot] = _probability(
                position, pool, pools.is_fresh, fresh, scratch, chance
            )
            theme_counts[pools.theme[artwork]] += slots.on_screen[slot]


@njit()
def fill_probabilities(
    slots: SlotArrays,
    logged: INTS,
    pools: PoolArrays,
    profiles: ProfileArrays,
    chance: Chance,
    probability: NDArray[np.float64],
) -> None:
    """Fill `probability` (d, w) of every artwork of each slot's pool, 0 where it may not be shown.

    Given that the slots before had the artworks `logged` (d,).
    """
    scratch = _scratch(slots, pools, profiles)
    theme_counts = np.zeros(profiles.responses.shape[1], np.int64)
    previous = -1
    for slot in range(len(slots.title)):
        profile = slots.profile[slot]
        if profile != previous:
            theme_counts[:] = 0
            previous = profile
        theme_cells = chance.theme_cells if slots.on_screen[slot] else 0
        age_limit = profiles.age_limit[profile]
        size = _fill_pool(
            slots.title[slot], age_limit, pools, theme_counts, theme_cells, scratch.pool
        )
        if size:
            pool = scratch.pool[:size]
            _fill_winners(pool, pools, profiles.responses[profile], scratch)
            fresh = _fill_wins(pool, pools.is_fresh, scratch)
            first = pools.offsets[slots.title[slot]]
            for position in range(size):
                probability[slot, pool[position] - first] = _probability(
                    position, pool, pools.is_fresh, fresh, scratch, chance
                )
        if logged[slot] >= 0:
            theme_counts[pools.theme[logged[slot]]] += slots.on_screen[slot]


@njit()
def _scratch(slots: SlotArrays, pools: PoolArrays, profiles: ProfileArrays) -> SlotScratch:
    widest = 1
    for title in slots.title:
        widest = max(widest, pools.offsets[title + 1] - pools.offsets[title])
    draws = profiles.responses.shape[3]
    return SlotScratch(
        np.empty(widest, np.int64),
        np.empty(widest, np.int64),
        np.empty(draws, np.float32),
        np.empty(draws, np.int64),
    )


@njit()
def _fill_pool(
    title: int,
    age_limit: int,
    pools: PoolArrays,
    theme_counts: INTS,
    theme_cells: int,
    pool: INTS,
) -> int:
    """Fill `pool` with the title's artworks within the age limit; how many there are.

    Themes that have had `theme_cells` (0: no limit) are left out, unless that leaves none.
    """
    size, exhausted = 0, 0
    for artwork in range(pools.offsets[title], pools.offsets[title + 1]):
        if pools.least_age[artwork] <= age_limit:
            exhausted += theme_cells > 0 and theme_counts[pools.theme[artwork]] >= theme_cells
            pool[size] = artwork
            size += 1
    if exhausted == 0 or exhausted == size:
        return size
    size = 0
    for artwork in range(pools.offsets[title], pools.offsets[title + 1]):
        has_room = theme_counts[pools.theme[artwork]] < theme_cells
        if pools.least_age[artwork] <= age_limit and has_room:
            pool[size] = artwork
            size += 1
    return size


@njit()
def _fill_winners(pool: INTS, pools: PoolArrays, responses: F32, scratch: SlotScratch) -> None:
    """Fill `winner`: the position that is best in each draw; of equals the first.

    `responses` (themes + 1, levels, s) are those of one profile.
    """
    scratch.best[:] = -np.inf
    scratch.winner[:] = 0
    for position in range(len(pool)):
        artwork = pool[position]
        effect = pools.effects[artwork]
        evoked = responses[pools.theme[artwork], pools.level[artwork]]
        for draw in range(len(scratch.best)):
            log_odds = evoked[draw] + effect[draw]
            if log_odds > scratch.best[draw]:
                scratch.best[draw] = log_odds
                scratch.winner[draw] = position


@njit()
def _fill_wins(pool: INTS, is_fresh: BOOLS, scratch: SlotScratch) -> int:
    """Fill `wins`: the draws in which each position is best; the number of fresh artworks."""
    fresh = 0
    for position in range(len(pool)):
        scratch.wins[position] = 0
        fresh += is_fresh[pool[position]]
    for position in scratch.winner:
        scratch.wins[position] += 1
    return fresh


@njit()
def _probability(
    position: int, pool: INTS, is_fresh: BOOLS, fresh: int, scratch: SlotScratch, chance: Chance
) -> float:
    """The probability of a position; `fresh` artworks of the pool are fresh."""
    uniform_share = chance.uniform_share
    fresh_share = chance.fresh_share if fresh else 0.0
    draws = len(scratch.winner)
    by_draws = (1 - uniform_share - fresh_share) * scratch.wins[position] / draws
    probability = uniform_share / len(pool) + by_draws
    if is_fresh[pool[position]]:
        return probability + fresh_share / fresh
    return probability


@njit()
def _random_position(
    key: np.uint64, pool: INTS, is_fresh: BOOLS, fresh: int, scratch: SlotScratch, chance: Chance
) -> int:
    """The position that chance picks for a key."""
    uniform_share = chance.uniform_share
    fresh_share = chance.fresh_share if fresh else 0.0
    way, within = purpose_uniform(key, 1), purpose_uniform(key, 2)
    if way < uniform_share:
        return min(int(within * len(pool)), len(pool) - 1)
    if way < uniform_share + fresh_share:
        remaining = min(int(within * fresh), fresh - 1)
        for position in range(len(pool)):
            if is_fresh[pool[position]]:
                if remaining == 0:
                    return position
                remaining -= 1
    winner = scratch.winner
    return winner[min(int(within * len(winner)), len(winner) - 1)]
