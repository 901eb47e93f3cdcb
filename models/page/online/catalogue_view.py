"""What the online step knows of titles: their index, where they may be shown, and their lifts at a
moment.
"""
# Tested by tests/models/page/online/test_assemble.py.

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from models.artwork.choice import NO_ARTWORK
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.availability import EVERYWHERE
from models.catalogue.eligibility import EXCLUSION_REASONS, countries_of, exclusion_reasons
from models.page.layout.placement import Rules, rules
from models.page.online.lifts import ContextLift

SEVERAL = -2  # in place of the index of an artwork
UNAVAILABLE = EXCLUSION_REASONS.index("not available in its country")


@dataclass(frozen=True)
class CatalogueView:
    """A catalogue as stored pages are read with it, one profile at a time."""

    catalogue: Catalogue
    lifts: tuple[ContextLift, ...] = ()
    layout: Pages = field(default_factory=pages)
    kinds: Rows = field(default_factory=rows)
    # (n,) a number for each title that another one has the name and year of, the same for both
    twins: NDArray[np.int64] | None = None
    _rules: dict[str | None, Rules] = field(default_factory=dict, repr=False)

    @cached_property
    def title_index(self) -> Mapping[str, int]:
        """The index of each title by its id."""
        return {title: index for index, title in enumerate(self.catalogue.title_ids.tolist())}

    @cached_property
    def kind_index(self) -> Mapping[str, int]:
        """The index of each kind of row in `kinds` by its name."""
        return {name: index for index, name in enumerate(self.kinds.kinds)}

    @cached_property
    def _trait_weights(self) -> dict[str, NDArray[np.float32]]:
        """By facet (n, t): each title's traits, of sum 1 or 0."""
        weights = {}
        for facet in {lift.facet for lift in self.lifts}:
            marks = self.catalogue.tags(facet).marks
            trait_counts = marks.sum(axis=1, keepdims=True)
            weights[facet] = (marks / np.maximum(trait_counts, 1)).astype(np.float32)
        return weights

    @cached_property
    def artwork_index(self) -> Mapping[tuple[int, str], int]:
        """The index of each artwork by its title's index and its artwork_id."""
        pools = self.catalogue.gallery.pools
        keys = zip(pools.title.tolist(), pools.artwork_ids.tolist(), strict=True)
        return {key: index for index, key in enumerate(keys)}

    @cached_property
    def artwork_by_id(self) -> Mapping[str, int]:
        """The index of each artwork by its artwork_id; SEVERAL where titles share one."""
        indices: dict[str, int] = {}
        for (_, artwork_id), index in self.artwork_index.items():
            indices[artwork_id] = SEVERAL if artwork_id in indices else index
        return indices

    @cached_property
    def artwork_titles(self) -> NDArray[np.int64]:
        """The index of each artwork's title (p,)."""
        return self.catalogue.gallery.pools.title

    @cached_property
    def artwork_ages(self) -> NDArray[np.int16]:
        """The age in years below which nobody sees each artwork (p,): its own, else its title's."""
        ages = self.catalogue.gallery.pools.least_ages(self.catalogue.maturity)
        return np.where(ages < 0, self.layout.legality.unknown_maturity, ages)

    def artwork_of(self, title: int, limit: int) -> int:
        """The most representative artwork of a title within an age limit, of equals the first;
        NO_ARTWORK where there is none.
        """
        pools = self.catalogue.gallery.pools
        first, end = pools.offsets[title], pools.offsets[title + 1]
        suitable = first + np.flatnonzero(self.artwork_ages[first:end] <= limit)
        if not len(suitable):
            return NO_ARTWORK
        return int(suitable[pools.level[suitable].argmax()])

    def removal_reasons(self, profile: Profiles, at_s: float) -> NDArray[np.int8]:
        """Why each title may not be shown to a profile at an instant (n,): an index of
        EXCLUSION_REASONS, 0 where it may.

        A window counts from its beginning to its end; one that begins after the catalogue's moment
        waits for the next catalogue. Who has no country sees what is open in all of them.
        """
        catalogue = self.catalogue
        if not profile.country[0] and EVERYWHERE in catalogue.available:
            profile = replace(profile, country=np.array([EVERYWHERE], object))
        codes = exclusion_reasons(catalogue, profile)[0]
        country = str(countries_of(catalogue, profile)[0])
        is_closed = catalogue.ends_s[country] <= at_s
        if country in catalogue.since_s:
            is_closed |= catalogue.since_s[country] > at_s
        codes[(codes == 0) & is_closed] = UNAVAILABLE
        return codes

    def log_lifts(
        self, titles: NDArray[np.integer], country: str, moment: Mapping[str, str]
    ) -> NDArray[np.float32]:
        """Log lift of each of some titles at a moment: the sum over contexts and facets of its
        traits' mean lift.
        """
        total = np.zeros(len(titles), np.float32)
        for lift in self.lifts:
            by_trait = lift.at(country, moment)
            if by_trait is not None:
                total += self._trait_weights[lift.facet][titles] @ by_trait
        return total

    def rules_of(self, device: str | None) -> Rules:
        """The rules of a page for a device, or for none: of a page as it is stored."""
        if device not in self._rules:
            stored = rules(self.kinds, self.layout, self.layout.choice.fresh)
            self._rules[device] = stored if device is None else self._on_screen(stored, device)
        return self._rules[device]

    def _on_screen(self, stored: Rules, device: str) -> Rules:
        """The rules of stored pages, with no more rows and columns than a device shows."""
        screen = self.layout.device(device)
        kinds = stored.kinds.copy()
        kinds[:, 1] = np.minimum(kinds[:, 1], screen.columns)
        return stored._replace(kinds=kinds, rows=screen.rows, columns=screen.columns)

    def forbidden_kinds(self, device: str | None) -> frozenset[str]:
        """Kinds of row that a device does not show; without a device those that no device shows."""
        if device is None:
            return self.layout.forbidden
        return frozenset(self.layout.device(device).forbidden)
