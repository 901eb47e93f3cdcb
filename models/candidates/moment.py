"""One moment of the service: the catalogue, the item models and the context, and what they say of a profile."""
# Tested by tests/models/rankers/test_examples.py.

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.candidates import CandidateSettings
from models.candidates.ease import ease
from models.candidates.features import FEATURES, Pairs, pairs, pairs_of
from models.candidates.item_knn import cosine
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import allowed
from models.ragged import Ragged

CELLS = 4_000_000  # profiles x titles scored at once, so that a batch stays within some hundred megabytes


@dataclass(frozen=True)
class Moment:
    """What workers hold while profiles stream past."""

    catalogue: Catalogue
    ease: Neighbours
    cosine: Neighbours
    context: dict[str, float]
    per_source: int

    @cached_property
    def ease_matrix(self) -> sparse.csr_matrix:
        """EASE weights (n, n)."""
        return matrix_of(self.ease)

    @cached_property
    def cosine_matrix(self) -> sparse.csr_matrix:
        """Cosine weights (n, n)."""
        return matrix_of(self.cosine)

    @property
    def batch_size(self) -> int:
        """How many profiles to score at once."""
        return max(1, CELLS // max(self.catalogue.size, 1))

    def pairs(
        self, profiles: Profiles, whole: bool = False, names: Sequence[str] = FEATURES
    ) -> Pairs:
        """Candidates of a batch of profiles, or with `whole` all they may be shown, with the features `names`."""
        mask, most = allowed(self.catalogue, profiles), None if whole else self.per_source
        return pairs(
            self.catalogue,
            profiles,
            mask,
            self.ease_matrix,
            self.cosine_matrix,
            self.context,
            most,
            names,
        )

    def pairs_of(self, profiles: Profiles, mask: NDArray[np.bool_]) -> Pairs:
        """The pairs of a mask (m, n) with their features."""
        return pairs_of(
            mask, self.catalogue, profiles, self.ease_matrix, self.cosine_matrix, self.context
        )


def item_models(
    gram: NDArray[np.floating], settings: CandidateSettings
) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours from the Gram matrix (n, n) of plays: the strongest weights of each title."""
    return (
        strongest(ease(gram, settings.ease_ridge), settings.ease_neighbours),
        strongest(cosine(gram), settings.cosine_neighbours),
    )


def matrix_of(neighbours: Neighbours) -> sparse.csr_matrix:
    """The weights as a sparse (n, n) matrix: row = the title played, column = the title spoken for."""
    size = neighbours.list_count
    return sparse.csr_matrix(
        (neighbours.weight, neighbours.title, neighbours.offsets), shape=(size, size)
    )


def strongest(weights: NDArray[np.floating], keep: int) -> Neighbours:
    """The `keep` strongest weights of each row of (n, n) by absolute value, strongest first; zeros are dropped."""
    weights = weights.astype(np.float32)
    order = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :keep]
    values = np.take_along_axis(weights, order, axis=1)
    kept = values != 0
    lists = Ragged.from_counts(kept.sum(axis=1))
    return Neighbours(lists.offsets, order[kept].astype(np.int32), values[kept])
