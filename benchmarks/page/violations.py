"""Violations of the rules of pages, counted by other means than the code that builds them: what may
be shown by the judge, which asks tables alone, and the form of pages here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyarrow as pa

from benchmarks.page import facts
from conf.judge import Subject
from conf.pages import Pages
from conf.rows import RowKind, Rows
from judge.judgement import judgement
from models.catalogue.arrays import Catalogue, Profiles

Row = dict[str, Any]  # profile_id, row_position, row_id, row_kind, anchor_title_id, titles
SUBJECTS: tuple[Subject, ...] = ("titles", "artwork", "sentences", "anchors", "pages")
ROW_COLUMNS = ["profile_id", "row_position", "row_id", "row_kind", "anchor_title_id"]


def violations(
    page_rows: pa.Table, catalogue: Catalogue, profiles: Profiles, layout: Pages, kinds: Rows
) -> dict[str, int]:
    """How often each rule is broken over all pages; rules that are kept are left out.

    `page_rows` are records of `drafts`. What may be shown at all is the judge's to say.
    """
    counts = form_violations(page_rows, catalogue, profiles, layout, kinds)
    counts.update(_offences(page_rows, catalogue, profiles))
    counts["no page for a profile that may see something"] = _missing_pages(
        page_rows, catalogue, profiles
    )
    return dict(+counts)


def form_violations(
    page_rows: pa.Table, catalogue: Catalogue, profiles: Profiles, layout: Pages, kinds: Rows
) -> Counter[str]:
    """How often each rule of form is broken: positions, lengths, repeats, what was played."""
    pages = _pages_by_profile(page_rows)
    counts: Counter[str] = Counter()
    for index, profile_id in enumerate(profiles.profile_ids):
        played = set(catalogue.title_ids[profiles.history(index)])
        counts.update(_PageRules(played, layout, kinds).broken_by(pages.get(profile_id, [])))
    return counts


def _offences(page_rows: pa.Table, catalogue: Catalogue, profiles: Profiles) -> Counter[str]:
    """What the judge finds on the pages."""
    given = {"given": facts.as_given(page_rows, facts.moment_of(catalogue))}
    found = judgement(given | facts.known_facts(catalogue, profiles), SUBJECTS)
    return Counter(found.offences)


def _missing_pages(page_rows: pa.Table, catalogue: Catalogue, profiles: Profiles) -> int:
    """Profiles without a page that may see a title which somebody played and they did not dislike."""
    with_page = set(page_rows["profile_id"].unique().to_pylist())
    without_page = [name for name in profiles.profile_ids if name not in with_page]
    if not without_page:
        return 0
    known = facts.known_facts(catalogue, profiles)
    was_played = catalogue.features["title_plays_count_all"] > 0
    known["titles"] = known["titles"].filter(pa.array(was_played))
    disliked = facts.disliked_titles(profiles)
    known["profiles"] = facts.profiles_table(catalogue, profiles, disliked)
    asked = facts.as_asked(without_page, facts.moment_of(catalogue))
    return judgement(known | {"asked": asked}, ("pages",)).offences.get("page_empty", 0)


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
        rows_of_title = Counter(title for row in page for title in set(row["titles"]))
        if max(rows_of_title.values(), default=0) > self.layout.choice.most_rows:
            yield "a title stands in too many rows"
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
