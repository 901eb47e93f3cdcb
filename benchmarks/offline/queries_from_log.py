"""A ranker's training queries from a log in arrays: profiles at several earlier moments.

`build_examples` makes them with Spark, by the same candidates, features and choice of negatives.
"""
# Tested by tests/benchmarks/temporal/test_run.py.

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.features_from_log import TitleFacts, catalogue_from_log, profiles_from_log
from conf.candidates import CandidateSettings
from conf.rankers import RankerSettings
from features.context import context_features
from models.candidates.features import FEATURES
from models.candidates.moment import Moment, item_models
from models.candidates.ratings import Ratings
from models.catalogue.arrays import Profiles
from models.rankers.examples import ExampleRows, example_rows
from models.rankers.lambdarank import Queries, score


@dataclass(frozen=True)
class Cut:
    """Rows of a log sorted by time: those before `row` are known, those up to `until` foreseen."""

    row: int
    until: int


def cuts_before(end: int, first: int, step: int, horizon: int) -> list[Cut]:
    """Cuts at rows `first`, `first` + `step`, ... before `end`.

    Each foresees `horizon` rows, and none beyond `end`.
    """
    return [Cut(row, min(row + horizon, end)) for row in range(first, end, step)]


def moment_from_log(past: Ratings, facts: TitleFacts, settings: CandidateSettings) -> Moment:
    """The moment of the last play of `past`: catalogue, item models, context."""
    as_of_s = float(past.at_s[-1])
    catalogue = catalogue_from_log(past, facts, as_of_s)
    plays = past.binary
    together = (plays.T @ plays).toarray()
    models = item_models(together, settings)
    context = context_features(datetime.fromtimestamp(as_of_s, UTC))
    return Moment(catalogue, *models, context, settings.per_source)


def rows_of_cut(
    plays: Ratings, facts: TitleFacts, cut: Cut, settings: CandidateSettings
) -> list[ExampleRows]:
    """The training rows of one cut, by batch of profiles.

    Profiles have a history at the cut, and play something new before its end.
    """
    past = plays.rows(0, cut.row)
    later = plays.rows(cut.row, cut.until)
    moment = moment_from_log(past, facts, settings)
    available = moment.catalogue.available[""]
    new_plays = later.played & ~past.played & available[None, :]
    has_history = np.bincount(past.profile, minlength=plays.shape[0]) > 0
    members = np.flatnonzero(new_plays.any(axis=1) & has_history)
    sample = _fixed_draw(members, settings.profiles_per_cut, cut.row)
    batches = []
    for batch, profiles in profile_batches(moment, past, sample):
        labels = new_plays[batch]
        never_shown = np.zeros(labels.shape, np.int32)
        rows = example_rows(
            moment,
            profiles,
            labels,
            never_shown,
            settings.negatives_per_query,
            every_candidate=False,
        )
        batches.append(rows)
    return batches


def queries_from_rows(parts: Sequence[ExampleRows], ranker: RankerSettings) -> Queries:
    """What a ranker learns from: its rows and features of all parts, one after the other."""
    features = [FEATURES.index(name) for name in ranker.features(FEATURES)]
    matrix: list[NDArray[np.float32]] = []
    labels: list[NDArray[np.integer]] = []
    groups: list[NDArray[np.integer]] = []
    for part in parts:
        size = len(part.relevant_count)
        keep = part.learned_from(ranker.rows)
        positives = np.bincount(part.profile[keep], part.label[keep], size)
        keep = keep & (positives > 0)[part.profile]
        counts = np.bincount(part.profile[keep], minlength=size)
        matrix.append(part.matrix[keep][:, features])
        labels.append(part.label[keep])
        groups.append(counts[counts > 0])
    return Queries(np.concatenate(matrix), np.concatenate(labels), np.concatenate(groups))


def ranker_scores(
    past: Ratings,
    moment: Moment,
    members: NDArray[np.integer],
    booster: lgb.Booster,
    ranker: RankerSettings,
) -> NDArray[np.float32]:
    """A ranker's scores (m, n) of titles for `members`, -inf where a title is no candidate."""
    titles = moment.catalogue.size
    features = ranker.features(FEATURES)
    whole_catalogue = ranker.rows == "catalogue"
    scores = np.empty((len(members), titles), np.float32)
    for batch, profiles in profile_batches(moment, past, members):
        pairs = moment.pairs(profiles, whole_catalogue, features)
        pair_scores = score(booster, pairs.matrix)
        rows = np.searchsorted(members, batch)
        scores[rows] = pairs.dense(pair_scores, titles)
    return scores


def profile_batches(
    moment: Moment, past: Ratings, members: NDArray[np.integer]
) -> Iterator[tuple[NDArray[np.integer], Profiles]]:
    """Members, sorted, in batches that fit the memory, with what was known of them."""
    for start in range(0, len(members), moment.batch_size):
        batch = members[start : start + moment.batch_size]
        yield batch, profiles_from_log(past, moment.catalogue.as_of_s, batch)


def _fixed_draw(members: NDArray[np.integer], most: int, seed: int) -> NDArray[np.integer]:
    """At most so many members, a fixed draw, sorted."""
    if len(members) <= most:
        return members
    rng = np.random.default_rng(seed)
    sample = rng.choice(members, most, replace=False)
    return np.sort(sample)
