"""Profiles to scored candidates to pages: what a worker does with each batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.candidates import candidate_settings
from conf.changes import Changes, in_force
from conf.experiments import NONE, SERVING
from conf.pages import pages
from conf.promises import Price
from conf.rankers import (
    CONTINUATION,
    CONTINUE_WATCHING,
    PVR,
    ROW_MODEL,
    TOP_PICKS,
    UNTRAINED,
    ranker_settings,
)
from conf.rows import rows
from models.candidates.because_you_watched import because
from models.candidates.features import FEATURES, Pairs
from models.candidates.moment import Moment
from models.catalogue.arrays import Catalogue, Neighbours, Profiles, RankerScores
from models.catalogue.from_arrow import profiles_from
from models.page.build import ChosenRows, build_pages, builder_of, chosen_rows
from models.page.layout.row_model import WORTH_ALONE, RowModel, names
from models.page.prices import promised, raised
from models.rankers.continue_watching.serve import ResumePackages
from models.rankers.package import ServingRanker, proved_scorer
from models.rankers.quickscorer import Scorer
from models.rankers.whole_catalogue import WholeCatalogue

WHOLE = 4  # the whole catalogue has about so many times the pairs that the candidates have
_FALLBACK = FEATURES.index("title_plays_count_30d")


@dataclass(frozen=True)
class PageMaker:
    """Everything that turns a batch of `profile_features` into rows of `drafts`; sent to the workers once."""

    moment: Moment
    rankers: Mapping[str, ServingRanker]  # of the day that the pages stand on, by name
    context: dict[str, float]  # of the day on which the pages are seen
    near: Neighbours  # the similars that Because You Watched is filled from
    refused_policies: tuple[str, ...] = ()  # of artwork, and why they do not serve
    prices: tuple[Price, ...] = ()  # of titles that are promised to profiles

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        """For mapInArrow: batches of profiles in, batches of page rows out, without ds."""
        for profiles, scores in self.asked(batches):
            yield from self.pages(profiles, scores).to_batches()

    def asked(
        self, batches: Iterable[pa.RecordBatch | pa.Table]
    ) -> Iterable[tuple[Profiles, NDArray[np.float32]]]:
        """Profiles as pages are made for them, some at a time, and their own scores of each title (m, n)."""
        head = self._scorer(TOP_PICKS, FEATURES)
        whole = self._whole_catalogue()
        resume_rankers = self.resume_packages.load()
        catalogue = self.moment.catalogue
        for batch in batches:
            for start in range(0, batch.num_rows, self.batch_size):
                profiles = profiles_from(batch.slice(start, self.batch_size), catalogue)
                profiles = resume_rankers.scored(catalogue, profiles)
                inputs = self.moment.inputs(profiles)
                if whole is not None:
                    profiles = replace(profiles, pvr=whole.ordered(inputs))
                wanted = promised(catalogue, profiles, self.prices)
                candidates = self.moment.pairs(profiles, inputs=inputs, promised=wanted)
                wishes = scored(candidates, head, profiles.pvr)
                scores = candidates.dense(wishes, catalogue.size)
                yield profiles, raised(catalogue, profiles, scores, self.prices)

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

    def chosen(self, profiles: Profiles, scores: NDArray[np.float32]) -> ChosenRows:
        """The rows of these pages and their titles, without pictures, reasons and words."""
        return chosen_rows(
            self.moment.catalogue,
            profiles,
            scores,
            self.near,
            self.ranker_id,
            pages(),
            rows(),
            self.row_model,
        )

    def priced(self, prices: Iterable[Price]) -> "PageMaker":
        """The same maker with these prices on promised titles."""
        return replace(self, prices=tuple(prices))

    def changed(self, changes: Changes, rankers: Mapping[str, ServingRanker]) -> "PageMaker":
        """The maker of a variant, with the same catalogue, item models and features.

        `rankers` has those that the changes name by ranker_id.
        """
        serving = {
            path.removeprefix(f"{SERVING}."): name
            for path, name in changes.items()
            if path.startswith(f"{SERVING}.")
        }
        moment, none = self.moment, ServingRanker(None, UNTRAINED)
        if serving.pop("artwork", "") == NONE:
            gallery = replace(moment.catalogue.gallery, policy=None)
            moment = replace(moment, catalogue=replace(moment.catalogue, gallery=gallery))
        own = {ranker: none if name == NONE else rankers[name] for ranker, name in serving.items()}
        with in_force(changes):
            near = near_titles(moment.catalogue, moment.cosine)
            moment = replace(moment, per_source=candidate_settings().per_source)
        return replace(self, moment=moment, rankers={**self.rankers, **own}, near=near)

    @property
    def batch_size(self) -> int:
        """How many profiles to score at once."""
        whole_catalogue = self.rankers[PVR].package is not None
        size = self.moment.batch_size
        return max(1, size // WHOLE) if whole_catalogue else size

    @property
    def builder(self) -> str:
        """Who chooses the rows of the pages."""
        return builder_of(pages(), self.ranker_id, self.row_model)

    @property
    def ranker_id(self) -> str:
        """Of what orders the candidates: PVR where no Top-N serves, popularity where neither does."""
        top_picks = self.rankers[TOP_PICKS]
        serving = top_picks if top_picks.package else self.rankers[PVR]
        return serving.ranker_id

    @cached_property
    def row_model(self) -> RowModel:
        """What scores rows: where no row model serves, their worth alone."""
        ranker = self.rankers[ROW_MODEL]
        return RowModel(ranker.ranker_id if ranker.package else WORTH_ALONE, ranker.package)

    @property
    def degraded(self) -> list[str]:
        """The rankers and artwork policies that were refused, and what serves in their place; a row
        model that does not know every kind of row.
        """
        told = []
        for name, ranker in self.rankers.items():
            if ranker.refused:
                serves = ranker.ranker_id if ranker.package else "nothing"
                told.append(f"{name}: {serves} serves; refused: {'; '.join(ranker.refused)}")
        if self.refused_policies:
            serves = self.moment.catalogue.gallery.version
            told.append(f"artwork: {serves} serves; refused: {'; '.join(self.refused_policies)}")
        kinds = self.row_model.unknown_kinds(names(rows()))
        if kinds:
            told.append(f"{ROW_MODEL}: {self.row_model.name} does not know {', '.join(kinds)}")
        return told

    @property
    def resume_packages(self) -> ResumePackages:
        """The rankers of Continue Watching."""
        order, continuation = self.rankers[CONTINUE_WATCHING], self.rankers[CONTINUATION]
        return ResumePackages(order.package, continuation.package, self.context)

    def _whole_catalogue(self) -> WholeCatalogue | None:
        """What orders the whole catalogue of each profile; None where PVR does not serve."""
        names = ranker_settings(PVR).features(FEATURES)
        pvr = self._scorer(PVR, names)
        if pvr is None:
            return None
        return WholeCatalogue(self.moment.catalogue, pvr, names, self.rankers[PVR].ranker_id)

    def _scorer(self, name: str, features: Sequence[str]) -> Scorer | None:
        package = self.rankers[name].package
        return None if package is None else proved_scorer(package, features)


def near_titles(catalogue: Catalogue, cosine: Neighbours) -> Neighbours:
    """The titles that rows of the order "similar" are drawn from."""
    similar = next((kind for kind in rows().kinds.values() if kind.order == "similar"), None)
    return cosine if similar is None else because(similar, catalogue, cosine)


def scored(
    candidates: Pairs, head: Scorer | None, whole: RankerScores | None = None
) -> NDArray[np.floating]:
    """The ranker's score of each pair (N,); without it that of the order of all, else log plays in 30 days."""
    if head is None and whole is not None:
        return whole.scores[candidates.profile, candidates.title]
    if head is None or not len(candidates.matrix):
        return candidates.matrix[:, _FALLBACK]
    return head(candidates.matrix)


def ordered(
    moment: Moment, profiles: Profiles, pvr: Scorer, names: Sequence[str], ranker_id: str
) -> RankerScores:
    """Every title that each profile may be shown and did not play, by a ranker of the whole catalogue (N-010)."""
    whole = WholeCatalogue(moment.catalogue, pvr, names, ranker_id)
    return whole.ordered(moment.inputs(profiles))
