"""Training rows from candidates and labels: which pairs are kept, and what each query is out of."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.keys import bucket
from models.arrays import profiles_from
from models.moment import Moment
from models.pairs import FEATURES, Pairs

SCHEMA = "profile_id string, title_id string, relevant_count int, label int, values array<float>"
Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True)
class Labelled:
    """Candidate pairs of a batch with labels; `relevant` (m,) counts what each profile played that was new to it."""

    pairs: Pairs
    label: NDArray[np.int32]  # (N,)
    relevant: NDArray[np.int32]  # (m,)


def example_rows(moment: Moment, negatives: int | None) -> Callable[[Batches], Batches]:
    """A function for mapInArrow: profile features with a column `labels` (title ids) to rows of SCHEMA.

    At most `negatives` candidates that were not played are kept for each query, chosen by a hash of profile and
    title; None keeps all. What a profile could not have been shown is no candidate, so it is no negative either.
    """

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for start in range(0, batch.num_rows, moment.batch_size):
                yield _rows(moment, batch.slice(start, moment.batch_size), negatives)

    return run


def _rows(moment: Moment, batch: pa.RecordBatch, negatives: int | None) -> pa.RecordBatch:
    profiles = profiles_from(batch, moment.catalogue)
    labelled = label(moment, batch, moment.pairs(profiles), profiles.offsets, profiles.title)
    ids, titles = profiles.profile_ids, moment.catalogue.title_ids
    keep = _kept(labelled, ids, titles, negatives)
    pairs = labelled.pairs
    row = pairs.profile[keep]
    flat = pa.array(pairs.matrix[keep].ravel())
    offsets = pa.array(np.arange(len(keep) + 1, dtype=np.int32) * len(FEATURES))
    columns = [
        pa.array(ids[row], pa.string()),
        pa.array(titles[pairs.title[keep]], pa.string()),
        pa.array(labelled.relevant[row]),
        pa.array(labelled.label[keep]),
        pa.ListArray.from_arrays(offsets, flat),
    ]
    return pa.RecordBatch.from_arrays(columns, ["profile_id", "title_id", "relevant_count", "label", "values"])


def label(
    moment: Moment, batch: pa.RecordBatch, pairs: Pairs, offsets: NDArray[np.int64], history: NDArray[np.int32]
) -> Labelled:
    """Mark the pairs that were played after the cut and count what was new to each profile among its plays."""
    played = np.zeros((batch.num_rows, moment.catalogue.size), bool)
    at = {title: i for i, title in enumerate(moment.catalogue.title_ids)}
    for i, titles in enumerate(batch.column("labels").to_pylist()):
        played[i, [at[t] for t in titles if t in at]] = True
        played[i, history[offsets[i] : offsets[i + 1]]] = False
    return Labelled(pairs, played[pairs.profile, pairs.title].astype(np.int32), played.sum(axis=1).astype(np.int32))


def _kept(
    labelled: Labelled, ids: NDArray[np.object_], titles: NDArray[np.object_], negatives: int | None
) -> NDArray[np.int64]:
    """Pairs of the queries that have a positive: all positives and the first `negatives` others by hash."""
    pairs = labelled.pairs
    positives = np.bincount(pairs.profile, weights=labelled.label, minlength=len(pairs.groups))
    if negatives is None:
        return np.flatnonzero(labelled.relevant[pairs.profile] > 0)
    salt = np.array([bucket(text, "negatives", 2**31) for text in titles])
    shift = np.array([bucket(text, "negatives", 2**31) for text in ids])
    order = np.where(labelled.label == 1, -1, (salt[pairs.title] * 31 + shift[pairs.profile] * 17) % 1_000_003)
    ranked = np.lexsort((pairs.title, order, pairs.profile))
    place = np.arange(len(ranked)) - np.repeat(np.cumsum(pairs.groups) - pairs.groups, pairs.groups)
    limit = (positives + negatives)[pairs.profile[ranked]]
    return np.sort(ranked[(place < limit) & (positives[pairs.profile[ranked]] > 0)])
