"""The artwork of each title of a page, and the exact probability of that choice.

A choice takes one of three ways, by a number that depends on profile, title and epoch:

    uniform_share   any artwork of the pool
    fresh_share     any fresh artwork, with fewer than fresh_impressions impressions; else as below
    the rest        the artwork that is best in one draw of the beliefs, each draw as likely

Artwork a of a pool of k therefore has the probability

    p(a) = uniform / k + fresh [a is fresh] / (fresh ones)
           + (1 - uniform - fresh) * (draws in which a is best) / draws

which is a count and no estimate. On the first screen a theme that has had its share leaves the pool
while others are in it; p(a) is then the probability given the choices before it in reading order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.artwork import ArtworkSettings
from conf.draws import splitmix64_of
from models.artwork.kernels import (
    Chance,
    ChoiceArrays,
    PoolArrays,
    ProfileArrays,
    SlotArrays,
    fill_choices,
    fill_probabilities,
)
from models.artwork.policy import F64, KEYS, ArtworkPolicy
from models.artwork.pools import INTS, ArtworkPools
from models.artwork.profile_features import F32

PROFILES_AT_ONCE = 64  # whose responses to every theme are held at a time
NO_ARTWORK = -1


@dataclass(frozen=True)
class ArtworkSlots:
    """The titles that need artwork, each once for a profile, by profile and in reading order."""

    profile: INTS  # (d,) index into the batch
    title: INTS  # (d,)
    on_screen: NDArray[np.bool_]  # (d,) whether the title comes first on the first screen

    def where(self, keep: NDArray[np.bool_] | INTS) -> "ArtworkSlots":
        """The slots of a mask (d,) or of indices."""
        return ArtworkSlots(self.profile[keep], self.title[keep], self.on_screen[keep])


class ChoiceProfiles(NamedTuple):
    """A batch of m profiles as the choice needs them."""

    features: F32  # (m, f)
    age_limit: NDArray[np.integer]  # (m,) years
    keys: KEYS  # (m,) of each profile and its epoch


class ArtworkChoices(NamedTuple):
    """The choice in each slot."""

    artwork: INTS  # (d,) NO_ARTWORK where none may be shown
    probability: F64  # (d,) exact, of that choice


@dataclass(frozen=True)
class PolicyPools:
    """The catalogue's artwork with what a policy believes of it; the same for all profiles."""

    policy: ArtworkPolicy
    arrays: PoolArrays
    title_keys: KEYS  # (n,)

    @property
    def widest(self) -> int:
        """Number of artworks in the largest pool, at least 1."""
        return int(np.diff(self.arrays.offsets).max(initial=1))


def policy_pools(
    pools: ArtworkPools,
    policy: ArtworkPolicy,
    least_ages: NDArray[np.int16],
    title_keys: KEYS,
    artwork_keys: KEYS,
    settings: ArtworkSettings,
) -> PolicyPools:
    """The pools as one policy sees them.

    Least ages (p,) in years, keys of titles (n,) and of artworks (p,).
    """
    exploration = settings.exploration
    draws = 1 if policy.greedy else exploration.draws
    arrays = PoolArrays(
        offsets=pools.offsets,
        theme=policy.theme_indices(pools),
        level=pools.level,
        least_age=least_ages,
        is_fresh=policy.impressions(pools) < exploration.fresh_impressions,
        effects=policy.artwork_effects(pools, artwork_keys, draws),
    )
    return PolicyPools(policy, arrays, title_keys)


def artwork_choices(
    pools: PolicyPools,
    profiles: ChoiceProfiles,
    slots: ArtworkSlots,
    screen_cells: int,
    settings: ArtworkSettings,
) -> ArtworkChoices:
    """The choice in each slot; a theme may have its share of the `screen_cells` cells."""
    size = len(slots.title)
    choices = ArtworkChoices(np.full(size, NO_ARTWORK, np.int64), np.ones(size))
    chance = _chance(screen_cells, settings)
    for batch in _batches(pools, profiles, slots):
        profile_keys = profiles.keys[slots.profile[batch.span]]
        keys = splitmix64_of(profile_keys ^ splitmix64_of(pools.title_keys[batch.slots.title]))
        filled = ChoiceArrays(choices.artwork[batch.span], choices.probability[batch.span])
        fill_choices(batch.slots, keys, pools.arrays, batch.profiles, chance, filled)
    return choices


def pool_probabilities(
    pools: PolicyPools,
    profiles: ChoiceProfiles,
    slots: ArtworkSlots,
    logged: INTS,
    screen_cells: int,
    settings: ArtworkSettings,
) -> F64:
    """The probability (d, widest pool) of all artwork, given the artworks `logged` (d,) before.

    This is what an evaluation asks of a policy that is not the logging one.
    """
    probability = np.zeros((len(slots.title), pools.widest))
    chance = _chance(screen_cells, settings)
    for batch in _batches(pools, profiles, slots):
        fill_probabilities(
            batch.slots,
            logged[batch.span],
            pools.arrays,
            batch.profiles,
            chance,
            probability[batch.span],
        )
    return probability


class _Batch(NamedTuple):
    """The slots of some profiles."""

    span: slice  # of all slots
    slots: SlotArrays
    profiles: ProfileArrays


def _batches(pools: PolicyPools, profiles: ChoiceProfiles, slots: ArtworkSlots) -> Iterator[_Batch]:
    """PROFILES_AT_ONCE profiles at a time, with what the policy says to them of every theme."""
    size = len(profiles.age_limit)
    ends = np.searchsorted(slots.profile, np.arange(size + 1))
    for first in range(0, size, PROFILES_AT_ONCE):
        last = min(first + PROFILES_AT_ONCE, size)
        span = slice(ends[first], ends[last])
        if span.start == span.stop:
            continue
        responses = pools.policy.responses(profiles.features[first:last])
        yield _Batch(
            span,
            SlotArrays(slots.profile[span] - first, slots.title[span], slots.on_screen[span]),
            ProfileArrays(profiles.age_limit[first:last], responses),
        )


def _chance(screen_cells: int, settings: ArtworkSettings) -> Chance:
    exploration = settings.exploration
    theme_cells = max(1, int(settings.variety.most_share * screen_cells))
    return Chance(exploration.uniform_share, exploration.fresh_share, theme_cells)
