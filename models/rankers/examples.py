"""Training rows from candidates and labels: which pairs are kept, and what each query is out of.

A title that a profile could not have been shown is no row at all: not available is not a negative.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.keys import bucket
from models.candidates.features import FEATURES, history_matrix
from models.candidates.moment import Moment
from models.catalogue.arrays import Profiles
from models.catalogue.eligibility import allowed
from models.catalogue.from_arrow import profiles_from

SCHEMA = (
    "profile_id string, title_id string, relevant_count int, label int, candidate boolean, taught boolean, "
    "sampled boolean, shown_place int, values array<float>"
)
TAUGHT = {
    "candidates": "taught",
    "catalogue": "sampled",
}  # the rows that a ranker of `rows` learns from
Batches = Iterable[pa.RecordBatch]
Mask = NDArray[np.bool_]
Places = NDArray[np.integer]


@dataclass(frozen=True)
class Rows:
    """Rows of m queries sorted by profile and title; `relevant` (m,) counts what each profile played that was new."""

    profile: NDArray[np.int32]  # (N,) index into the batch
    title: NDArray[np.int32]  # (N,) index into the catalogue
    label: NDArray[np.int32]
    candidate: Mask  # the first stage offered it, and it was kept
    taught: (
        Mask  # a candidate to learn from: all are that were played, and a bounded number of others
    )
    sampled: Mask  # in the even sample of everything the profile may be shown
    place: NDArray[np.int32]  # where it was shown, 0 where it was not
    matrix: NDArray[
        np.float32
    ]  # (N, F); ranks and standard scores of rows beyond the candidates mean nothing
    relevant: NDArray[np.int32]


def example_rows(moment: Moment, negatives: int, whole: bool) -> Callable[[Batches], Batches]:
    """A function for mapInArrow: profile features with `labels` (title ids) and `shown` ({title_id, place}) to SCHEMA.

    With `whole` every candidate is kept, which judging needs; otherwise those to learn from, as `rows_of` says.
    """

    def run(batches: Batches) -> Batches:
        for batch in batches:
            for start in range(0, batch.num_rows, moment.batch_size):
                yield _records(moment, batch.slice(start, moment.batch_size), negatives, whole)

    return run


def _records(moment: Moment, batch: pa.RecordBatch, negatives: int, whole: bool) -> pa.RecordBatch:
    profiles = profiles_from(batch, moment.catalogue)
    at = {title: i for i, title in enumerate(moment.catalogue.title_ids)}
    fresh, shown = (
        np.zeros((profiles.size, len(at)), bool),
        np.zeros((profiles.size, len(at)), np.int32),
    )
    for i, titles in enumerate(batch.column("labels").to_pylist()):
        fresh[i, [at[t] for t in titles if t in at]] = True
        fresh[i, profiles.history(i)] = False
    for i, cells in enumerate(batch.column("shown").to_pylist()):
        for cell in cells or ():
            if cell["title_id"] in at:
                shown[i, at[cell["title_id"]]] = cell["place"]
    rows = rows_of(moment, profiles, fresh, shown, negatives, whole)
    offsets = pa.array(np.arange(len(rows.label) + 1, dtype=np.int32) * len(FEATURES))
    columns = [
        pa.array(profiles.profile_ids[rows.profile], pa.string()),
        pa.array(moment.catalogue.title_ids[rows.title], pa.string()),
        pa.array(rows.relevant[rows.profile]),
        pa.array(rows.label),
        pa.array(rows.candidate),
        pa.array(rows.taught),
        pa.array(rows.sampled),
        pa.array(rows.place),
        pa.ListArray.from_arrays(offsets, pa.array(rows.matrix.ravel())),
    ]
    return pa.RecordBatch.from_arrays(columns, [field.split()[0] for field in SCHEMA.split(", ")])


def rows_of(
    moment: Moment, profiles: Profiles, fresh: Mask, shown: Places, negatives: int, whole: bool
) -> Rows:
    """The rows of a batch of queries; queries of which no row is relevant have none.

    `fresh` (m, n) marks what each profile played afterwards and had not before; `shown` (m, n) the place at which it
    was shown a title meanwhile, 0 where it was not. Taught: candidates that are fresh, and at most `negatives` others.
    If any candidate was shown the others are those that were shown, else an even draw, by a hash of profile and title.
    Beside them the same draw from everything the profile may be shown, candidate or not.
    """
    pairs = moment.pairs(profiles)
    offered = np.zeros(fresh.shape, bool)
    offered[pairs.profile, pairs.title] = True
    history = history_matrix(profiles, moment.catalogue.size).astype(bool).toarray()
    open_ = allowed(moment.catalogue, profiles) & ~history
    order = _draw(profiles.profile_ids, moment.catalogue.title_ids)
    seen = offered & (shown > 0)
    pool = np.where(seen.any(axis=1, keepdims=True), seen, offered)
    taught = offered & (fresh | _first(pool & ~fresh, order, negatives))
    candidate = offered if whole else taught
    sampled = open_ & (fresh | _first(open_ & ~fresh, order, negatives))
    useful = ((candidate | sampled) & fresh).any(axis=1, keepdims=True) | whole
    candidate, sampled = candidate & useful, sampled & useful
    taught = taught & (taught & fresh).any(
        axis=1, keepdims=True
    )  # a query without a play teaches no order
    beyond = moment.pairs_of(profiles, sampled & ~offered)
    kept = candidate[pairs.profile, pairs.title] | sampled[pairs.profile, pairs.title]
    row = np.concatenate([pairs.profile[kept], beyond.profile])
    column = np.concatenate([pairs.title[kept], beyond.title])
    by = np.lexsort((column, row))
    row, column = row[by], column[by]
    return Rows(
        profile=row,
        title=column,
        label=fresh[row, column].astype(np.int32),
        candidate=candidate[row, column],
        taught=taught[row, column],
        sampled=sampled[row, column],
        place=shown[row, column].astype(np.int32),
        matrix=np.concatenate([pairs.matrix[kept], beyond.matrix])[by],
        relevant=fresh.sum(axis=1).astype(np.int32),
    )


def _draw(profile_ids: NDArray[np.object_], title_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number for each pair (m, n) that looks random and is always the same."""
    salt = np.array([bucket(text, "negatives", 2**31) for text in title_ids])
    shift = np.array([bucket(text, "negatives", 2**31) for text in profile_ids])
    return (salt[None, :] * 31 + shift[:, None] * 17) % 1_000_003


def _first(pool: Mask, order: NDArray[np.int64], most: int) -> Mask:
    """The `most` pairs of each row of the pool that come first in the order, ties by index."""
    ranked = np.argsort(np.where(pool, order, np.iinfo(np.int64).max), axis=1, kind="stable")[
        :, :most
    ]
    first = np.zeros(pool.shape, bool)
    np.put_along_axis(first, ranked, True, axis=1)
    return first & pool
