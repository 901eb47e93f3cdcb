"""Which picture stands for each title of a page, and the exact probability of that choice.

A choice takes one of three ways, by a number that hangs on profile, title and epoch:

    uniform_share   any picture of the pool
    fresh_share     any picture shown less than fresh_impressions times, where the pool has one; else it goes to draws
    the rest        the best picture of the pool in the eyes of one draw of the beliefs, each draw as likely

so that picture a of a pool of k has the probability

    p(a) = uniform / k + fresh [a is fresh] / (fresh ones) + (1 - uniform - fresh) * (draws in which a is best) / draws

which is a count and no estimate. On the first screen a theme that has had its share leaves the pool while others are in
it; p(a) is then the probability given the choices before it in reading order.
"""

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from conf.artwork import Artwork
from models.artwork.pictures import INTS, Pictures
from models.artwork.policy import F64, Policy, mix
from models.artwork.traits import F32

PROFILES_AT_ONCE = 64  # whose responses to every theme are held at a time
NONE = -1


@dataclass(frozen=True)
class Places:
    """The titles that want a picture, each once for a profile, sorted by profile and then in reading order."""

    profile: INTS  # (d,) index into the batch
    title: INTS  # (d,)
    on_screen: NDArray[np.bool_]  # (d,) the title comes first on the first screen


@dataclass(frozen=True)
class Viewers:
    """What chance and law need of a batch of m profiles."""

    traits: F32  # (m, f)
    limit: NDArray[np.integer]  # (m,) years
    keys: NDArray[np.uint64]  # (m,) of each profile and its epoch of chance


@dataclass(frozen=True)
class Shop:
    """The pictures with what a policy believes of them; the same for all members."""

    pictures: Pictures
    policy: Policy
    theme: NDArray[np.int32]  # (p,) among the policy's
    ages: NDArray[np.int16]  # (p,)
    fresh: NDArray[np.bool_]  # (p,)
    effects: F32  # (p, s)
    title_keys: NDArray[np.uint64]  # (n,)


def shop_of(
    pictures: Pictures, policy: Policy, ages: NDArray[np.int16], keys: tuple[NDArray[np.uint64], ...],
    draws: int, settings: Artwork,
) -> Shop:  # fmt: skip
    """The shop of one policy; `ages` (p,) are least ages, `keys` those of titles (n,) and of pictures (p,)."""
    fresh = policy.impressions(pictures) < settings.exploration.fresh_impressions
    title_keys, picture_keys = keys
    effects = policy.picture_effects(pictures, picture_keys, 1 if policy.greedy else draws)
    return Shop(pictures, policy, policy.known_themes(pictures), ages, fresh, effects, title_keys)


def choices(shop: Shop, viewers: Viewers, places: Places, screen_cells: int, settings: Artwork) -> tuple[INTS, F64]:
    """For each place the picture (d,), NONE where none may be shown, and the probability of that choice (d,).

    `screen_cells` is the size of the first screen, of which one theme may have its share.
    """
    picture, probability = np.full(len(places.title), NONE, np.int64), np.ones(len(places.title))
    most = max(1, int(settings.variety.most_share * screen_cells))
    shares = (settings.exploration.uniform_share, settings.exploration.fresh_share)
    ends = np.searchsorted(places.profile, np.arange(len(viewers.limit) + 1))
    for first in range(0, len(viewers.limit), PROFILES_AT_ONCE):
        last = min(first + PROFILES_AT_ONCE, len(viewers.limit))
        mine = slice(ends[first], ends[last])
        if mine.start == mine.stop:
            continue
        table = shop.policy.responses(viewers.traits[first:last])
        with np.errstate(over="ignore"):
            keys = mix(viewers.keys[places.profile[mine]] ^ mix(shop.title_keys[places.title[mine]]))
        _choose(
            places.profile[mine] - first, places.title[mine], places.on_screen[mine], keys, shop.pictures.offsets,
            shop.theme, shop.pictures.level, shop.ages, shop.fresh, shop.effects, table, viewers.limit[first:last],
            shares, most, picture[mine], probability[mine],
        )  # fmt: skip
    return picture, probability


@numba.njit(cache=True)
def _choose(
    profile,
    title,
    on_screen,
    keys,
    offsets,
    theme,
    level,
    ages,
    fresh,
    effects,
    table,
    limit,
    shares,
    most,
    picture,
    probability,
):  # type: ignore[no-untyped-def]
    """Fill `picture` and `probability` (d,)."""
    widest = 1
    for t in title:
        widest = max(widest, offsets[t + 1] - offsets[t])
    pool, wins = np.empty(widest, np.int64), np.empty(widest, np.int64)
    draws = table.shape[3]
    best, winner = np.empty(draws, np.float32), np.empty(draws, np.int64)
    shown, before = np.zeros(table.shape[1], np.int64), -1
    for d in range(len(title)):
        if profile[d] != before:
            shown[:] = 0
            before = profile[d]
        count = _pool(title[d], limit[before], offsets, ages, theme, shown, most if on_screen[d] else 0, pool)
        if count:
            _best(pool[:count], theme, level, effects, table[before], best, winner)
            at = _drawn(keys[d], pool[:count], fresh, winner, shares, wins, probability[d : d + 1])
            picture[d] = pool[at]
            shown[theme[pool[at]]] += on_screen[d]


@numba.njit(cache=True)
def _pool(title, limit, offsets, ages, theme, shown, most, pool):  # type: ignore[no-untyped-def]
    """Fill `pool` with the title's pictures within the limit, and without themes shown `most` times (0: never mind)
    unless that leaves none."""
    count = 0
    for p in range(offsets[title], offsets[title + 1]):
        if ages[p] <= limit and (most == 0 or shown[theme[p]] < most):
            pool[count] = p
            count += 1
    if count or most == 0:
        return count
    return _pool(title, limit, offsets, ages, theme, shown, 0, pool)


@numba.njit(cache=True)
def _best(pool, theme, level, effects, table, best, winner):  # type: ignore[no-untyped-def]
    """Fill `winner` (s,): which place of the pool each draw likes best; equals go to the first."""
    best[:] = -np.inf
    for j in range(len(pool)):
        p = pool[j]
        own, evoked = effects[p], table[theme[p], level[p]]
        for s in range(len(best)):
            value = evoked[s] + own[s]
            if value > best[s]:
                best[s] = value
                winner[s] = j


@numba.njit(cache=True)
def _drawn(key, pool, fresh, winner, shares, wins, probability):  # type: ignore[no-untyped-def]
    """The place of the pool that is chosen; writes its probability to `probability` (1,)."""
    count, draws, news = len(pool), len(winner), 0
    wins[:count] = 0
    for s in range(draws):
        wins[winner[s]] += 1
    for j in range(count):
        news += fresh[pool[j]]
    uniform, newly = shares[0], shares[1] if news else 0.0
    way, within = _uniform(key, 1), _uniform(key, 2)
    if way < uniform:
        at = min(int(within * count), count - 1)
    elif way < uniform + newly:
        at = _nth(pool, fresh, min(int(within * news), news - 1))
    else:
        at = winner[min(int(within * draws), draws - 1)]
    share = uniform / count + (1 - uniform - newly) * wins[at] / draws
    probability[0] = share + (newly / news if fresh[pool[at]] else 0.0)
    return at


@numba.njit(cache=True)
def _nth(pool, fresh, n):  # type: ignore[no-untyped-def]
    """The place of the n-th fresh picture of the pool, from 0."""
    for j in range(len(pool)):
        if fresh[pool[j]]:
            if n == 0:
                return j
            n -= 1
    return -1


@numba.njit(cache=True)
def _uniform(key, purpose):  # type: ignore[no-untyped-def]
    """A float64 in [0, 1) for a key and a purpose, by two rounds of splitmix64's finaliser."""
    z = np.uint64(key) + np.uint64(purpose) * np.uint64(0x9E3779B97F4A7C15)
    for _ in range(2):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return np.float64(z >> np.uint64(11)) * 2.0**-53
