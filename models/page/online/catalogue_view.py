"""What the online step knows of titles: their places, where they may be shown, and what the moment says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS, countries_of, exclusion_reasons
from models.page.layout.placement import Rules, rules
from models.page.online.lifts import Lift

UNAVAILABLE = EXCLUSION_REASONS.index("not available in its country")


@dataclass(frozen=True)
class Shelf:
    """A catalogue for reading pages, one profile at a time."""

    catalogue: Catalogue
    lifts: tuple[Lift, ...] = ()
    layout: Pages = field(default_factory=pages)
    kinds: Rows = field(default_factory=rows)
    _rules: dict[str | None, Rules] = field(default_factory=dict, repr=False)

    @cached_property
    def at(self) -> Mapping[str, int]:
        """The place of each title."""
        return {title: place for place, title in enumerate(self.catalogue.title_ids.tolist())}

    @cached_property
    def kind_at(self) -> Mapping[str, int]:
        """The place of each kind of row in `kinds`."""
        return {name: place for place, name in enumerate(self.kinds.kinds)}

    @cached_property
    def _weights(self) -> dict[str, NDArray[np.float32]]:
        """By facet (n, t): each title's traits, of sum 1 or 0."""
        marks = {
            facet: self.catalogue.tags(facet).marks for facet in {lift.facet for lift in self.lifts}
        }
        return {
            facet: (of / np.maximum(of.sum(axis=1, keepdims=True), 1)).astype(np.float32)
            for facet, of in marks.items()
        }

    def away(self, who: Profiles, at_s: float) -> NDArray[np.int8]:
        """Why each title may not be shown to a profile at an instant (n,), places in EXCLUSION_REASONS, 0 where it may.

        Windows that ended since the catalogue's moment count; those that began wait for the next catalogue.
        """
        found = exclusion_reasons(self.catalogue, who)[0]
        ended = self.catalogue.ends_s[str(countries_of(self.catalogue, who)[0])] <= at_s
        found[(found == 0) & ended] = UNAVAILABLE
        return found

    def lift_of(
        self, titles: NDArray[np.integer], country: str, moment: Mapping[str, str]
    ) -> NDArray[np.float32]:
        """Log lift of each of some titles at a moment: over all contexts and facets, each the mean of its traits'."""
        found = np.zeros(len(titles), np.float32)
        for lift in self.lifts:
            by_trait = lift.at(country, moment)
            if by_trait is not None:
                found += self._weights[lift.facet][titles] @ by_trait
        return found

    def rules(self, device: str | None) -> Rules:
        """The rules of a page for a device, or for none: of a page as it is stored."""
        if device not in self._rules:
            most = rules(self.kinds, self.layout, self.layout.choice.fresh)
            if device is not None:
                screen = self.layout.device(device)
                kinds = most.kinds.copy()
                kinds[:, 1] = np.minimum(kinds[:, 1], screen.columns)
                most = most._replace(kinds=kinds, rows=screen.rows, columns=screen.columns)
            self._rules[device] = most
        return self._rules[device]

    def forbidden(self, device: str | None) -> frozenset[str]:
        """Kinds of row that a device does not show."""
        return (
            self.layout.forbidden
            if device is None
            else frozenset(self.layout.device(device).forbidden)
        )
