"""The pictures of a catalogue together with the policy that chooses among them: what a page asks for its cells."""

from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.artwork import Artwork, artwork
from conf.keys import bucket
from models.artwork.choice import NONE, Places, Shop, Viewers, choices, likelihoods, shop_of
from models.artwork.pictures import INTS, Pictures
from models.artwork.policy import F64, Policy
from models.artwork.profile_features import F32, traits

DEFAULT = "default"  # the policy of who has none: the most representative picture
_BUCKETS = 2**63


@dataclass(frozen=True)
class Audience:
    """What a policy may know of m profiles."""

    profile_ids: NDArray[np.object_]
    genre_counts: INTS  # (m, g) titles of each genre played, in the order of `genres`
    played: INTS  # (m,) titles played
    kids: NDArray[np.bool_]
    country: NDArray[np.object_]
    limit: NDArray[np.integer]  # years: no picture above it


@dataclass(frozen=True)
class Gallery:
    """Pictures of titles (n,) and who chooses; without a policy the most representative picture that may be shown."""

    pictures: Pictures
    title_ids: NDArray[np.object_]
    ages: NDArray[np.int16]  # (n,) of the titles, for pictures that have none of their own
    genres: tuple[str, ...]
    policy: Policy | None = None
    day: int = 0  # ordinal, of the page
    settings: Artwork = field(default_factory=artwork)

    def under(self, policy: Policy | None, day: date) -> "Gallery":
        """The same pictures, chosen by `policy` for pages built as of the end of `day`."""
        return replace(self, policy=policy, day=day.toordinal())

    def chosen(self, audience: Audience, places: Places, screen_cells: int) -> tuple[INTS, F64]:
        """For each place the picture (d,), NONE where none may be shown, and the exact probability of the choice."""
        if self.policy is None:
            return self._most_representative(audience, places), np.ones(len(places.title))
        viewers = Viewers(
            self._traits(self._own, audience), audience.limit, self._keys(audience.profile_ids)
        )
        return choices(self._shop, viewers, places, screen_cells, self.settings)

    def weighed(self, audience: Audience, places: Places, logged: INTS, screen_cells: int) -> F64:
        """For each place the probability (d, widest pool) of every picture, given the choices `logged` before it."""
        viewers = Viewers(
            self._traits(self._own, audience), audience.limit, self._keys(audience.profile_ids)
        )
        return likelihoods(self._shop, viewers, places, logged, screen_cells, self.settings)

    def names(self, picture: INTS) -> pa.Array:
        """The artwork_id of each choice; the title card for NONE."""
        names = pa.array([*self.pictures.artwork_ids, self.settings.title_card], pa.string())
        return names.take(pa.array(np.where(picture == NONE, self.pictures.size, picture)))

    @property
    def version(self) -> str:
        """The policy that chooses."""
        return self.policy.version if self.policy else DEFAULT

    @property
    def _own(self) -> Policy:
        assert self.policy is not None
        return self.policy

    @cached_property
    def _shop(self) -> Shop:
        keys = tuple(
            np.array([_key(name, "picture") for name in names], np.uint64)
            for names in (self.title_ids, self.pictures.artwork_ids)
        )
        draws = self.settings.exploration.draws
        return shop_of(self.pictures, self._own, self._ages, keys, draws, self.settings)

    @cached_property
    def _ages(self) -> NDArray[np.int16]:
        return self.pictures.ages(self.ages)

    def _keys(self, profile_ids: NDArray[np.object_]) -> NDArray[np.uint64]:
        """(m,) chance by profile and epoch; a profile's epochs begin on days of its own."""
        length = self.settings.sticky.redraw_days
        epochs = [(self.day + bucket(name, "epoch", length)) // length for name in profile_ids]
        return np.array(
            [_key(n, f"picture {e}") for n, e in zip(profile_ids, epochs, strict=True)], np.uint64
        )

    def _traits(self, policy: Policy, audience: Audience) -> F32:
        """Traits in the policy's own order of genres; a genre that it does not know tells it nothing."""
        at = {genre: place for place, genre in enumerate(self.genres)}
        order = [at.get(genre, len(self.genres)) for genre in policy.frame.genres]
        with_none = np.column_stack(
            [audience.genre_counts, np.zeros(len(audience.played), np.int64)]
        )
        return traits(
            policy.frame, with_none[:, order], audience.played, audience.kids, audience.country
        )

    def _most_representative(self, audience: Audience, places: Places) -> INTS:
        """Ties go to the lower artwork_id."""
        order = np.lexsort(
            (np.arange(self.pictures.size), -self.pictures.level, self.pictures.title)
        )
        ages, offsets = self._ages[order], self.pictures.offsets
        limit, out = audience.limit[places.profile], np.full(len(places.title), NONE, np.int64)
        for place in range(int(np.diff(offsets).max(initial=0))):
            at = offsets[places.title] + place
            open_ = (out == NONE) & (at < offsets[places.title + 1])
            fits = np.flatnonzero(open_)[ages[at[open_]] <= limit[open_]]
            out[fits] = order[at[fits]]
        return out


def _key(name: str, salt: str) -> int:
    return bucket(str(name), salt, _BUCKETS)
