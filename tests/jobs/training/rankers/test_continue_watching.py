"""Both rankers of Continue Watching on made-up days: each learns from the older days and is judged on the newer."""

from datetime import date

from jobs.training.rankers.continuation import CONSTANT_RATE
from jobs.training.rankers.continuation import RANKER as CONTINUATION_RANKER
from jobs.training.rankers.continue_watching import RANKER as ORDER_RANKER
from jobs.training.resume_examples import ResumeDays
from models.rankers.continue_watching.features import CONTINUATION_FEATURES, FEATURES
from tests.models.rankers.continue_watching.test_fit import days

DAY = date(2026, 4, 30)


def examples() -> ResumeDays:
    """A thousand days to learn from and half as many to be judged on."""
    earlier, later = days(1000), days(500, seed=2)
    return ResumeDays(every=earlier, earlier=earlier, later=later)


def test_the_order_beats_recency() -> None:
    judgement = ORDER_RANKER.judge(examples(), DAY)
    assert list(judgement.rivals) == ["recency"] == list(ORDER_RANKER.rivals)
    assert judgement.ranker > judgement.rivals["recency"] + 0.1
    fit = ORDER_RANKER.fit(examples())
    assert tuple(fit.booster.feature_name()) == FEATURES
    assert fit.matrix.shape == (3000, len(FEATURES))


def test_continuation_beats_a_constant_rate() -> None:
    judgement = CONTINUATION_RANKER.judge(examples(), DAY)
    assert judgement.measure.lower_is_better
    assert judgement.ranker < judgement.rivals[CONSTANT_RATE]
    fit = CONTINUATION_RANKER.fit(examples())
    assert tuple(fit.booster.feature_name()) == CONTINUATION_FEATURES
    assert fit.matrix.shape == (1000, len(CONTINUATION_FEATURES))
