"""Training rows from candidates and labels: which pairs are kept, and what each query is out of.

A title that a profile could not have been shown is no row at all: not available is not a negative.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.candidates import CandidateSettings
from conf.keys import bucket
from models.candidates.features import FEATURES, Pairs, history_matrix
from models.candidates.moment import Moment
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed
from models.catalogue.from_arrow import profiles_from

SCHEMA = (
    "profile_id string, title_id string, relevant_count int, label int, played_days float, "
    "candidate boolean, "
    "taught boolean, sampled boolean, shown_place int, values array<float>"
)
# what a ranker orders -> the column that marks the rows it learns from, and those it is judged on
TRAINING_COLUMN = {"candidates": "taught", "catalogue": "sampled"}
JUDGING_COLUMN = {"candidates": "candidate", "catalogue": "sampled"}
Batches = Iterable[pa.RecordBatch]
Mask = NDArray[np.bool_]
Ranks = NDArray[np.integer]
Days = NDArray[np.float32]


@dataclass(frozen=True)
class ExampleRows:
    """N rows of m queries, sorted by profile and title. Features that are ranks or standard scores among the candidates
    mean nothing in rows that are no candidates."""

    profile_ids: NDArray[np.object_]  # (m,)
    profile: NDArray[np.int32]  # (N,) index into the batch
    title: NDArray[np.int32]  # (N,) index into the catalogue
    label: NDArray[np.int32]  # (N,) 1 where the profile played the title, which was new to it
    played_days: NDArray[
        np.float32
    ]  # (N,) days after the moment that it did so first, NaN where it did not
    candidate: Mask  # (N,) the first stage offered it
    training: Mask  # (N,) a candidate to learn from: one that was played, or one of a few others
    sampled: Mask  # (N,) in the even sample of everything the profile may be shown
    shown_rank: NDArray[np.int32]  # (N,) rank at which it was shown, 0 where it was not
    matrix: NDArray[np.float32]  # (N, len(FEATURES))
    relevant_count: NDArray[
        np.int32
    ]  # (m,) new titles that each profile played in the days that judge

    def learned_from(self, orders: Literal["candidates", "catalogue"]) -> Mask:
        """The rows (N,) that a ranker of candidates, or of the whole catalogue, learns from."""
        return self.training if orders == "candidates" else self.sampled


def example_batches(
    moment: Moment, settings: CandidateSettings, every_candidate: bool
) -> Callable[[Batches], Batches]:
    """A function for mapInArrow: profile features with `labels` ({title_id, played_days}) and `shown` ({title_id,
    place}) to SCHEMA.

    With `every_candidate` all are kept, which judging needs; otherwise those to learn from, as `example_rows` says.
    """

    def run(batches: Batches) -> Batches:
        """One batch of rows for each part of a batch of profiles."""
        for batch in batches:
            for start in range(0, batch.num_rows, moment.batch_size):
                part = batch.slice(start, moment.batch_size)
                yield _records(moment, part, settings, every_candidate)

    return run


def _records(
    moment: Moment, batch: pa.RecordBatch, settings: CandidateSettings, every_candidate: bool
) -> pa.RecordBatch:
    profiles = profiles_from(batch, moment.catalogue)
    played_days = _played_days(batch.column("labels"), profiles, moment.catalogue)
    shown = _shown_ranks(batch.column("shown"), profiles, moment.catalogue)
    rows = example_rows(moment, profiles, played_days, shown, settings, every_candidate)
    offsets = np.arange(len(rows.label) + 1, dtype=np.int32) * len(FEATURES)
    values = pa.ListArray.from_arrays(pa.array(offsets), pa.array(rows.matrix.ravel()))
    columns = {
        "profile_id": pa.array(profiles.profile_ids[rows.profile], pa.string()),
        "title_id": pa.array(moment.catalogue.title_ids[rows.title], pa.string()),
        "relevant_count": pa.array(rows.relevant_count[rows.profile]),
        "label": pa.array(rows.label),
        "played_days": pa.array(rows.played_days, from_pandas=True),
        "candidate": pa.array(rows.candidate),
        "taught": pa.array(rows.training),
        "sampled": pa.array(rows.sampled),
        "shown_place": pa.array(rows.shown_rank),
        "values": values,
    }
    return pa.RecordBatch.from_pydict(columns)


def _played_days(labels: pa.ListArray, profiles: Profiles, catalogue: Catalogue) -> Days:
    """After how many days each profile played each title (m, n); NaN where it did not, or had before."""
    index = {title_id: i for i, title_id in enumerate(catalogue.title_ids)}
    days = np.full((profiles.size, len(index)), np.nan, np.float32)
    for profile, plays in enumerate(labels.to_pylist()):
        for play in plays:
            if play["title_id"] in index:
                days[profile, index[play["title_id"]]] = play["played_days"]
        days[profile, profiles.history(profile)] = np.nan
    return days


def _shown_ranks(cells: pa.ListArray, profiles: Profiles, catalogue: Catalogue) -> Ranks:
    """The rank at which each profile was shown each title (m, n), 0 where it was not."""
    index = {title_id: i for i, title_id in enumerate(catalogue.title_ids)}
    ranks = np.zeros((profiles.size, len(index)), np.int32)
    for profile, shown in enumerate(cells.to_pylist()):
        for cell in shown or ():
            if cell["title_id"] in index:
                ranks[profile, index[cell["title_id"]]] = cell["place"]
    return ranks


def example_rows(
    moment: Moment,
    profiles: Profiles,
    played_days: Days,
    shown: Ranks,
    settings: CandidateSettings,
    every_candidate: bool,
) -> ExampleRows:
    """The rows of a batch of queries; queries of which no row is relevant have none.

    `played_days` (m, n) says after how many days each profile played a title that it had not played before, NaN where
    it did not; `shown` (m, n) is the rank at which it was shown a title meanwhile, 0 where it was not. Training rows
    are candidates that were played, and at most `negatives_per_query` others: of those that were shown, or where none
    was, an even draw by a hash of profile and title. Sampled rows are the same draw from everything the profile may be
    shown, candidate or not.
    """
    negatives = settings.negatives_per_query
    plays = ~np.isnan(played_days)
    pairs = moment.pairs(profiles)
    offered = np.zeros(plays.shape, bool)
    offered[pairs.profile, pairs.title] = True
    history = history_matrix(profiles, moment.catalogue.size).astype(bool).toarray()
    unplayed = allowed(moment.catalogue, profiles) & ~history
    order = _draw(profiles.profile_ids, moment.catalogue.title_ids)
    training = offered & (plays | _negatives(offered, shown, plays, order, negatives))
    candidate = offered if every_candidate else training
    sampled = unplayed & (plays | _first(unplayed & ~plays, order, negatives))
    relevant = (candidate | sampled) & plays
    useful = relevant.any(axis=1, keepdims=True) | every_candidate
    candidate = candidate & useful
    sampled = sampled & useful
    # a query without a play teaches no order
    training = training & (training & plays).any(axis=1, keepdims=True)
    rows = _with_features(moment, profiles, pairs, candidate, sampled)
    return ExampleRows(
        profile_ids=profiles.profile_ids,
        profile=rows.profile,
        title=rows.title,
        label=plays[rows.profile, rows.title].astype(np.int32),
        played_days=played_days[rows.profile, rows.title],
        candidate=candidate[rows.profile, rows.title],
        training=training[rows.profile, rows.title],
        sampled=sampled[rows.profile, rows.title],
        shown_rank=shown[rows.profile, rows.title].astype(np.int32),
        matrix=rows.matrix,
        relevant_count=(played_days <= settings.judged_days).sum(axis=1).astype(np.int32),
    )


def _negatives(
    offered: Mask, shown: Ranks, plays: Mask, order: NDArray[np.int64], most: int
) -> Mask:
    """Candidates (m, n) that were not played: of those that were shown where any was, else of all."""
    shown_candidates = offered & (shown > 0)
    any_shown = shown_candidates.any(axis=1, keepdims=True)
    pool = np.where(any_shown, shown_candidates, offered)
    return _first(pool & ~plays, order, most)


class _Rows(NamedTuple):
    profile: NDArray[np.int32]
    title: NDArray[np.int32]
    matrix: NDArray[np.float32]


def _with_features(
    moment: Moment, profiles: Profiles, pairs: Pairs, candidate: Mask, sampled: Mask
) -> _Rows:
    """The pairs that are candidates or sampled, with their features, by profile and title."""
    wanted = candidate | sampled
    offered = np.zeros(wanted.shape, bool)
    offered[pairs.profile, pairs.title] = True
    beyond = moment.pairs_of(profiles, sampled & ~offered)
    keep = wanted[pairs.profile, pairs.title]
    profile = np.concatenate([pairs.profile[keep], beyond.profile])
    title = np.concatenate([pairs.title[keep], beyond.title])
    matrix = np.concatenate([pairs.matrix[keep], beyond.matrix])
    order = np.lexsort((title, profile))
    return _Rows(profile[order], title[order], matrix[order])


def _draw(profile_ids: NDArray[np.object_], title_ids: NDArray[np.object_]) -> NDArray[np.int64]:
    """A number for each pair (m, n) that looks random and is always the same."""
    of_title = np.array([bucket(text, "negatives", 2**31) for text in title_ids])
    of_profile = np.array([bucket(text, "negatives", 2**31) for text in profile_ids])
    return (of_title[None, :] * 31 + of_profile[:, None] * 17) % 1_000_003


def _first(pool: Mask, order: NDArray[np.int64], most: int) -> Mask:
    """The `most` pairs of each row of the pool (m, n) that come first in the order, ties by index."""
    last = np.iinfo(np.int64).max
    indices = np.argsort(np.where(pool, order, last), axis=1, kind="stable")
    first = np.zeros(pool.shape, bool)
    np.put_along_axis(first, indices[:, :most], True, axis=1)
    return first & pool
