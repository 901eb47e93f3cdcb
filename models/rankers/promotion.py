"""Whether a ranker may serve: on later data it has to beat what it was made from, and what it replaces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

RANKER = "ranker"  # under this name a ranker's own figures stand among the metrics
RIVALS = {  # the feature whose order each rival of a ranker of titles is
    "ease": "ease",
    "cosine": "cosine",
    "popularity_7d": "title_plays_count_7d",
    "popularity_30d": "title_plays_count_30d",
    "popularity_all": "title_plays_count_all",
}


@dataclass(frozen=True)
class Measure:
    """A figure that rankers are compared by, in the words of the sentence that explains a verdict."""

    label: str
    queries: str  # what the figure is a mean over
    rival: str = "{name} {value:.4f}"  # how the sentence names the best rival and its figure
    lower_is_better: bool = False


@dataclass(frozen=True)
class Judgement:
    """Figures of a ranker and of its rivals on later data that neither was made from."""

    measure: Measure
    ranker: float
    rivals: Mapping[str, float]  # by what people call them
    queries: float
    metrics: dict[str, float]  # everything that is kept with the model


class Verdict(NamedTuple):
    """Whether a ranker may serve, and the sentence that says why."""

    promoted: bool
    reason: str


def verdict(judgement: Judgement, least_queries: int) -> Verdict:
    """A ranker is promoted if it beats its best rival on at least `least_queries` queries; a tie is not enough.

    >>> measure = Measure("nDCG@10", "later queries")
    >>> verdict(Judgement(measure, 0.2, {"ease": 0.3}, 9, {}), 1).reason
    'nDCG@10 0.2000 does not beat ease 0.3000 on 9 later queries'
    """
    measure, rivals = judgement.measure, judgement.rivals
    if measure.lower_is_better:
        best = min(sorted(rivals), key=lambda name: rivals[name])
        better = judgement.ranker < rivals[best]
        comparison = "is below" if better else "is not below"
    else:
        best = max(sorted(rivals), key=lambda name: rivals[name])
        better = judgement.ranker > rivals[best]
        comparison = "beats" if better else "does not beat"
    rival = measure.rival.format(name=best, value=rivals[best])
    queries = f"{judgement.queries:.0f} {measure.queries}"
    reason = f"{measure.label} {judgement.ranker:.4f} {comparison} {rival} on {queries}"
    if judgement.queries < least_queries:
        return Verdict(False, f"{reason}, which are fewer than {least_queries}")
    return Verdict(better, reason)
