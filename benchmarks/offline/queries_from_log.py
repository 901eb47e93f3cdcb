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
from conf.days import DAY_S
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


def cuts_before(at_s: NDArray[np.floating], settings: CandidateSettings) -> list[Cut]:
    """The cuts of somebody who trains at the end of a log, oldest first, as `build_examples` has them.

    `at_s` (N,) are its instants, sorted. Cuts before the first play are left out.
    """
    step_s, horizon_s = settings.step_days * DAY_S, settings.horizon_days * DAY_S
    instants = at_s[-1] - step_s * np.arange(settings.cuts, 0, -1)
    rows = np.searchsorted(at_s, instants, "right")
    ends = np.searchsorted(at_s, instants + horizon_s, "right")
    pairs = zip(rows.tolist(), ends.tolist(), strict=True)
    return [Cut(row, until) for row, until in pairs if 0 < row < until]


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
    plays: Ratings,
    facts: TitleFacts,
    cut: Cut,
    settings: CandidateSettings,
    judged: bool = False,
) -> list[ExampleRows]:
    """The training rows of one cut, by batch of profiles; of a judged one every candidate.

    Profiles have a history at the cut, and play something new before its end.
    """
    past = plays.rows(0, cut.row)
    moment = moment_from_log(past, facts, settings)
    available = moment.catalogue.available[""]
    pair, first_day = _new_plays(plays, cut)
    profile, title = np.divmod(pair, plays.shape[1])
    has_history = np.bincount(past.profile, minlength=plays.shape[0]) > 0
    keep = has_history[profile] & available[title]
    profile, title, first_day = profile[keep], title[keep], first_day[keep]
    sample = _fixed_draw(np.unique(profile), settings.profiles_per_cut, cut.row)
    batches = []
    for batch, profiles in profile_batches(moment, past, sample):
        played_days = np.full((len(batch), plays.shape[1]), np.nan, np.float32)
        own = np.isin(profile, batch)
        played_days[np.searchsorted(batch, profile[own]), title[own]] = first_day[own]
        never_shown = np.zeros(played_days.shape, np.int32)
        rows = example_rows(
            moment, profiles, played_days, never_shown, settings, every_candidate=judged
        )
        batches.append(rows)
    return batches


def _new_plays(plays: Ratings, cut: Cut) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Pairs (profile x titles + title) first played between a cut and its end, and after how many days."""
    pair = plays.profile.astype(np.int64) * plays.shape[1] + plays.title
    later = slice(cut.row, cut.until)
    new, first = np.unique(pair[later], return_index=True)  # rows are in time
    days = (plays.at_s[later][first] - plays.at_s[cut.row - 1]) / DAY_S
    fresh = ~np.isin(new, pair[: cut.row])
    return new[fresh], days[fresh]


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
