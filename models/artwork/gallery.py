"""The artwork of a catalogue together with the policy that chooses among it."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.artwork import ArtworkSettings, artwork_settings
from conf.keys import bucket
from models.artwork.choice import (
    NO_ARTWORK,
    ArtworkChoices,
    ArtworkSlots,
    ChoiceProfiles,
    PolicyPools,
    artwork_choices,
    policy_pools,
    pool_probabilities,
)
from models.artwork.policy import F64, KEYS, ArtworkPolicy
from models.artwork.pools import INTS, ArtworkPools
from models.artwork.profile_features import F32, FeatureFrame, profile_features

DEFAULT = "default"  # version where there is no policy: the most representative artwork
KEY_SALT = "picture"  # another word would be another draw for everybody
_BUCKETS = 2**63


@dataclass(frozen=True)
class ArtworkProfiles:
    """What a policy may know of m profiles."""

    profile_ids: NDArray[np.object_]  # (m,) text
    genre_counts: INTS  # (m, g) titles of each genre played, in the order of the catalogue's genres
    played: INTS  # (m,) titles played
    kids: NDArray[np.bool_]  # (m,)
    country: NDArray[np.object_]  # (m,) "" where unknown
    age_limit: NDArray[np.integer]  # (m,) years: no artwork above it

    def where(self, keep: NDArray[np.bool_] | INTS) -> "ArtworkProfiles":
        """The profiles of a mask or of indices."""
        return ArtworkProfiles(*(getattr(self, column.name)[keep] for column in fields(self)))

    def features(self, frame: FeatureFrame, genres: tuple[str, ...]) -> F32:
        """Features (m, f) in the order of a policy's frame; `genres` are the catalogue's.

        A genre of the frame that the catalogue does not have counts as never played.
        """
        column = {genre: number for number, genre in enumerate(genres)}
        order = [column.get(genre, len(genres)) for genre in frame.genres]
        never = np.zeros(len(self.played), np.int64)
        counts = np.column_stack([self.genre_counts, never])[:, order]
        return profile_features(frame, counts, self.played, self.kids, self.country)


@dataclass(frozen=True)
class Gallery:
    """The artwork of n titles and its policy; without one the most representative is chosen."""

    pools: ArtworkPools
    title_ids: NDArray[np.object_]  # (n,) text
    title_ages: NDArray[np.int16]  # (n,) years, for artwork that has no least age of its own
    genres: tuple[str, ...]
    policy: ArtworkPolicy | None = None
    day: int = 0  # ordinal, of the page
    settings: ArtworkSettings = field(default_factory=artwork_settings)

    def with_policy(self, policy: ArtworkPolicy | None, day: date) -> "Gallery":
        """The same artwork, chosen by `policy` for pages built as of the end of `day`."""
        return replace(self, policy=policy, day=day.toordinal())

    def choices(
        self, profiles: ArtworkProfiles, slots: ArtworkSlots, screen_cells: int
    ) -> ArtworkChoices:
        """The artwork of each slot, with the exact probability of the choice."""
        if self.policy is None:
            artwork = self._most_representative(profiles, slots)
            return ArtworkChoices(artwork, np.ones(len(slots.title)))
        inputs = self._choice_profiles(profiles)
        return artwork_choices(self._policy_pools, inputs, slots, screen_cells, self.settings)

    def probabilities(
        self, profiles: ArtworkProfiles, slots: ArtworkSlots, logged: INTS, screen_cells: int
    ) -> F64:
        """The policy's probability (d, widest pool) of all artwork, given that `logged` before."""
        inputs = self._choice_profiles(profiles)
        return pool_probabilities(
            self._policy_pools, inputs, slots, logged, screen_cells, self.settings
        )

    def artwork_ids(self, artwork: INTS) -> pa.Array:
        """The artwork_id of each choice; the title card for NO_ARTWORK."""
        ids = pa.array([*self.pools.artwork_ids, self.settings.title_card], pa.string())
        return ids.take(pa.array(np.where(artwork == NO_ARTWORK, self.pools.size, artwork)))

    @property
    def version(self) -> str:
        """Name of the policy that chooses."""
        return self.policy.version if self.policy else DEFAULT

    @property
    def _present_policy(self) -> ArtworkPolicy:
        assert self.policy is not None
        return self.policy

    @cached_property
    def _policy_pools(self) -> PolicyPools:
        policy = self._present_policy
        title_keys = np.array([_key(name, KEY_SALT) for name in self.title_ids], np.uint64)
        artwork_ids = self.pools.artwork_ids
        artwork_keys = np.array([_key(name, KEY_SALT) for name in artwork_ids], np.uint64)
        return policy_pools(
            self.pools, policy, self._least_ages, title_keys, artwork_keys, self.settings
        )

    @cached_property
    def _least_ages(self) -> NDArray[np.int16]:
        return self.pools.least_ages(self.title_ages)

    def _choice_profiles(self, profiles: ArtworkProfiles) -> ChoiceProfiles:
        features = profiles.features(self._present_policy.frame, self.genres)
        return ChoiceProfiles(features, profiles.age_limit, self._keys(profiles.profile_ids))

    def _keys(self, profile_ids: NDArray[np.object_]) -> KEYS:
        """Random key of each profile and its epoch (m,).

        A profile's epochs begin on days of its own.
        """
        length = self.settings.sticky.redraw_days
        keys = []
        for profile_id in profile_ids:
            epoch = (self.day + bucket(profile_id, "epoch", length)) // length
            keys.append(_key(profile_id, f"{KEY_SALT} {epoch}"))
        return np.array(keys, np.uint64)

    def _most_representative(self, profiles: ArtworkProfiles, slots: ArtworkSlots) -> INTS:
        """The most representative artwork within each profile's age limit (d,).

        Of equals the lower artwork_id.
        """
        pools = self.pools
        order = np.lexsort((np.arange(pools.size), -pools.level, pools.title))
        least_ages = self._least_ages[order]
        first, end = pools.offsets[slots.title], pools.offsets[slots.title + 1]
        age_limit = profiles.age_limit[slots.profile]
        artwork = np.full(len(slots.title), NO_ARTWORK, np.int64)
        for rank in range(int(pools.sizes.max(initial=0))):
            position = first + rank
            undecided = np.flatnonzero((artwork == NO_ARTWORK) & (position < end))
            is_suitable = least_ages[position[undecided]] <= age_limit[undecided]
            suitable = undecided[is_suitable]
            artwork[suitable] = order[position[suitable]]
        return artwork


def _key(name: str, salt: str) -> int:
    return bucket(str(name), salt, _BUCKETS)
