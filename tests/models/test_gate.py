"""A ranker serves only if it beats what it was made from."""

from models.gate import RANKER, RIVALS, verdict


def metrics(ranker: float, rival: float) -> dict[str, float]:
    return {RANKER: ranker, "queries": 40.0} | dict.fromkeys(RIVALS, 0.1) | {"ease_ndcg10": rival}


def test_a_ranker_that_beats_every_rival_is_promoted():
    assert verdict(metrics(0.31, 0.30)) == (True, "nDCG@10 0.3100 beats ease 0.3000 on 40 later queries")


def test_a_ranker_that_loses_to_its_retriever_is_not():
    assert verdict(metrics(0.29, 0.30))[0] is False


def test_a_tie_is_not_a_win():
    assert verdict(metrics(0.30, 0.30))[0] is False
