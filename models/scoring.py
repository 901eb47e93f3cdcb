"""Profiles to scored candidates to pages: what a worker does with each batch."""

from collections.abc import Iterable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.arrays import profiles_from
from models.catalogue import Neighbours, Profiles
from models.moment import Moment
from models.package import Package, load
from models.page.build import build_pages
from models.page.row_model import RowModel
from models.pairs import FEATURES, Pairs
from models.resuming import Resuming

_FALLBACK = FEATURES.index("title_plays_count_30d")


@dataclass(frozen=True)
class PageMaker:
    """Everything that turns a batch of `profile_features` into rows of `drafts`; sent to the workers once."""

    moment: Moment
    package: Package | None  # None: no ranker was promoted as of the run date, popularity orders the candidates
    ranker_id: str
    resuming: Resuming | None = None  # the rankers of Continue Watching
    similars: Neighbours | None = None  # of Because You Watched; where it is not given, those by co-watching
    row_model: RowModel | None = None  # None: rows stand in the order of the template

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        """For mapInArrow: batches of profiles in, batches of page rows out, without ds."""
        booster = None if self.package is None else load(self.package, FEATURES)
        resuming = None if self.resuming is None else self.resuming.loaded()
        for batch in batches:
            for start in range(0, batch.num_rows, self.moment.batch_size):
                profiles = profiles_from(batch.slice(start, self.moment.batch_size), self.moment.catalogue)
                profiles = profiles if resuming is None else resuming.asked(self.moment.catalogue, profiles)
                yield from self.pages(profiles, booster).to_batches()

    def pages(self, profiles: Profiles, booster: lgb.Booster | None) -> pa.Table:
        """The pages of a batch of profiles."""
        candidates = self.moment.pairs(profiles)
        scores = candidates.dense(scored(candidates, booster), self.moment.catalogue.size)
        catalogue, similars = self.moment.catalogue, self.moment.cosine if self.similars is None else self.similars
        return build_pages(catalogue, profiles, scores, similars, self.ranker_id, row_model=self.row_model)


def scored(candidates: Pairs, booster: lgb.Booster | None) -> NDArray[np.floating]:
    """The ranker's score of each pair (N,), or log plays in 30 days where there is no ranker."""
    if booster is None or not len(candidates.matrix):
        return candidates.matrix[:, _FALLBACK]
    return np.asarray(booster.predict(candidates.matrix, num_threads=1))
