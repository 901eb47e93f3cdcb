"""One moment of the service: the catalogue, the item models, the context, and their candidates."""
# Tested by tests/models/rankers/test_examples.py.

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.candidates import CandidateSettings
from models.candidates.ease import ease
from models.candidates.features import FEATURES, PairInputs, Pairs, pairs, pairs_of, personal_scores
from models.candidates.item_knn import cosine
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import allowed
from models.ragged import Ragged

CELLS = 4_000_000  # profiles x titles scored at once: some hundred megabytes


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
        """Candidates of a batch of profiles with the features `names`.

        With `whole`: all titles that they may be shown and did not play.
        """
        per_source = None if whole else self.per_source
        return pairs(self._inputs(profiles), allowed(self.catalogue, profiles), per_source, names)

    def pairs_of(self, profiles: Profiles, mask: NDArray[np.bool_]) -> Pairs:
        """The pairs of a mask (m, n) with their features."""
        return pairs_of(self._inputs(profiles), mask)

    def _inputs(self, profiles: Profiles) -> PairInputs:
        personal = personal_scores(self.catalogue, profiles, self.ease_matrix, self.cosine_matrix)
        return PairInputs(self.catalogue, profiles, personal, self.context)


def item_models(
    gram: NDArray[np.floating], settings: CandidateSettings
) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours: the strongest weights of each title by the Gram matrix (n, n)."""
    return (
        strongest(ease(gram, settings.ease_ridge), settings.ease_neighbours),
        strongest(cosine(gram), settings.cosine_neighbours),
    )


def matrix_of(neighbours: Neighbours) -> sparse.csr_matrix:
    """The weights as a sparse matrix (n, n): rows are titles played, columns titles scored."""
    size = neighbours.list_count
    return sparse.csr_matrix(
        (neighbours.weight, neighbours.title, neighbours.offsets), shape=(size, size)
    )


def strongest(weights: NDArray[np.floating], keep: int) -> Neighbours:
    """The `keep` weights of each row of (n, n) largest in absolute value, largest first.

    Zeros are dropped.
    """
    weights = weights.astype(np.float32)
    order = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :keep]
    values = np.take_along_axis(weights, order, axis=1)
    is_weight = values != 0
    lists = Ragged.from_counts(is_weight.sum(axis=1))
    return Neighbours(lists.offsets, order[is_weight].astype(np.int32), values[is_weight])
