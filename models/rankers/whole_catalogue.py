"""The whole catalogue of each profile by one ranker: what its trees ask of titles alone is asked once.

A node of a tree asks for a feature of the title, of the profile, or of both. As masks (see quickscorer) nodes may be
asked in any order: those of titles once for a catalogue, those of profiles once for each profile, and for a pair only
the rest. Scores are equal to the last bit to those of pairs with all of their features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.errors import Rejected
from models.candidates.features import (
    CONTEXT,
    PERSONAL,
    PROFILE,
    SINCE,
    TITLE,
    PairInputs,
    PairParts,
    pair_parts,
    pairs_of,
    title_values,
)
from models.catalogue.arrays import Catalogue, RankerScores
from models.catalogue.eligibility import allowed, played_mask
from models.rankers.quickscorer import (
    BLOCK,
    F32,
    F64,
    MASKS,
    LeafMasks,
    MaskScorer,
    Scorer,
    add_leaves,
    remaining_leaves,
    rule_out_leaves,
    some_nodes,
)

PROOF = 64  # titles of a batch's first profile that are scored by their pairs too
OF_PROFILE = (*PROFILE, *CONTEXT)
DIFFERENCES = (*SINCE, "year_gap")
CROSSED = (*DIFFERENCES, *PERSONAL)
FLAGS = NDArray[np.bool_]


class CrossedColumns(NamedTuple):
    """What nodes ask of a title and a profile together: d differences, then features that are no differences."""

    titles: F64  # (d, n) less
    profiles: F64  # (d, m)
    both: tuple[F32, ...]  # of (m, n)


@dataclass(frozen=True)
class WholeCatalogue:
    """A ranker that orders everything that a profile may be shown and did not play (N-010)."""

    catalogue: Catalogue
    scorer: Scorer
    names: Sequence[str]  # of its features, in order
    ranker_id: str

    def ordered(self, inputs: PairInputs) -> RankerScores:
        """The scores of every title for each profile of a batch.

        Raises:
            Rejected: some of the first profile's are not those of its pairs.
        """
        profiles, size = inputs.profiles, self.catalogue.size
        is_open = allowed(self.catalogue, profiles) & ~played_mask(profiles, size)
        if self._masks is None:
            return RankerScores(self.ranker_id, self._by_pairs(inputs, is_open))
        scores = self._by_parts(pair_parts(inputs), is_open)
        proof = np.zeros_like(is_open)
        for first in np.flatnonzero(is_open.any(axis=1))[:1]:
            open_titles = np.flatnonzero(is_open[first])
            proof[first, open_titles[:: len(open_titles) // PROOF + 1]] = True
        if not np.array_equal(self._by_pairs(inputs, proof)[proof], scores[proof]):
            raise Rejected(
                f"ranker {self.ranker_id}: it scores the whole catalogue otherwise than its pairs"
            )
        return RankerScores(self.ranker_id, scores)

    def _by_pairs(self, inputs: PairInputs, mask: FLAGS) -> F32:
        """The plain way: scores (m, n) of the pairs of a mask (m, n), -inf for all others."""
        found = pairs_of(inputs, mask, self.names)
        return found.dense(self.scorer(found.matrix), self.catalogue.size)

    def _by_parts(self, parts: PairParts, mask: FLAGS) -> F32:
        """The same, by what each node asks for."""
        scores = np.full(mask.shape, -np.inf, np.float32)
        differences = [parts.differences[name] for name in DIFFERENCES]
        columns = CrossedColumns(
            np.stack([titles for titles, _ in differences]).astype(np.float64),
            np.stack([profiles for _, profiles in differences]).astype(np.float64),
            tuple(np.ascontiguousarray(parts.both[name]) for name in PERSONAL),
        )
        by_profile = self._remaining(OF_PROFILE, parts.profile)
        crossed = self._nodes_of(CROSSED)
        _fill_scores(crossed, columns, (self._by_title, by_profile), mask, scores)
        return scores

    @cached_property
    def _masks(self) -> LeafMasks | None:
        """The trees as masks; None where there are none, or a feature is none of a pair alone."""
        is_split = set(self.names) <= {*TITLE, *OF_PROFILE, *CROSSED}
        return self.scorer.masks if isinstance(self.scorer, MaskScorer) and is_split else None

    @cached_property
    def _by_title(self) -> MASKS:
        """The leaves that each title leaves, whoever asks."""
        return self._remaining(TITLE, title_values(self.catalogue))

    def _nodes_of(self, names: Sequence[str]) -> LeafMasks:
        """The nodes that ask for one of some features, by the column of each among these."""
        columns = [names.index(name) if name in names else -1 for name in self.names]
        assert self._masks is not None
        return some_nodes(self._masks, np.array(columns))

    def _remaining(self, names: Sequence[str], values: dict[str, NDArray[np.floating]]) -> MASKS:
        """The leaves that remain of every tree after the nodes that ask for one of some features, by value (N,)."""
        columns = np.stack([values[name] for name in names]).astype(np.float32)
        return remaining_leaves(self._nodes_of(names), columns)


@njit()
def _fill_scores(
    crossed: LeafMasks,
    columns: CrossedColumns,
    remaining_by: tuple[MASKS, MASKS],
    mask: FLAGS,
    scores: F32,
) -> None:
    """Write the scores (m, n) that a mask (m, n) asks for; remaining leaves are those by title and by profile."""
    by_title, by_profile = remaining_by
    differences, others = len(columns.titles), len(columns.both)
    block = np.zeros((differences + others, BLOCK), np.float32)
    remaining, total = np.empty(BLOCK, by_title.dtype), np.empty(BLOCK)
    trees = len(crossed.first) - 1
    for number in range(len(by_title)):
        start = number * BLOCK
        count = min(BLOCK, mask.shape[1] - start)
        for p in range(len(mask)):
            if not mask[p, start : start + count].any():
                continue
            for column in range(differences):
                for j in range(count):
                    block[column, j] = (
                        columns.titles[column, start + j] - columns.profiles[column, p]
                    )
            for column in range(others):
                block[differences + column, :count] = columns.both[column][p, start : start + count]
            total[:] = 0.0
            for tree in range(trees):
                of_titles, of_profile = (
                    by_title[number, tree],
                    by_profile[p // BLOCK, tree, p % BLOCK],
                )
                for j in range(BLOCK):
                    remaining[j] = of_titles[j] & of_profile
                rule_out_leaves(crossed, tree, block, remaining)
                add_leaves(crossed.value[tree], remaining, total)
            for j in range(count):
                if mask[p, start + j]:
                    scores[p, start + j] = total[j]
