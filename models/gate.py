"""Whether a ranker may serve: it has to beat its own retriever and popularity on later data."""

from collections.abc import Mapping

RANKER = "ranker_ndcg10"
RIVALS = {  # the feature whose order each rival is
    "ease_ndcg10": "ease",
    "cosine_ndcg10": "cosine",
    "popularity_7d_ndcg10": "title_plays_count_7d",
    "popularity_30d_ndcg10": "title_plays_count_30d",
    "popularity_all_ndcg10": "title_plays_count_all",
}


def verdict(metrics: Mapping[str, float]) -> tuple[bool, str]:
    """Promoted or not, and the sentence that says why.

    >>> verdict({"ranker_ndcg10": 0.2, "ease_ndcg10": 0.3, "queries": 9.0})
    (False, 'nDCG@10 0.2000 does not beat ease 0.3000 on 9 later queries')
    """
    rivals = {name: value for name, value in metrics.items() if name in RIVALS}
    best = max(sorted(rivals), key=lambda name: rivals[name])
    better = metrics[RANKER] > rivals[best]
    said = "beats" if better else "does not beat"
    rival = best.removesuffix("_ndcg10")
    return better, (
        f"nDCG@10 {metrics[RANKER]:.4f} {said} {rival} {rivals[best]:.4f} on {metrics['queries']:.0f} later queries"
    )
