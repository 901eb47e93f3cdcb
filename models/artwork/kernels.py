"""The compiled side of the choice: pools, the best picture in the eyes of each draw, and what chance picks."""

import numba
import numpy as np


@numba.njit(cache=True)
def choose(
    profile, title, on_screen, keys, goods, table, limit, shares, most, picture, probability
):  # type: ignore[no-untyped-def]
    """Fill `picture` and `probability` (d,) for places sorted by profile; a place without pictures is left as it is.

    `goods` are offsets, theme, level, ages, fresh and effects of all pictures; `table` (m, themes, levels, s) is what
    each draw says. On the screen a theme gives way from `most` on.
    """
    offsets, theme, level, ages, fresh, effects = goods
    pool, wins, best, winner = _scratch(title, offsets, table.shape[3])
    shown, before = np.zeros(table.shape[1], np.int64), -1
    for d in range(len(title)):
        if profile[d] != before:
            shown[:] = 0
            before = profile[d]
        count = _pool(
            title[d], limit[before], offsets, ages, theme, shown, most if on_screen[d] else 0, pool
        )
        if count:
            _best(pool[:count], theme, level, effects, table[before], best, winner)
            news = _count(pool[:count], fresh, winner, wins)
            at = _drawn(keys[d], pool[:count], fresh, news, winner, shares)
            picture[d] = pool[at]
            probability[d] = _share(at, pool[:count], fresh, news, wins, len(winner), shares)
            shown[theme[pool[at]]] += on_screen[d]


@numba.njit(cache=True)
def weigh(profile, title, on_screen, logged, goods, table, limit, shares, most, likelihood):  # type: ignore[no-untyped-def]
    """Fill `likelihood` (d, widest): the probability of each picture of each title's pool, 0 where it may not be shown.

    Given that the places before had the pictures `logged` (d,).
    """
    offsets, theme, level, ages, fresh, effects = goods
    pool, wins, best, winner = _scratch(title, offsets, table.shape[3])
    shown, before = np.zeros(table.shape[1], np.int64), -1
    for d in range(len(title)):
        if profile[d] != before:
            shown[:] = 0
            before = profile[d]
        count = _pool(
            title[d], limit[before], offsets, ages, theme, shown, most if on_screen[d] else 0, pool
        )
        if count:
            _best(pool[:count], theme, level, effects, table[before], best, winner)
            news = _count(pool[:count], fresh, winner, wins)
            for at in range(count):
                told = _share(at, pool[:count], fresh, news, wins, len(winner), shares)
                likelihood[d, pool[at] - offsets[title[d]]] = told
        if logged[d] >= 0:
            shown[theme[logged[d]]] += on_screen[d]


@numba.njit(cache=True)
def _scratch(title, offsets, draws):  # type: ignore[no-untyped-def]
    widest = 1
    for t in title:
        widest = max(widest, offsets[t + 1] - offsets[t])
    best, winner = np.empty(draws, np.float32), np.empty(draws, np.int64)
    return np.empty(widest, np.int64), np.empty(widest, np.int64), best, winner


@numba.njit(cache=True)
def _pool(title, limit, offsets, ages, theme, shown, most, pool):  # type: ignore[no-untyped-def]
    """Fill `pool` with the title's pictures within the limit, and without themes shown `most` times (0: never mind)
    unless that leaves none.
    """
    count, shy = 0, 0
    for p in range(offsets[title], offsets[title + 1]):
        if ages[p] <= limit:
            shy += most > 0 and shown[theme[p]] >= most
            pool[count] = p
            count += 1
    if shy == 0 or shy == count:
        return count
    count = 0
    for p in range(offsets[title], offsets[title + 1]):
        if ages[p] <= limit and shown[theme[p]] < most:
            pool[count] = p
            count += 1
    return count


@numba.njit(cache=True)
def _best(pool, theme, level, effects, table, best, winner):  # type: ignore[no-untyped-def]
    """Fill `winner` (s,): which place of the pool each draw likes best; equals go to the first."""
    best[:] = -np.inf
    winner[:] = 0
    for j in range(len(pool)):
        p = pool[j]
        own, evoked = effects[p], table[theme[p], level[p]]
        for s in range(len(best)):
            value = evoked[s] + own[s]
            if value > best[s]:
                best[s] = value
                winner[s] = j


@numba.njit(cache=True)
def _count(pool, fresh, winner, wins):  # type: ignore[no-untyped-def]
    """Fill `wins`: in how many draws each place of the pool is best; how many of the pool are fresh."""
    news = 0
    for j in range(len(pool)):
        wins[j] = 0
        news += fresh[pool[j]]
    for j in winner:
        wins[j] += 1
    return news


@numba.njit(cache=True)
def _share(at, pool, fresh, news, wins, draws, shares):  # type: ignore[no-untyped-def]
    """The probability of the place `at` of the pool."""
    uniform, newly = shares[0], shares[1] if news else 0.0
    told = uniform / len(pool) + (1 - uniform - newly) * wins[at] / draws
    return told + newly / news if fresh[pool[at]] else told


@numba.njit(cache=True)
def _drawn(key, pool, fresh, news, winner, shares):  # type: ignore[no-untyped-def]
    """The place of the pool that chance picks."""
    uniform, newly = shares[0], shares[1] if news else 0.0
    way, within = _uniform(key, 1), _uniform(key, 2)
    if way < uniform:
        return min(int(within * len(pool)), len(pool) - 1)
    if way < uniform + newly:
        left = min(int(within * news), news - 1)
        for j in range(len(pool)):
            if fresh[pool[j]]:
                if left == 0:
                    return j
                left -= 1
    return winner[min(int(within * len(winner)), len(winner) - 1)]


@numba.njit(cache=True)
def _uniform(key, purpose):  # type: ignore[no-untyped-def]
    """A float64 in [0, 1) for a key and a purpose, by two rounds of splitmix64's finaliser."""
    z = np.uint64(key) + np.uint64(purpose) * np.uint64(0x9E3779B97F4A7C15)
    for _ in range(2):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * 2.0**-53
