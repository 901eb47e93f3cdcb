"""Lists of different lengths as flat arrays with offsets."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

INTS = NDArray[np.int64]


@dataclass(frozen=True)
class Ragged:
    """n lists, one after another: the entries of list i are those from offsets[i] up to offsets[i + 1].

    What the lists hold stands beside the offsets in flat arrays of N entries; a class of such arrays extends this one.
    """

    offsets: INTS  # (n + 1,) from 0 up to N

    @staticmethod
    def from_counts(counts: NDArray[np.integer]) -> "Ragged":
        """Lists of so many entries each, `counts` (n,)."""
        ends = np.cumsum(counts)
        return Ragged(np.concatenate([[0], ends]).astype(np.int64))

    @staticmethod
    def from_owners(owners: NDArray[np.integer], lists: int) -> "Ragged":
        """So many lists; `owners` (N,) names the list of each entry, in ascending order."""
        return Ragged.from_counts(np.bincount(owners, minlength=lists))

    @staticmethod
    def from_runs(keys: NDArray[np.integer]) -> "Ragged":
        """One list for each run of equal keys; `keys` (N,) are not negative."""
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        return Ragged(np.append(starts, len(keys)))

    @staticmethod
    def from_arrow(lists: pa.ListArray) -> "Ragged":
        """The lists of an Arrow array, whose entries are `lists.flatten()`; null counts as empty."""
        lengths = lists.value_lengths().fill_null(0)
        return Ragged.from_counts(lengths.to_numpy(zero_copy_only=False))

    @property
    def list_count(self) -> int:
        """Number of lists, n."""
        return len(self.offsets) - 1

    @property
    def counts(self) -> INTS:
        """(n,) number of entries of each list."""
        return np.diff(self.offsets)

    @property
    def starts(self) -> INTS:
        """(n,) index of the first entry of each list."""
        return self.offsets[:-1]

    @property
    def owners(self) -> INTS:
        """(N,) the list that each entry belongs to."""
        return np.repeat(np.arange(self.list_count), self.counts)

    @property
    def index_within(self) -> INTS:
        """(N,) index of each entry in its own list, from 0."""
        return np.arange(self.offsets[-1]) - np.repeat(self.starts, self.counts)

    def entries_of(self, index: int) -> slice:
        """The entries of one list, as a slice of the flat arrays."""
        return slice(self.offsets[index], self.offsets[index + 1])

    def take(self, indices: NDArray[np.integer]) -> tuple["Ragged", INTS]:
        """Some lists in the order asked for, and the index here of each of their entries."""
        taken = Ragged.from_counts(self.counts[indices])
        shift = self.starts[indices] - taken.starts
        return taken, np.repeat(shift, taken.counts) + np.arange(taken.offsets[-1])

    def to_arrow(self, values: pa.Array) -> pa.ListArray:
        """The lists as an Arrow array, with these values as their entries."""
        return pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), values)


def standard_scores(scores: NDArray[np.float64], lists: Ragged) -> NDArray[np.float64]:
    """Standard score (N,) of each entry within its list; 0 where all are equal."""
    counts = lists.counts
    filled = counts > 0
    starts = lists.starts[filled]
    if not len(starts):
        return scores
    sizes = counts[filled]
    mean = np.repeat(np.add.reduceat(scores, starts) / sizes, sizes)
    spread = np.sqrt(np.add.reduceat((scores - mean) ** 2, starts) / sizes)
    return (scores - mean) / np.maximum(np.repeat(spread, sizes), 1e-9)


def ranks(scores: NDArray[np.floating], lists: Ragged) -> NDArray[np.float64]:
    """Rank (N,) of each entry within its list, from 1, highest score first, equal scores in their order."""
    order = np.lexsort((-scores, lists.owners))
    rank = np.empty(len(scores))
    rank[order] = lists.index_within + 1
    return rank
