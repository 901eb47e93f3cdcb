"""Both rankers of Continue Watching on made-up days: each learns from the older days and is judged on the newer."""

from datetime import date

from conf.rankers import ranker_configuration
from jobs.training.ranker import lead_interval
from jobs.training.rankers.continuation import RANKER as CONTINUATION_RANKER
from jobs.training.rankers.continue_watching import RANKER as ORDER_RANKER
from jobs.training.resume_examples import ResumeDays
from models.rankers.continue_watching.features import CONTINUATION_FEATURES, FEATURES
from models.rankers.continue_watching.fit import CONSTANT_RATE
from models.rankers.promotion import verdict
from tests.models.rankers.continue_watching.test_fit import days

DAY = date(2026, 4, 30)


def examples() -> ResumeDays:
    """A thousand days to learn from and half as many to be judged on."""
    earlier, later = days(1000), days(500, seed=2)
    return ResumeDays(every=earlier, earlier=earlier, later=later)


def test_the_order_beats_recency() -> None:
    judgement = ORDER_RANKER.judge(examples(), DAY)
    assert (judgement.best_rival,) == ("recency",) == ORDER_RANKER.rivals
    assert judgement.figures["ranker"] > judgement.figures["recency"] + 0.1
    gain = lead_interval(judgement)
    assert judgement.windows == 8 and verdict(judgement, gain, ranker_configuration()).promoted


def test_an_order_that_knows_nothing_more_than_recency_does_not_serve() -> None:
    """Nothing is half watched, so that there is nothing to learn but what stands first."""
    sample = examples()
    for part in (sample.earlier, sample.later):
        part.matrix[:, FEATURES.index("resume_share")] = 0.1
    judgement = ORDER_RANKER.judge(sample, DAY)
    assert not verdict(judgement, lead_interval(judgement), ranker_configuration()).promoted


def test_what_is_trained_is_what_serves() -> None:
    fit = ORDER_RANKER.fit(examples())
    assert tuple(fit.booster.feature_name()) == FEATURES
    assert fit.matrix.shape == (3000, len(FEATURES))


def test_continuation_beats_a_constant_rate() -> None:
    judgement = CONTINUATION_RANKER.judge(examples(), DAY)
    assert judgement.measure.lower_is_better
    assert judgement.figures["ranker"] < judgement.figures[CONSTANT_RATE]
    fit = CONTINUATION_RANKER.fit(examples())
    assert tuple(fit.booster.feature_name()) == CONTINUATION_FEATURES
    assert fit.matrix.shape == (1000, len(CONTINUATION_FEATURES))
