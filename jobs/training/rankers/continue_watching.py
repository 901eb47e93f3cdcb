"""Continue Watching: orders what a profile can go on with by the probability that it does."""

from dataclasses import dataclass
from datetime import date

from conf.rankers import CONTINUE_WATCHING
from conf.resumes import resume_settings
from jobs.training.ranker import Fit, Ranker
from jobs.training.resume_examples import ResumeDays, oldest_day, resume_days, resume_parameters
from models.rankers.continue_watching.features import FEATURES
from models.rankers.continue_watching.fit import fit_resume_order, judge_resume_order
from models.rankers.promotion import Judgement


@dataclass(frozen=True)
class ContinueWatchingRanker(Ranker[ResumeDays]):
    """The order of the row; it has to beat the order by recency, which the row has without it."""

    name: str = CONTINUE_WATCHING
    table = "resumes"
    examples = staticmethod(resume_days)
    features = FEATURES
    rivals = ("recency",)

    def judge(self, examples: ResumeDays, ds: date) -> Judgement:
        """Mean reciprocal rank of what was gone on with, on the newest days."""
        return judge_resume_order(examples.earlier_order, examples.later, resume_settings())

    def fit(self, examples: ResumeDays) -> Fit:
        """A model of all days."""
        return Fit(fit_resume_order(examples.every, resume_settings()), examples.every.matrix)

    def parameters(self) -> dict[str, object]:
        """Its settings and those of the days."""
        return resume_parameters(self.name)

    def trained_from(self, ds: date) -> date:
        """The oldest day of `resumes`."""
        return oldest_day(ds)


RANKER = ContinueWatchingRanker()
