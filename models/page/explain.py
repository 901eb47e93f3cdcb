"""How a row won its place: the page of one profile built again with every score kept, by the builder that made it."""
# Tested by tests/cli/test_why.py.

from dataclasses import dataclass
from typing import Any

import numpy as np

from conf.pages import Pages
from conf.rows import Rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS, exclusion_reasons, played_mask
from models.page.build import TEMPLATE, allowed_kinds, builder_of, page_of
from models.page.evidence.row_reasons import row_texts
from models.page.layout import template
from models.page.layout.offer_batch import choice_parameters, offer_batch
from models.page.layout.placed_page import Page
from models.page.layout.placement import empty_rows, rules
from models.page.layout.row_features import COVERAGE, FEATURES, WORTH
from models.page.layout.row_model import RowModel, names
from models.page.layout.row_score import ScoreContext, ScoreTrace, score_context, score_trace
from models.page.layout.stagewise import choose
from models.page.rows.offers import Offers, offers
from models.page.rows.orders import FLOAT

OWN = FEATURES.index("log_own_worth")


@dataclass(frozen=True)
class Rebuilt:
    """One profile's page and all that was considered for it; `row_ids` are of all offers, in their order."""

    builder: str
    found: Offers
    page: Page
    row_ids: list[str]
    kinds: Rows
    layout: Pages
    context: ScoreContext | None  # None where the template placed the rows
    kept: ScoreTrace | None

    def position(self, row_id: str) -> int:
        """Where the row stands, from 1; 0 where it does not."""
        placed = [self.row_ids[offer] for offer in self.page.offer]
        return placed.index(row_id) + 1 if row_id in placed else 0

    def candidates(self, position: int) -> list[dict[str, Any]]:
        """Every row that was scored for a position, best first: what its score is made of, and why it may not stand."""
        if self.kept is None or self.context is None:
            return []
        made = self.kept.scores[: int(self.kept.used[0])]
        at = {int(made["offer"][k]): int(k) for k in np.flatnonzero(made["position"] == position)}
        ranked = sorted(at.values(), key=lambda k: (-made["score"][k], made["offer"][k]))
        return [
            self._candidate(int(made["offer"][k]), float(made["score"][k]), k, position)
            for k in ranked
        ]

    def _candidate(self, offer: int, score: float, k: int, position: int) -> dict[str, Any]:
        assert self.kept is not None and self.context is not None
        x, numbers = self.kept.x[k].astype(float), self.context.parameters
        worth, coverage = float(x[WORTH]), numbers.diversity * float(x[COVERAGE])
        return {
            "row_id": self.row_ids[offer],
            "score": score,
            "worth": worth,
            "coverage": coverage,
            "row_model_and_calibration": score - worth - coverage,
            "lost_to_rows_above": 1 - float(np.exp(x[WORTH] - x[OWN])),
            "titles_that_give_way": len(self._leading(position) & set(self._titles(offer))),
            "barred": self.barred(offer, position),
        }

    def barred(self, offer: int, position: int) -> str:
        """The rule that keeps an offer from a position, given the rows above it; empty where none does."""
        least, most, may_repeat = (
            int(n) for n in rules(self.kinds, self.layout, 0).kinds[self.found.kind[offer]]
        )
        lead = self._lead
        above = set() if may_repeat else self._leading(position)
        titles = self._titles(offer)
        fresh = [title for title in titles if title not in above][:lead]
        if len(fresh) < min(least, lead):
            return f"{len(fresh)} of its titles lead no row above, {min(least, lead)} are needed"
        before = self._row(position - 1)
        if may_repeat or before is None or self._may_repeat(before):
            return ""
        shown = (fresh + [title for title in titles if title not in fresh])[:most]
        both, all_ = (
            len(set(shown) & set(self._cells(before))),
            len(set(shown) | set(self._cells(before))),
        )
        alike = both > self.layout.choice.alike * all_
        return (
            f"{both} of the {all_} titles of it and of the row just above stand in both"
            if alike
            else ""
        )

    @property
    def _lead(self) -> int:
        wanted = self.layout.lead if self.builder == TEMPLATE else self.layout.choice.fresh
        return max(wanted, self.layout.lead)

    def _row(self, position: int) -> int | None:
        return position - 1 if 0 < position <= len(self.page.offer) else None

    def _may_repeat(self, row: int) -> bool:
        return list(self.kinds.kinds.values())[self.found.kind[self.page.offer[row]]].may_repeat

    def _titles(self, offer: int) -> list[int]:
        return self.found.title[self.found.entries_of(offer)].tolist()

    def _cells(self, row: int) -> list[int]:
        cells = self.page.cell[self.page.entries_of(row)]
        return self.found.title[cells].tolist()

    def _leading(self, position: int) -> set[int]:
        rows = [
            row
            for row in range(min(position - 1, len(self.page.offer)))
            if not self._may_repeat(row)
        ]
        return {title for row in rows for title in self._cells(row)[: self._lead]}


def rebuilt(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    near: Neighbours,
    ranker_id: str,
    row_model: RowModel | None,
    layout: Pages,
    kinds: Rows,
) -> Rebuilt:
    """The page of the one profile of a batch, before any title was drawn into it, with every score kept."""
    kinds, builder = (
        allowed_kinds(kinds, layout, ranker_id),
        builder_of(layout, ranker_id, row_model),
    )
    found = offers(catalogue, profiles, scores, near, kinds, layout)
    texts = row_texts(
        catalogue, profiles, found, np.arange(len(found.kind)), list(kinds.kinds.items())
    )
    if row_model is None or builder == TEMPLATE:
        page = page_of(template.template_rows(found, kinds, layout, profiles.size))
        return Rebuilt(builder, found, page, texts["row_id"], kinds, layout, None, None)
    batch = offer_batch(catalogue, profiles, scores, found, kinds, layout)
    context = score_context(
        batch,
        rules(kinds, layout, layout.choice.fresh),
        choice_parameters(layout),
        row_model.trees(names(kinds)),
    )
    out, kept = (
        empty_rows(len(found.kind), len(found.title)),
        score_trace(layout.rows * len(found.kind), len(context.row.x)),
    )
    choose(context, out, kept)
    return Rebuilt(builder, found, page_of(out), texts["row_id"], kinds, layout, context, kept)


def removed(catalogue: Catalogue, profiles: Profiles) -> dict[str, int]:
    """How many titles each rule keeps from the one profile of a batch; of several the first counts."""
    away, seen = (
        exclusion_reasons(catalogue, profiles)[0],
        played_mask(profiles, catalogue.size)[0],
    )
    found = {
        name: int(np.count_nonzero(away == place))
        for place, name in enumerate(EXCLUSION_REASONS)
        if place
    }
    left = int(np.count_nonzero((away == 0) & ~seen))
    return {
        "titles": catalogue.size,
        **found,
        "played before": int(np.count_nonzero((away == 0) & seen)),
        "left": left,
    }
