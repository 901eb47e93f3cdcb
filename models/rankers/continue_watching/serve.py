"""The rankers of Continue Watching at work: how much each title is wanted, and whether the session goes on at all."""

from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np

from models.catalogue.arrays import Catalogue, Profiles
from models.rankers.continue_watching.features import (
    CONTINUATION_FEATURES,
    FEATURES,
    continuation_matrix,
    resume_titles,
)
from models.rankers.continue_watching.fit import FIRST
from models.rankers.lambdarank import score
from models.rankers.package import Package, load


@dataclass(frozen=True)
class ResumePackages:
    """The promoted rankers of a moment, None where there is none; sent to the workers once."""

    order: Package | None
    continuation: Package | None
    context: dict[str, float]  # of the day that the page is for

    def load(self) -> "ResumeRankers":
        """The rankers as boosters; once in each worker. Without an order there is no probability of going on."""
        if self.order is None:
            return ResumeRankers(None, None, self.context)
        order = load(self.order, FEATURES)
        if self.continuation is None:
            return ResumeRankers(order, None, self.context)
        continuation = load(self.continuation, CONTINUATION_FEATURES)
        return ResumeRankers(order, continuation, self.context)


@dataclass(frozen=True)
class ResumeRankers:
    """Rankers of Continue Watching, ready to score."""

    order: lgb.Booster | None
    continuation: lgb.Booster | None
    context: dict[str, float]

    def scored(self, catalogue: Catalogue, profiles: Profiles) -> Profiles:
        """The profiles with `wish` and `p_continues`; as they were where no ranker serves."""
        if self.order is None:
            return profiles
        titles = resume_titles(catalogue, profiles, self.context)
        has_titles = len(titles.entry) > 0
        probability = score(self.order, titles.matrix) if has_titles else np.zeros(0)
        wish = np.full(len(profiles.title), np.nan, np.float32)
        wish[titles.entry] = probability
        if self.continuation is None:
            return replace(profiles, wish=wish)
        p_continues = np.zeros(profiles.size, np.float32)
        if has_titles:
            lists = titles.by_profile
            matrix = continuation_matrix(titles.matrix, lists, probability, FIRST)
            with_titles = titles.profile[lists.starts]
            p_continues[with_titles] = score(self.continuation, matrix)
        return replace(profiles, wish=wish, p_continues=p_continues)
