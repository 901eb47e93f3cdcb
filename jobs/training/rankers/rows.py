"""The row model: what trees add to the worth of a row's head.

Its settings are `lessons` in conf/pages.yaml.
"""
# Tested by tests/jobs/test_offline_days.py.

from dataclasses import dataclass, replace
from datetime import date, timedelta

from conf.pages import pages
from conf.rankers import ROW_MODEL
from conf.rows import rows
from jobs.training.ranker import Fit, Ranker
from jobs.training.row_examples import RowExamples, row_examples
from models.page.layout.row_model import WORTH_ALONE, names, row_model_deviances, row_trees
from models.rankers.promotion import Judgement, Measure

MEASURE = Measure("deviance", "rows", lower_is_better=True)


@dataclass(frozen=True)
class RowRanker(Ranker[RowExamples]):
    """The score of a row; it has to beat the worth of the titles at the row's head."""

    name: str = ROW_MODEL
    table = "impressions"
    examples = staticmethod(row_examples)
    rivals = (WORTH_ALONE,)

    @property
    def features(self) -> tuple[str, ...]:
        """Features of a row, and one for each kind of row."""
        return names(rows())

    def judge(self, examples: RowExamples, ds: date) -> Judgement:
        """Deviance of rows by a model that has not seen their profiles."""
        lessons = examples.lessons
        judgement = Judgement(
            replace(MEASURE, queries=f"{MEASURE.queries} {examples.source}"),
            row_model_deviances(lessons, pages().lessons, rows()),
            lessons.weight,
            lessons.profile,
            lessons.window,
            {"rows": float(len(lessons.x)), "played": float(lessons.played.sum())},
        )
        return judgement.with_figures("deviance")

    def fit(self, examples: RowExamples) -> Fit:
        """A model of all profiles."""
        booster = row_trees(examples.lessons, pages().lessons, rows())
        return Fit(booster, examples.lessons.x)

    def parameters(self) -> dict[str, object]:
        """Its settings and those of the builder that scores rows with it."""
        return {
            "lessons": pages().lessons.model_dump(),
            "choice": pages().choice.model_dump(),
        }

    def trained_from(self, ds: date) -> date:
        """The oldest day whose rows may have come into view."""
        return ds - timedelta(days=pages().lessons.days - 1)


RANKER = RowRanker()
