"""Whether a ranker may serve: it has to beat its own retriever and popularity on later data."""

from collections.abc import Mapping
from typing import Literal

RANKER = "ranker"
RIVALS = {  # the feature whose order each rival is
    "ease": "ease",
    "cosine": "cosine",
    "popularity_7d": "title_plays_count_7d",
    "popularity_30d": "title_plays_count_30d",
    "popularity_all": "title_plays_count_all",
}
MEASURES = {  # what each ranker is judged by, and what people call it
    "candidates": ("ndcg10", "nDCG@10"),
    "catalogue": ("right_order", "pairs in the right order"),
}


def verdict(
    metrics: Mapping[str, float], rows: Literal["candidates", "catalogue"] = "candidates"
) -> tuple[bool, str]:
    """Promoted or not, and the sentence that says why, for a ranker of `rows`.

    >>> verdict({"ranker_ndcg10": 0.2, "ease_ndcg10": 0.3, "queries": 9.0})
    (False, 'nDCG@10 0.2000 does not beat ease 0.3000 on 9 later queries')
    """
    measure, called = MEASURES[rows]
    rivals = {
        name: metrics[f"{name}_{measure}"] for name in RIVALS if f"{name}_{measure}" in metrics
    }
    best, ours = max(sorted(rivals), key=lambda name: rivals[name]), metrics[f"{RANKER}_{measure}"]
    better = ours > rivals[best]
    said = "beats" if better else "does not beat"
    return better, (
        f"{called} {ours:.4f} {said} {best} {rivals[best]:.4f} on {metrics['queries']:.0f} later queries"
    )
