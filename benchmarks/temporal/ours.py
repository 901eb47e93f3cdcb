"""Our rankers in `bench temporal`: the pipeline's candidates, features and fit, on arrays."""
# Tested by tests/benchmarks/temporal/test_run.py.

import time
from collections.abc import Callable, Mapping

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from benchmarks.offline.features_from_log import TitleFacts
from benchmarks.offline.queries_from_log import (
    Cut,
    cuts_before,
    moment_from_log,
    queries_from_rows,
    ranker_scores,
    rows_of_cut,
)
from benchmarks.temporal.trials import Trial, TrialRun, list_metrics
from conf.bench import TemporalBench
from conf.candidates import CandidateSettings, candidate_settings
from conf.rankers import RankerSettings, ranker_settings
from models.candidates.ratings import Ratings
from models.rankers.examples import ExampleRows
from models.rankers.lambdarank import fit_ranker

Say = Callable[[str], None]
Change = Mapping[str, object]


class Ours:
    """Rankers of one log.

    What a cut gives is kept, since several windows learn from the same cuts.
    """

    def __init__(
        self, plays: Ratings, facts: TitleFacts, settings: TemporalBench, say: Say
    ) -> None:
        self.plays, self.facts, self.bench, self.say = plays, facts, settings, say
        self._kept: dict[Cut, tuple[list[ExampleRows], float]] = {}

    def rows(self, one: Trial) -> tuple[list[ExampleRows], float]:
        """Training rows of every cut of a trial, and the seconds they took in whichever trial."""
        size = len(self.plays)
        step = max(round(size * self.bench.cut_share), 1)
        cuts = cuts_before(
            one.window.cut,
            step * self.bench.first_cut,
            step,
            round(size * self.bench.horizon_share),
        )
        for number, cut in enumerate(cuts, start=1):
            if cut not in self._kept:
                self.say(f"cut {number} of {len(cuts)} before row {one.window.cut}")
                started = time.perf_counter()
                made = rows_of_cut(self.plays.rows(0, cut.until), self.facts, cut, self.candidates)
                self._kept[cut] = made, time.perf_counter() - started
        found = [self._kept[cut] for cut in cuts]
        return [part for parts, _ in found for part in parts], sum(seconds for _, seconds in found)

    @property
    def candidates(self) -> CandidateSettings:
        """The first stage, as the pipeline has it."""
        return candidate_settings()

    def ranker(self, name: str, change: Change) -> RankerSettings:
        """A ranker's settings as the pipeline has them, with what differs."""
        return ranker_settings(name).model_copy(update=dict(change))

    def choose(self, name: str, changes: tuple[Change, ...], one: Trial) -> int:
        """Which change ranks the inner trial best by nDCG@10: its place."""
        tried = [
            float(list_metrics(one, self.run(name, change, one)[0])["ndcg10"].mean())
            for change in changes
        ]
        for change, value in zip(changes, tried, strict=True):
            self.say(f"{name} with {dict(change)}: nDCG@10 {value:.4f} on the inner window")
        return int(np.argmax(tried))

    def run(
        self, name: str, change: Change, one: Trial
    ) -> tuple[TrialRun, NDArray[np.float32], lgb.Booster]:
        """Lists, all scores and the model of a ranker trained on what precedes the cut."""
        rows, seconds = self.rows(one)
        self.say(f"{name}: training before row {one.window.cut}")
        started, ranker = time.perf_counter(), self.ranker(name, change)
        queries = queries_from_rows(rows, ranker)
        booster = fit_ranker(queries, ranker)
        moment = moment_from_log(one.train, self.facts, self.candidates)
        fitted = time.perf_counter()
        scores = ranker_scores(one.train, moment, one.members, booster, ranker)
        done = time.perf_counter()
        return (
            one.ranked(scores, seconds + fitted - started, done - fitted),
            scores,
            booster,
        )
