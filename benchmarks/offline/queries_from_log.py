"""A ranker's training queries from a log held in arrays: profiles at several earlier moments, as `build_examples` makes
them with Spark, by the same candidates, features and choice of negatives."""
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
    """Rows of a log sorted by time: those before `row` are known, those from it up to `until` are to be foreseen."""

    row: int
    until: int


def cuts_before(end: int, first: int, step: int, horizon: int) -> list[Cut]:
    """Cuts at rows `first`, `first` + `step`, ... before `end`; each foresees `horizon` rows and none beyond `end`."""
    return [Cut(row, min(row + horizon, end)) for row in range(first, end, step)]


def moment_from_log(past: Ratings, facts: TitleFacts, settings: CandidateSettings) -> Moment:
    """The moment of the last play of `past`, which holds nothing later: catalogue, item models, context."""
    as_of_s = float(past.at_s[-1])
    plays = past.binary
    models = item_models((plays.T @ plays).toarray(), settings)
    context = context_features(datetime.fromtimestamp(as_of_s, UTC))
    return Moment(catalogue_from_log(past, facts, as_of_s), *models, context, settings.per_source)


def rows_of_cut(
    plays: Ratings, facts: TitleFacts, cut: Cut, settings: CandidateSettings
) -> list[ExampleRows]:
    """The training rows of one cut, by batch: profiles with a history that play something new before its end."""
    past, later = plays.rows(0, cut.row), plays.rows(cut.row, cut.until)
    moment = moment_from_log(past, facts, settings)
    fresh = later.played & ~past.played & moment.catalogue.available[""][None, :]
    history = np.bincount(past.profile, minlength=plays.shape[0]) > 0
    members = _sampled(
        np.flatnonzero(fresh.any(axis=1) & history), settings.profiles_per_cut, cut.row
    )
    unseen = np.zeros(plays.shape[1], np.int32)
    return [
        example_rows(
            moment,
            part,
            fresh[batch],
            np.broadcast_to(unseen, (len(batch), len(unseen))),
            settings.negatives_per_query,
            every_candidate=False,
        )
        for batch, part in profile_batches(moment, past, members)
    ]


def queries_from_rows(parts: Sequence[ExampleRows], ranker: RankerSettings) -> Queries:
    """What a ranker learns from: its rows and features of all parts, one after the other."""
    features = [FEATURES.index(name) for name in ranker.features(FEATURES)]
    matrix, labels, groups = [], [], []
    for part in parts:
        keep = part.learned_from(ranker.rows)
        fruitful = np.bincount(part.profile[keep], part.label[keep], len(part.relevant_count)) > 0
        keep = keep & fruitful[part.profile]
        counts = np.bincount(part.profile[keep], minlength=len(part.relevant_count))
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
    found = np.empty((len(members), moment.catalogue.size), np.float32)
    for batch, profiles in profile_batches(moment, past, members):
        pairs = moment.pairs(profiles, ranker.rows == "catalogue", ranker.features(FEATURES))
        at = np.searchsorted(members, batch)
        found[at] = pairs.dense(score(booster, pairs.matrix), moment.catalogue.size)
    return found


def profile_batches(
    moment: Moment, past: Ratings, members: NDArray[np.integer]
) -> Iterator[tuple[NDArray[np.integer], Profiles]]:
    """Members, sorted, in batches that fit the memory, with what was known of them."""
    for start in range(0, len(members), moment.batch_size):
        batch = members[start : start + moment.batch_size]
        yield batch, profiles_from_log(past, moment.catalogue.as_of_s, batch)


def _sampled(members: NDArray[np.integer], most: int, seed: int) -> NDArray[np.integer]:
    """At most so many members, a fixed draw, sorted."""
    if len(members) <= most:
        return members
    return np.sort(np.random.default_rng(seed).choice(members, most, replace=False))
