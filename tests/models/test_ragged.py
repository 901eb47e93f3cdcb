"""Lists in flat arrays do what lists of lists do."""

import numpy as np
import pyarrow as pa
import pytest

from models.ragged import Ragged, ranks, standard_scores

THREE = Ragged(np.array([0, 2, 2, 5]))  # lists of two, no and three entries


@pytest.mark.parametrize(
    "lists",
    [
        Ragged.from_counts(np.array([2, 0, 3])),
        Ragged.from_owners(np.array([0, 0, 2, 2, 2]), 3),
        Ragged.from_arrow(pa.array([["a", "b"], None, ["c", "d", "e"]])),
    ],
)
def test_lists_come_from_counts_owners_or_arrow(lists: Ragged) -> None:
    assert lists.offsets.tolist() == THREE.offsets.tolist()
    assert lists.offsets.dtype == np.int64


def test_each_entry_knows_its_list_and_its_index_in_it() -> None:
    assert THREE.list_count == 3
    assert THREE.counts.tolist() == [2, 0, 3]
    assert THREE.owners.tolist() == [0, 0, 2, 2, 2]
    assert THREE.index_within.tolist() == [0, 1, 0, 1, 2]
    assert np.arange(5)[THREE.entries_of(2)].tolist() == [2, 3, 4]


def test_runs_of_equal_keys_are_lists() -> None:
    runs = Ragged.from_runs(np.array([4, 4, 7, 9, 9]))
    assert runs.counts.tolist() == [2, 1, 2]
    assert Ragged.from_runs(np.zeros(0, np.int64)).list_count == 0


def test_some_lists_are_taken_in_the_order_asked_for() -> None:
    some, entries = THREE.take(np.array([2, 0, 1]))
    assert some.counts.tolist() == [3, 2, 0]
    assert entries.tolist() == [2, 3, 4, 0, 1]


def test_lists_go_back_to_arrow() -> None:
    assert THREE.to_arrow(pa.array([1, 2, 3, 4, 5])).to_pylist() == [[1, 2], [], [3, 4, 5]]


def test_ranks_and_standard_scores_are_within_each_list() -> None:
    scores = np.array([1.0, 3.0, 2.0, 2.0, 5.0])
    assert ranks(scores, THREE).tolist() == [2, 1, 2, 3, 1]
    assert standard_scores(scores, THREE)[:2].tolist() == [-1, 1]
    equal = standard_scores(np.ones(5), THREE)
    assert equal.tolist() == [0, 0, 0, 0, 0]
