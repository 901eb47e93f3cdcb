"""One moment of the service: the catalogue, the item models and the context, and what they say of a profile."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.catalogue import Catalogue, Neighbours, Profiles
from models.page.rules import allowed
from models.pairs import Pairs, pairs

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

    def pairs(self, profiles: Profiles) -> Pairs:
        """Candidates of a batch of profiles with their features."""
        mask = allowed(self.catalogue, profiles)
        return pairs(
            self.catalogue, profiles, mask, self.ease_matrix, self.cosine_matrix, self.context, self.per_source
        )


def matrix_of(neighbours: Neighbours) -> sparse.csr_matrix:
    """The weights as a sparse (n, n) matrix: row = the title played, column = the title spoken for."""
    size = len(neighbours.offsets) - 1
    return sparse.csr_matrix((neighbours.weight, neighbours.title, neighbours.offsets), shape=(size, size))


def strongest(weights: NDArray[np.floating], keep: int) -> Neighbours:
    """The `keep` strongest weights of each row of (n, n) by absolute value, strongest first; zeros are dropped."""
    weights = weights.astype(np.float32)
    order = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :keep]
    values = np.take_along_axis(weights, order, axis=1)
    kept = values != 0
    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
    return Neighbours(offsets, order[kept].astype(np.int32), values[kept])
