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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.artwork import Artwork
from models.artwork.kernels import choose, weigh
from models.artwork.pictures import INTS, Pictures
from models.artwork.policy import F64, Policy, mix
from models.artwork.profile_features import F32

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
    pictures: Pictures,
    policy: Policy,
    ages: NDArray[np.int16],
    keys: tuple[NDArray[np.uint64], ...],
    draws: int,
    settings: Artwork,
) -> Shop:
    """The shop of one policy; `ages` (p,) are least ages, `keys` those of titles (n,) and of pictures (p,)."""
    fresh = policy.impressions(pictures) < settings.exploration.fresh_impressions
    title_keys, picture_keys = keys
    effects = policy.picture_effects(pictures, picture_keys, 1 if policy.greedy else draws)
    return Shop(pictures, policy, policy.known_themes(pictures), ages, fresh, effects, title_keys)


def choices(
    shop: Shop, viewers: Viewers, places: Places, screen_cells: int, settings: Artwork
) -> tuple[INTS, F64]:
    """For each place the picture (d,), NONE where none may be shown, and the probability of that choice (d,).

    `screen_cells` is the size of the first screen, of which one theme may have its share.
    """
    picture, probability = np.full(len(places.title), NONE, np.int64), np.ones(len(places.title))
    for mine, people, table in _batches(shop, viewers, places):
        with np.errstate(over="ignore"):
            keys = mix(
                viewers.keys[places.profile[mine]] ^ mix(shop.title_keys[places.title[mine]])
            )
        choose(
            places.profile[mine] - people.start,
            places.title[mine],
            places.on_screen[mine],
            keys,
            _goods(shop),
            table,
            viewers.limit[people],
            *_chance(screen_cells, settings),
            picture[mine],
            probability[mine],
        )
    return picture, probability


def likelihoods(
    shop: Shop, viewers: Viewers, places: Places, logged: INTS, screen_cells: int, settings: Artwork
) -> F64:
    """For each place the probability (d, widest pool) of every picture of its title, given that the pictures `logged`
    (d,) were chosen in the places before it: what an evaluation asks of a policy that is not the logging one.
    """
    widest = int(np.diff(shop.pictures.offsets).max(initial=1))
    out = np.zeros((len(places.title), widest))
    for mine, people, table in _batches(shop, viewers, places):
        weigh(
            places.profile[mine] - people.start,
            places.title[mine],
            places.on_screen[mine],
            logged[mine],
            _goods(shop),
            table,
            viewers.limit[people],
            *_chance(screen_cells, settings),
            out[mine],
        )
    return out


def _batches(shop: Shop, viewers: Viewers, places: Places) -> Iterator[tuple[slice, slice, F32]]:
    """Places and profiles some at a time, with what the policy says to those profiles of every theme."""
    ends = np.searchsorted(places.profile, np.arange(len(viewers.limit) + 1))
    for first in range(0, len(viewers.limit), PROFILES_AT_ONCE):
        last = min(first + PROFILES_AT_ONCE, len(viewers.limit))
        if ends[first] < ends[last]:
            told = shop.policy.responses(viewers.traits[first:last])
            yield slice(ends[first], ends[last]), slice(first, last), told


def _goods(shop: Shop) -> tuple[NDArray[Any], ...]:
    found = shop.pictures
    return found.offsets, shop.theme, found.level, shop.ages, shop.fresh, shop.effects


def _chance(screen_cells: int, settings: Artwork) -> tuple[tuple[float, float], int]:
    """The shares of chance, and how many cells of the first screen one theme may have."""
    chance = settings.exploration
    return (chance.uniform_share, chance.fresh_share), max(
        1, int(settings.variety.most_share * screen_cells)
    )
