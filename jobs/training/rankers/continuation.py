"""Continuation: whether the next session goes on with something.

It decides how high Continue Watching stands.
"""
# Tested by tests/jobs/training/rankers/test_continue_watching.py.

from dataclasses import dataclass
from datetime import date

import numpy as np

from conf.rankers import CONTINUATION
from conf.resumes import resume_settings
from jobs.training.ranker import Fit, Ranker
from jobs.training.resume_examples import ResumeDays, oldest_day, resume_days, resume_parameters
from models.rankers.continue_watching.features import CONTINUATION_FEATURES
from models.rankers.continue_watching.fit import (
    CONSTANT_RATE,
    continuation_rows,
    fit_continuation,
    judge_continuation,
)
from models.rankers.promotion import Judgement


@dataclass(frozen=True)
class ContinuationRanker(Ranker[ResumeDays]):
    """The position of the row; it has to beat a constant rate, which gives a fixed position."""

    name: str = CONTINUATION
    table = "resumes"
    examples = staticmethod(resume_days)
    features = CONTINUATION_FEATURES
    rivals = (CONSTANT_RATE,)

    def judge(self, examples: ResumeDays, ds: date) -> Judgement:
        """Log loss of the probability that a day begins by going on, on the newest days."""
        rows = continuation_rows(examples.earlier, resume_settings())
        rate = float(np.mean(rows.labels))
        booster = fit_continuation(rows)
        return judge_continuation(booster, examples.earlier_order, examples.later, rate)

    def fit(self, examples: ResumeDays) -> Fit:
        """A model of all days."""
        rows = continuation_rows(examples.every, resume_settings())
        return Fit(fit_continuation(rows), rows.matrix)

    def parameters(self) -> dict[str, object]:
        """Its settings and those of the days."""
        return resume_parameters(self.name)

    def trained_from(self, ds: date) -> date:
        """The oldest day of `resumes`."""
        return oldest_day(ds)


RANKER = ContinuationRanker()
