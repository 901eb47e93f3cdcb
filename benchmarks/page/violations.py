"""Breaks of the rules of pages, counted from their records: by other means than the loops that made them."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from conf.pages import Pages
from conf.rows import RowKind, Rows
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import allowed, showable

Row = dict[str, Any]  # profile_id, row_position, row_id, row_kind, anchor_title_id, titles
NAMES = ["profile_id", "row_position", "row_id", "row_kind", "anchor_title_id"]


def violations(
    made: pa.Table, catalogue: Catalogue, profiles: Profiles, layout: Pages, kinds: Rows
) -> dict[str, int]:
    """How often each rule is broken over all pages, rules that are kept left out; `made` are records of `drafts`."""
    may, ids = allowed(catalogue, profiles), catalogue.title_ids
    pages = _by_profile(made)
    found: dict[str, int] = {}
    for place, must in enumerate(showable(catalogue, profiles)):
        name = profiles.profile_ids[place]
        legal, played = set(ids[may[place]]), set(ids[profiles.history(place)])
        broken = list(_broken(pages.get(name, []), legal, played, layout, kinds))
        broken += (
            ["no page for a profile that may see something"] if must and name not in pages else []
        )
        for rule in broken:
            found[rule] = found.get(rule, 0) + 1
    uncertain = _without_probability(made)
    return found | ({"a cell without a probability": uncertain} if uncertain else {})


def _without_probability(made: pa.Table) -> int:
    cells = made["cells"].combine_chunks().flatten()
    columns = [
        cells.field(name).to_numpy(zero_copy_only=False)
        for name in ("propensity", "title_propensity")
    ]
    return int(sum(np.count_nonzero(~((column > 0) & (column <= 1))) for column in columns))


def _by_profile(made: pa.Table) -> dict[str, list[Row]]:
    cells = made["cells"].combine_chunks()
    titles = pa.ListArray.from_arrays(cells.offsets, cells.flatten().field("title_id"))
    pages: dict[str, list[Row]] = {}
    for row, shown in zip(made.select(NAMES).to_pylist(), titles.to_pylist(), strict=True):
        pages.setdefault(row["profile_id"], []).append({**row, "titles": shown})
    return pages


def _broken(
    page: list[Row], legal: set[str], played: set[str], layout: Pages, kinds: Rows
) -> Iterator[str]:
    if [row["row_position"] for row in page] != list(range(1, len(page) + 1)) or len(
        page
    ) > layout.rows:
        yield "positions are not 1, 2, 3 and so on"
    if len({row["row_id"] for row in page}) < len(page):
        yield "a row stands twice"
    seen = _in_view(page, layout, kinds)
    if len(set(seen)) < len(seen):
        yield "a title stands twice in the first screens"
    for row in page:
        if row["row_kind"] not in kinds.kinds or row["row_kind"] in layout.forbidden:
            yield "a kind of row that may not stand"
        else:
            yield from _broken_row(row, kinds.kinds[row["row_kind"]], legal, played, layout)
    for row, below in pairwise(page):
        if not (_may_repeat(row, kinds) or _may_repeat(below, kinds)):
            one, other = row["titles"], below["titles"]
            if len(set(one) & set(other)) > layout.choice.alike * len(set(one) | set(other)):
                yield "a row is too like the one above"


def _broken_row(
    row: Mapping[str, Any], kind: RowKind, legal: set[str], played: set[str], layout: Pages
) -> Iterator[str]:
    titles = row["titles"]
    if not kind.min_length <= len(titles) <= min(kind.max_length, layout.columns):
        yield "a row is too short or too long"
    if len(set(titles)) < len(titles):
        yield "a title stands twice in a row"
    if not set(titles) <= legal:
        yield "a title is not for the profile, or not available"
    if kind.watched == "hide" and set(titles) & played:
        yield "a title that was played stands where none may"
    if kind.watched not in ("hide", "show") and not set(titles) <= played:
        yield "a title that was not played stands among those that were"
    if row["anchor_title_id"] is not None and (
        row["anchor_title_id"] not in played or row["anchor_title_id"] in titles
    ):
        yield "a row stands on a title that the profile did not play, or shows it"


def _in_view(page: list[Row], layout: Pages, kinds: Rows) -> list[str]:
    """Titles of the union of all devices' first screens, but of rows that may repeat."""
    width = dict(enumerate(layout.screen, 1))
    rows = [row for row in page if not _may_repeat(row, kinds)]
    return [title for row in rows for title in row["titles"][: width.get(row["row_position"], 0)]]


def _may_repeat(row: Row, kinds: Rows) -> bool:
    """Whether the row's kind may; one that is not known may not."""
    kind = kinds.kinds.get(row["row_kind"])
    return kind is not None and kind.may_repeat
