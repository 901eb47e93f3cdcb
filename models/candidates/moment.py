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
        self,
        profiles: Profiles,
        whole: bool = False,
        names: Sequence[str] = FEATURES,
        inputs: PairInputs | None = None,
        promised: NDArray[np.bool_] | None = None,
    ) -> Pairs:
        """Candidates of a batch of profiles with the features `names`, from `inputs` where they are at hand.

        With `whole`: all titles that they may be shown and did not play. Those of `promised` (m, n)
        are candidates beside the others.
        """
        per_source = None if whole else self.per_source
        inputs = inputs or self.inputs(profiles)
        return pairs(inputs, allowed(self.catalogue, profiles), per_source, names, promised)

    def pairs_of(self, profiles: Profiles, mask: NDArray[np.bool_]) -> Pairs:
        """The pairs of a mask (m, n) with their features."""
        return pairs_of(self.inputs(profiles), mask)

    def inputs(self, profiles: Profiles) -> PairInputs:
        """What the features of all pairs of a batch of profiles are computed from."""
        personal = personal_scores(self.catalogue, profiles, self.ease_matrix, self.cosine_matrix)
        return PairInputs(self.catalogue, profiles, personal, self.context)


def item_models(
    gram: NDArray[np.floating], settings: CandidateSettings
) -> tuple[Neighbours, Neighbours]:
    """EASE and cosine neighbours: the strongest weights of each title by the Gram matrix (n, n)."""
    solved = ease_titles(np.diag(gram), settings)
    return (
        strongest_ease(gram[np.ix_(solved, solved)], solved, len(gram), settings),
        strongest(cosine(gram), settings.cosine_neighbours),
    )


def ease_titles(plays: NDArray[np.number], settings: CandidateSettings) -> NDArray[np.intp]:
    """The titles that EASE is solved for, in order: those with most plays, of equal ones the first.

    Its time grows with the cube of their number, its memory with the square, and it has nothing to
    say of titles that hardly anybody played.
    """
    return np.sort(np.argsort(-plays, kind="stable")[: settings.ease_titles])


def strongest_ease(
    gram: NDArray[np.floating],
    solved: NDArray[np.intp],
    titles: int,
    settings: CandidateSettings,
) -> Neighbours:
    """EASE neighbours by the Gram matrix of the titles `solved`; others have none and are nobody's."""
    inner = strongest(ease(gram, settings.ease_ridge), settings.ease_neighbours)
    counts = np.zeros(titles, np.int64)
    counts[solved] = inner.counts
    title = solved[inner.title].astype(np.int32)
    return Neighbours(Ragged.from_counts(counts).offsets, title, inner.weight)


def matrix_of(neighbours: Neighbours) -> sparse.csr_matrix:
    """The weights as a sparse matrix (n, n): rows are titles played, columns titles scored."""
    size = neighbours.list_count
    return sparse.csr_matrix(
        (neighbours.weight, neighbours.title, neighbours.offsets), shape=(size, size)
    )


def strongest(weights: NDArray[np.floating], keep: int) -> Neighbours:
    """The `keep` weights of each row of (n, n) largest in absolute value, largest first.

    Of equal ones the first; zeros are dropped.
    """
    best = [strongest_of(row, keep) for row in weights.astype(np.float32, copy=False)]
    counts = np.array([len(titles) for titles in best], np.int64)
    titles = np.concatenate([*best, np.zeros(0, np.int64)])
    values = [row[titles] for row, titles in zip(weights, best, strict=True)]
    return Neighbours(
        Ragged.from_counts(counts).offsets,
        titles.astype(np.int32),
        np.concatenate([*values, np.zeros(0)]).astype(np.float32),
    )


def strongest_of(row: NDArray[np.float32], keep: int) -> NDArray[np.int64]:
    """Where a row has its `keep` weights largest in absolute value, largest first, as `strongest`."""
    size = np.abs(row)
    keep = min(keep, len(size))
    least = np.partition(size, len(size) - keep)[len(size) - keep] if keep else 0
    reached = np.flatnonzero((size >= least) & (size > 0))
    return reached[np.argsort(-size[reached], kind="stable")][:keep]
