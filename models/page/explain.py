"""How a row got its position: a profile's page built again with every score kept.

The builder is the one that made the page.
"""
# Tested by tests/cli/test_why.py.

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import RowKind, Rows, rows
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS, exclusion_reasons, played_mask
from models.page.build import TEMPLATE, allowed_kinds, builder_of, choice_context, page_of
from models.page.evidence.row_reasons import row_texts
from models.page.layout import template
from models.page.layout.offer_batch import offer_batch
from models.page.layout.placed_page import Page
from models.page.layout.placement import empty_rows, rules
from models.page.layout.row_features import COVERAGE, FEATURES, WORTH
from models.page.layout.row_model import RowModel
from models.page.layout.row_score import ScoreContext, ScoreTrace, score_trace
from models.page.layout.stagewise import choose
from models.page.rows.offers import Offers, offers
from models.page.rows.orders import FLOAT

OWN_WORTH = FEATURES.index("log_own_worth")


@dataclass(frozen=True)
class RebuiltPage:
    """One profile's page and every offer that was considered for it."""

    builder: str
    offers: Offers
    page: Page
    row_ids: list[str]  # of the offers, in their order
    row_titles: list[str]  # of the same, in the profile's language
    kinds: Rows
    layout: Pages
    context: ScoreContext | None = None  # None where the template placed the rows
    trace: ScoreTrace | None = None

    def position(self, row_id: str) -> int:
        """Where the row stands, from 1; 0 where it does not."""
        page_row_ids = [self.row_ids[offer] for offer in self.page.offer]
        return page_row_ids.index(row_id) + 1 if row_id in page_row_ids else 0

    def candidates(self, position: int) -> list[dict[str, Any]]:
        """Every row that was scored for a position, best first.

        Each with the parts of its score and the rule that keeps it from the position.
        """
        return [self._candidate(entry, position) for entry in self._entries(position)]

    def ranked_ids(self, position: int) -> list[str]:
        """The names of the same rows alone, which takes a hundredth of the time."""
        if self.trace is None:
            return []
        offer = self.trace.scores["offer"]
        return [self.row_ids[offer[entry]] for entry in self._entries(position)]

    def _entries(self, position: int) -> list[int]:
        """Where the trace has the scores of a position, best first."""
        if self.trace is None:
            return []
        scores = self.trace.scores[: int(self.trace.used[0])]
        entry_of_offer = {}  # the last score of each offer counts
        for entry in np.flatnonzero(scores["position"] == position).tolist():
            entry_of_offer[int(scores["offer"][entry])] = entry
        return sorted(
            entry_of_offer.values(), key=lambda k: (-scores["score"][k], scores["offer"][k])
        )

    def _candidate(self, entry: int, position: int) -> dict[str, Any]:
        assert self.trace is not None and self.context is not None
        offer = int(self.trace.scores["offer"][entry])
        score = float(self.trace.scores["score"][entry])
        x = self.trace.x[entry].astype(float)
        worth = float(x[WORTH])
        coverage = self.context.parameters.diversity * float(x[COVERAGE])
        repeats = self._leading_titles(position) & set(self._titles(offer))
        return {
            "row_id": self.row_ids[offer],
            "row_title": self.row_titles[offer],
            "score": score,
            "worth": worth,
            "coverage": coverage,
            "row_model_and_calibration": score - worth - coverage,
            "lost_to_rows_above": 1 - float(np.exp(x[WORTH] - x[OWN_WORTH])),
            "titles_that_give_way": len(repeats),
            "barred": self.barred(offer, position),
        }

    def barred(self, offer: int, position: int) -> str:
        """The rule that keeps an offer from a position, given the rows above; empty for none."""
        if self.context is not None and not self.context.parameters.alone:
            own_position = int(self.context.batch.offers["position"][offer])
            if position < own_position:
                return f"it stands at position {own_position}, below something new"
        limits = self._limits[self.offers.kind[offer]]
        least, most = int(limits[0]), int(limits[1])
        may_repeat = bool(limits[2])
        lead = self._lead
        titles = self._titles(offer)
        leading_above = set() if may_repeat else self._leading_titles(position)
        head = [title for title in titles if title not in leading_above][:lead]
        if len(head) < min(least, lead):
            return f"{len(head)} of its titles lead no row above, {min(least, lead)} are needed"
        if may_repeat:
            return ""
        rest = [title for title in titles if title not in head]
        return self._likeness_rule(set((head + rest)[:most]), position)

    def _likeness_rule(self, titles: set[int], position: int) -> str:
        """What is said where too many of these titles stand in the row just above the position."""
        row_above = position - 2  # an index; positions count from 1
        if not 0 <= row_above < len(self.page.offer) or self._row_kind(row_above).may_repeat:
            return ""
        titles_above = set(self._cells(row_above))
        both = len(titles & titles_above)
        either = len(titles | titles_above)
        if both <= self.layout.choice.alike * either:
            return ""
        return f"{both} of the {either} titles of it and of the row just above stand in both"

    @cached_property
    def _limits(self) -> NDArray[np.int64]:
        """Of each kind of row the fewest and the most cells, and whether they may stand elsewhere too."""
        return rules(self.kinds, self.layout, 0).kinds

    @cached_property
    def _lead(self) -> int:
        """Cells at the head of a row that are compared with the rows above."""
        by_builder = self.layout.choice.fresh
        if self.builder == TEMPLATE:
            by_builder = self.layout.lead
        return max(by_builder, self.layout.lead)

    def _row_kind(self, row: int) -> RowKind:
        kind = self.offers.kind[self.page.offer[row]]
        return list(self.kinds.kinds.values())[kind]

    def _titles(self, offer: int) -> list[int]:
        return self.offers.title[self.offers.entries_of(offer)].tolist()

    def _cells(self, row: int) -> list[int]:
        """The titles of a row of the page."""
        cells = self.page.cell[self.page.entries_of(row)]
        return self.offers.title[cells].tolist()

    def _leading_titles(self, position: int) -> set[int]:
        """The titles in the heads of the rows above a position, but for kinds that may repeat."""
        titles: set[int] = set()
        for row in range(min(position - 1, len(self.page.offer))):
            if not self._row_kind(row).may_repeat:
                titles.update(self._cells(row)[: self._lead])
        return titles


def rebuilt_page(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    near: Neighbours,
    ranker_id: str,
    row_model: RowModel | None,
) -> RebuiltPage:
    """The page of the one profile of a batch with every score kept, before exploration."""
    layout = pages()
    kinds = allowed_kinds(rows(), layout, ranker_id)
    builder = builder_of(layout, ranker_id, row_model)
    candidates = offers(catalogue, profiles, scores, near, kinds, layout)
    offer_count = len(candidates.kind)
    texts = row_texts(
        catalogue, profiles, candidates, np.arange(offer_count), list(kinds.kinds.items())
    )
    row_ids, titles = texts["row_id"], texts["row_title"]
    if row_model is None or builder == TEMPLATE:
        page = page_of(template.template_rows(candidates, kinds, layout, profiles.size))
        return RebuiltPage(builder, candidates, page, row_ids, titles, kinds, layout)
    batch = offer_batch(catalogue, profiles, scores, candidates, kinds, layout)
    context = choice_context(batch, kinds, layout, row_model)
    placed_rows = empty_rows(offer_count, len(candidates.title))
    trace = score_trace(layout.rows * offer_count, context.row.x.shape[1])
    choose(context, placed_rows, trace)
    page = page_of(placed_rows)
    return RebuiltPage(builder, candidates, page, row_ids, titles, kinds, layout, context, trace)


def exclusion_counts(catalogue: Catalogue, profiles: Profiles) -> dict[str, int]:
    """How many titles each rule keeps from the one profile of a batch; the first rule counts."""
    reason = exclusion_reasons(catalogue, profiles)[0]
    is_played = played_mask(profiles, catalogue.size)[0]
    is_allowed = reason == 0
    counts = {"titles": catalogue.size}
    for code, name in enumerate(EXCLUSION_REASONS):
        if code:
            counts[name] = int(np.count_nonzero(reason == code))
    counts["played before"] = int(np.count_nonzero(is_allowed & is_played))
    counts["left"] = int(np.count_nonzero(is_allowed & ~is_played))
    return counts
