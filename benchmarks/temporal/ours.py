"""Our rankers in `bench temporal`: what `rankers_weekly` trains, gates and serves, on arrays."""
# Tested by tests/benchmarks/temporal/test_run.py.

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.features_from_log import TitleFacts
from benchmarks.offline.queries_from_log import (
    Cut,
    cuts_before,
    moment_from_log,
    profile_batches,
    queries_from_rows,
    ranker_scores,
    rows_of_cut,
)
from benchmarks.temporal.trials import Trial, TrialRun
from conf.bench import TemporalBench
from conf.candidates import CandidateSettings, candidate_settings
from conf.days import DAY_S
from conf.rankers import RankerSettings, ranker_settings
from jobs.training.title_ranker import JudgedCut, query_metrics, title_judgement
from models.candidates.features import FEATURES
from models.candidates.moment import Moment
from models.candidates.ratings import Ratings
from models.rankers.examples import ExampleRows
from models.rankers.lambdarank import fit_ranker, score
from models.rankers.promotion import RANKER, Judgement, rival_scores

Say = Callable[[str], None]
Change = Mapping[str, object]
CutRows = dict[Cut, list[ExampleRows]]


class Ours:
    """Rankers of one log: first stage, cuts, samples, labels and rounds are those of the weekly job.

    What the newest window asked for is kept, since several rankers learn from the same cuts.
    """

    def __init__(
        self,
        plays: Ratings,
        facts: TitleFacts,
        settings: TemporalBench,
        say: Say,
        candidates: CandidateSettings | None = None,
    ) -> None:
        self.plays, self.facts, self.bench, self.say = plays, facts, settings, say
        self.candidates = candidates or candidate_settings()
        self._end = -1
        self._rows: CutRows = {}
        self._moment: Moment | None = None
        self._seconds = 0.0

    def rows(self, one: Trial) -> tuple[CutRows, float]:
        """Training rows of every cut of a trial, and the seconds they took, the first time."""
        if self._end != one.window.cut:
            started = time.perf_counter()
            cuts = cuts_before(one.train.at_s, self.candidates)
            self._rows = {}
            for number, cut in enumerate(cuts, start=1):
                self.say(f"cut {number} of {len(cuts)} before row {one.window.cut}")
                judged = cut in self.candidates.judged(cuts[::-1])
                part = self.plays.rows(0, cut.until)
                self._rows[cut] = rows_of_cut(part, self.facts, cut, self.candidates, judged)
            self._moment = moment_from_log(one.train, self.facts, self.candidates)
            self._end, self._seconds = one.window.cut, time.perf_counter() - started
        return self._rows, self._seconds

    def moment(self, one: Trial) -> Moment:
        """What scores pages of the window."""
        self.rows(one)
        assert self._moment is not None
        return self._moment

    def ranker(self, name: str, change: Change) -> RankerSettings:
        """A ranker's settings as the pipeline has them, with what differs."""
        return ranker_settings(name).model_copy(update=dict(change))

    def run(
        self, name: str, change: Change, one: Trial
    ) -> tuple[TrialRun, NDArray[np.float32], lgb.Booster]:
        """Lists, all scores and the model of a ranker trained on what precedes the cut."""
        rows, seconds = self.rows(one)
        self.say(f"{name}: training before row {one.window.cut}")
        started, ranker = time.perf_counter(), self.ranker(name, change)
        booster = fit_ranker(queries_from_rows(parts_of(rows), ranker), ranker)
        fitted = time.perf_counter()
        scores = ranker_scores(one.train, self.moment(one), one.members, booster, ranker)
        done = time.perf_counter()
        run = one.ranked(scores, seconds + fitted - started, done - fitted)
        return run, scores, booster

    def gate(self, name: str, one: Trial) -> Judgement:
        """What the weekly job would be told of a ranker trained at the window's cut."""
        rows, _ = self.rows(one)
        ranker = self.ranker(name, {"models": 1})
        judged_cuts = []
        for cut in reversed(self.candidates.judged(list(rows)[::-1])):
            at_s = self._at_s(cut)
            earlier = {
                other: [_played_within(part, (at_s - self._at_s(other)) / DAY_S) for part in parts]
                for other, parts in rows.items()
                if other.row < cut.row
            }
            queries = queries_from_rows(parts_of(earlier), ranker) if earlier else None
            if queries is not None and queries.labels.any():
                booster = fit_ranker(queries, ranker)
                judged_cuts.append(self._judged(booster, rows[cut], ranker))
        return title_judgement(judged_cuts, ranker.rows)

    def _judged(
        self, booster: lgb.Booster, parts: list[ExampleRows], ranker: RankerSettings
    ) -> JudgedCut:
        """The queries of a judged cut."""
        features = [FEATURES.index(feature) for feature in ranker.features(FEATURES)]
        judged = []
        for part in parts:
            week = _played_within(part, self.candidates.judged_days)
            keep = week.candidate & (week.relevant_count > 0)[week.profile]
            values = week.matrix[keep]
            profiles, groups = np.unique(week.profile[keep], return_counts=True)
            scores: dict[str, NDArray[np.floating]] = {RANKER: score(booster, values[:, features])}
            scores |= rival_scores(values)
            metrics = query_metrics(scores, week.label[keep], groups, week.relevant_count[profiles])
            judged.append(JudgedCut(metrics, week.profile_ids[profiles]))
        names = judged[0].metrics
        return JudgedCut(
            {name: np.concatenate([each.metrics[name] for each in judged]) for name in names},
            np.concatenate([each.profile_ids for each in judged]),
        )

    def rival_run(self, rival: str, one: Trial) -> TrialRun:
        """The candidates of a window in the order of one of the gate's rivals."""
        moment = self.moment(one)
        scores = np.full(one.open.shape, -np.inf, np.float32)
        for batch, profiles in profile_batches(moment, one.train, one.members):
            pairs = moment.pairs(profiles)
            rows = np.searchsorted(one.members, batch)
            scores[rows] = pairs.dense(rival_scores(pairs.matrix)[rival], moment.catalogue.size)
        return one.ranked(scores, 0.0, 0.0)

    def _at_s(self, cut: Cut) -> float:
        return float(self.plays.at_s[cut.row - 1])


def parts_of(rows: CutRows) -> list[ExampleRows]:
    """The rows of all cuts, one after the other."""
    return [part for parts in rows.values() for part in parts]


def _played_within(part: ExampleRows, days: float) -> ExampleRows:
    """The rows labelled by what was played in so many days."""
    return replace(part, label=(part.played_days <= days).astype(np.int32))
