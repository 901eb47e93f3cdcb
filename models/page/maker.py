"""Profiles to scored candidates to pages: what a worker does with each batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import pages
from conf.rankers import ranker_settings
from models.candidates.features import FEATURES, Pairs
from models.candidates.moment import Moment
from models.catalogue.arrays import Neighbours, Ordered, Profiles
from models.catalogue.from_arrow import profiles_from
from models.page.build import UNTRAINED, build_pages, builder_of
from models.page.layout.row_model import RowModel
from models.rankers.continue_watching.serve import Resuming
from models.rankers.package import Package, proved
from models.rankers.quickscorer import Scorer

PVR = "pvr"
WHOLE = 4  # the whole catalogue has about so many times the pairs that the candidates have
_FALLBACK = FEATURES.index("title_plays_count_30d")


@dataclass(frozen=True)
class PageMaker:
    """Everything that turns a batch of `profile_features` into rows of `drafts`; sent to the workers once."""

    moment: Moment
    package: (
        Package | None
    )  # None: no such ranker was promoted as of the run date, and PVR orders the candidates
    ranker_id: str  # of what orders the candidates: without any ranker popularity does
    resuming: Resuming | None = None  # the rankers of Continue Watching
    similars: Neighbours | None = (
        None  # of Because You Watched; where it is not given, those by co-watching
    )
    row_model: RowModel | None = None  # None: rows stand in the order of the template
    pvr: Package | None = (
        None  # orders the whole catalogue; None: its rows are ordered as the candidates are
    )
    pvr_id: str = UNTRAINED

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        """For mapInArrow: batches of profiles in, batches of page rows out, without ds."""
        for profiles, scores in self.asked(batches):
            yield from self.pages(profiles, scores).to_batches()

    def asked(
        self, batches: Iterable[pa.RecordBatch | pa.Table]
    ) -> Iterable[tuple[Profiles, NDArray[np.float32]]]:
        """Profiles as pages are made for them, some at a time, and their own scores of each title (m, n)."""
        names = ranker_settings(PVR).features(FEATURES)
        head = None if self.package is None else proved(self.package, FEATURES)
        resuming = None if self.resuming is None else self.resuming.loaded()
        pvr = None if self.pvr is None else proved(self.pvr, names)
        for batch in batches:
            for start in range(0, batch.num_rows, self.batch_size):
                profiles = profiles_from(batch.slice(start, self.batch_size), self.moment.catalogue)
                profiles = (
                    profiles
                    if resuming is None
                    else resuming.asked(self.moment.catalogue, profiles)
                )
                if pvr is not None:
                    profiles = replace(
                        profiles, pvr=ordered(self.moment, profiles, pvr, names, self.pvr_id)
                    )
                candidates = self.moment.pairs(profiles)
                wishes = scored(candidates, head, profiles.pvr)
                yield profiles, candidates.dense(wishes, self.moment.catalogue.size)

    def pages(self, profiles: Profiles, scores: NDArray[np.float32]) -> pa.Table:
        """The pages of a batch of profiles."""
        return build_pages(
            self.moment.catalogue,
            profiles,
            scores,
            self.near,
            self.ranker_id,
            row_model=self.row_model,
        )

    @property
    def batch_size(self) -> int:
        """How many profiles to score at once."""
        return (
            self.moment.batch_size if self.pvr is None else max(1, self.moment.batch_size // WHOLE)
        )

    @property
    def builder(self) -> str:
        """Who chooses the rows of the pages."""
        return builder_of(pages(), self.ranker_id, self.row_model)

    @property
    def near(self) -> Neighbours:
        """The similars that Because You Watched is filled from."""
        return self.moment.cosine if self.similars is None else self.similars


def scored(
    candidates: Pairs, head: Scorer | None, whole: Ordered | None = None
) -> NDArray[np.floating]:
    """The ranker's score of each pair (N,); without it that of the order of all, else log plays in 30 days."""
    if head is None and whole is not None:
        return whole.scores[candidates.profile, candidates.title]
    if head is None or not len(candidates.matrix):
        return candidates.matrix[:, _FALLBACK]
    return head(candidates.matrix)


def ordered(
    moment: Moment, profiles: Profiles, pvr: Scorer, names: Sequence[str], ranker_id: str
) -> Ordered:
    """Every title that each profile may be shown and did not play, by a ranker of the whole catalogue (N-010)."""
    found = moment.pairs(profiles, whole=True, names=names)
    return Ordered(ranker_id, found.dense(pvr(found.matrix), moment.catalogue.size))
