"""Violations of the rules of pages, counted by other means than the code that builds them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from conf.pages import Pages
from conf.rows import RowKind, Rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed, showable

Row = dict[str, Any]  # profile_id, row_position, row_id, row_kind, anchor_title_id, titles
ROW_COLUMNS = ["profile_id", "row_position", "row_id", "row_kind", "anchor_title_id"]


def violations(
    page_rows: pa.Table, catalogue: Catalogue, profiles: Profiles, layout: Pages, kinds: Rows
) -> dict[str, int]:
    """How often each rule is broken over all pages; rules that are kept are left out.

    `page_rows` are records of `drafts`.
    """
    pages = _pages_by_profile(page_rows)
    title_ids, is_allowed = catalogue.title_ids, allowed(catalogue, profiles)
    counts: Counter[str] = Counter()
    for index, needs_page in enumerate(showable(catalogue, profiles)):
        profile_id = profiles.profile_ids[index]
        rules = _PageRules(
            allowed=set(title_ids[is_allowed[index]]),
            played=set(title_ids[profiles.history(index)]),
            layout=layout,
            kinds=kinds,
        )
        counts.update(rules.broken_by(pages.get(profile_id, [])))
        if needs_page and profile_id not in pages:
            counts["no page for a profile that may see something"] += 1
    without_probability = _cells_without_probability(page_rows)
    if without_probability:
        counts["a cell without a probability"] = without_probability
    return dict(counts)


def _cells_without_probability(page_rows: pa.Table) -> int:
    cells = page_rows["cells"].combine_chunks().flatten()
    count = 0
    for name in ("propensity", "title_propensity"):
        probability = cells.field(name).to_numpy(zero_copy_only=False)
        is_valid = (probability > 0) & (probability <= 1)
        count += int(np.count_nonzero(~is_valid))
    return count


def _pages_by_profile(page_rows: pa.Table) -> dict[str, list[Row]]:
    cells = page_rows["cells"].combine_chunks()
    titles = pa.ListArray.from_arrays(cells.offsets, cells.flatten().field("title_id"))
    pages: dict[str, list[Row]] = defaultdict(list)
    rows = page_rows.select(ROW_COLUMNS).to_pylist()
    for row, titles_of_row in zip(rows, titles.to_pylist(), strict=True):
        pages[row["profile_id"]].append({**row, "titles": titles_of_row})
    return dict(pages)


@dataclass(frozen=True)
class _PageRules:
    """The rules for the page of one profile."""

    allowed: set[str]  # titles that it may be shown
    played: set[str]
    layout: Pages
    kinds: Rows

    def broken_by(self, page: list[Row]) -> Iterator[str]:
        """Each rule that the page breaks, as often as it does."""
        positions = [row["row_position"] for row in page]
        if positions != list(range(1, len(page) + 1)) or len(page) > self.layout.rows:
            yield "positions are not 1, 2, 3 and so on"
        if len({row["row_id"] for row in page}) < len(page):
            yield "a row stands twice"
        in_view = self._titles_in_view(page)
        if len(set(in_view)) < len(in_view):
            yield "a title stands twice in the first screens"
        for row in page:
            kind = self.kinds.kinds.get(row["row_kind"])
            if kind is None or row["row_kind"] in self.layout.forbidden:
                yield "a kind of row that may not stand"
            else:
                yield from self._broken_by_row(row, kind)
        for row, below in pairwise(page):
            if self._is_alike(row, below):
                yield "a row is too like the one above"

    def _broken_by_row(self, row: Row, kind: RowKind) -> Iterator[str]:
        titles, anchor = row["titles"], row["anchor_title_id"]
        most = min(kind.max_length, self.layout.columns)
        if not kind.min_length <= len(titles) <= most:
            yield "a row is too short or too long"
        if len(set(titles)) < len(titles):
            yield "a title stands twice in a row"
        if not set(titles) <= self.allowed:
            yield "a title is not for the profile, or not available"
        if kind.watched == "hide" and set(titles) & self.played:
            yield "a title that was played stands where none may"
        if kind.watched not in ("hide", "show") and not set(titles) <= self.played:
            yield "a title that was not played stands among those that were"
        if anchor is not None and (anchor not in self.played or anchor in titles):
            yield "a row stands on a title that the profile did not play, or shows it"

    def _titles_in_view(self, page: list[Row]) -> list[str]:
        """Titles of the union of all devices' first screens, except for rows that may repeat."""
        width = dict(enumerate(self.layout.screen, 1))
        titles = []
        for row in page:
            if not self._may_repeat(row):
                titles += row["titles"][: width.get(row["row_position"], 0)]
        return titles

    def _is_alike(self, row: Row, below: Row) -> bool:
        """Whether two rows share more titles than the layout allows.

        Rows that may repeat are never alike.
        """
        if self._may_repeat(row) or self._may_repeat(below):
            return False
        titles, titles_below = set(row["titles"]), set(below["titles"])
        most_shared = self.layout.choice.alike * len(titles | titles_below)
        return len(titles & titles_below) > most_shared

    def _may_repeat(self, row: Row) -> bool:
        """Whether the row's kind may repeat titles; one that is not known may not."""
        kind = self.kinds.kinds.get(row["row_kind"])
        return kind is not None and kind.may_repeat
