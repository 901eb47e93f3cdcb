"""A ranker serves only if it beats what it was made from."""

from models.rankers.promotion import Judgement, Measure, verdict

NDCG = Measure("nDCG@10", "later queries")
LOG_LOSS = Measure("log loss", "later days", lower_is_better=True)


def judgement(ranker: float, measure: Measure = NDCG, **rivals: float) -> Judgement:
    return Judgement(measure, ranker, rivals, queries=40.0, metrics={})


def test_a_ranker_that_beats_every_rival_is_promoted():
    assert verdict(judgement(0.31, ease=0.30, cosine=0.1), 1) == (
        True,
        "nDCG@10 0.3100 beats ease 0.3000 on 40 later queries",
    )


def test_a_ranker_that_loses_to_its_retriever_is_not():
    assert verdict(judgement(0.29, ease=0.30), 1).promoted is False


def test_a_tie_is_not_a_win():
    assert verdict(judgement(0.30, ease=0.30), 1).promoted is False
    assert verdict(judgement(0.30, LOG_LOSS, constant=0.30), 1).promoted is False


def test_of_a_loss_the_lower_one_is_better_and_the_lowest_rival_counts():
    assert verdict(judgement(0.25, LOG_LOSS, constant=0.3, other=0.4), 1) == (
        True,
        "log loss 0.2500 is below constant 0.3000 on 40 later days",
    )
    assert verdict(judgement(0.35, LOG_LOSS, constant=0.3, other=0.4), 1) == (
        False,
        "log loss 0.3500 is not below constant 0.3000 on 40 later days",
    )


def test_the_sentence_names_a_rival_as_its_measure_says():
    measure = Measure("deviance", "rows", "{name} {value:.1f},", lower_is_better=True)
    reason = verdict(judgement(0.25, measure, worth=0.3), 1).reason
    assert reason == "deviance 0.2500 is below worth 0.3, on 40 rows"


def test_too_few_queries_promote_nothing():
    assert verdict(judgement(0.31, ease=0.30), 41) == (
        False,
        "nDCG@10 0.3100 beats ease 0.3000 on 40 later queries, which are fewer than 41",
    )
