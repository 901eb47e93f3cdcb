"""A ranker serves only if it beats what it was made from."""

from models.rankers.promotion import RIVALS, verdict


def metrics(ranker: float, rival: float) -> dict[str, float]:
    others = {f"{name}_ndcg10": 0.1 for name in RIVALS}
    return {"ranker_ndcg10": ranker, "queries": 40.0} | others | {"ease_ndcg10": rival}


def test_a_ranker_that_beats_every_rival_is_promoted():
    assert verdict(metrics(0.31, 0.30)) == (
        True,
        "nDCG@10 0.3100 beats ease 0.3000 on 40 later queries",
    )


def test_a_ranker_that_loses_to_its_retriever_is_not():
    assert verdict(metrics(0.29, 0.30))[0] is False


def test_a_tie_is_not_a_win():
    assert verdict(metrics(0.30, 0.30))[0] is False


def test_a_ranker_of_the_whole_catalogue_is_judged_by_all_pairs():
    judged = {
        "ranker_right_order": 0.8,
        "ease_right_order": 0.7,
        "queries": 5.0,
        "ranker_ndcg10": 0.1,
        "ease_ndcg10": 1.0,
    }
    assert verdict(judged, "catalogue") == (
        True,
        "pairs in the right order 0.8000 beats ease 0.7000 on 5 later queries",
    )
