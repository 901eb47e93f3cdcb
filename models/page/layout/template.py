"""The rule-based page: rows in the order of the template, the baseline that every later page must beat (N-062)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.compiled import njit
from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.dedupe import I32, I64
from models.page.layout.placement import (
    PageScratch,
    PlacedRows,
    RowToPlace,
    Rules,
    cells_that_fit,
    count_repeats,
    empty_rows,
    page_scratch,
    place_row,
    rules,
)
from models.page.rows.offers import Offers


class TemplateOffers(NamedTuple):
    """The offers of m profiles, and the kinds of row in the order of the template."""

    first: I64  # (m x kinds + 1,) the first offer of each profile and kind
    kind: I64  # (o,)
    offsets: I64  # (o + 1,) where the titles of each offer begin
    title: I32  # titles of all offers
    waits: NDArray[np.bool_]  # (o,) not for the first slot of its kind
    template: I64  # kinds of the first slots
    then: I64  # kinds of the slots after those, again and again


def template_rows(offers: Offers, kinds: Rows, layout: Pages, size: int) -> PlacedRows:
    """The rows on the pages of `size` profiles, with their positions and cells, by the template."""
    names = list(kinds.kinds)
    key = offers.profile * len(names) + offers.kind
    by_template = TemplateOffers(
        np.searchsorted(key, np.arange(size * len(names) + 1)),
        offers.kind,
        offers.offsets,
        offers.title,
        offers.waits,
        np.array([names.index(name) for name in kinds.template], np.int64),
        np.array([names.index(name) for name in kinds.then], np.int64),
    )
    page_rules = rules(kinds, layout, layout.lead)
    out = empty_rows(len(offers.kind), len(offers.title))
    _fill_pages(by_template, page_rules, page_scratch(offers.title, page_rules), out, size)
    return out


@njit()
def _fill_pages(
    offers: TemplateOffers, rules: Rules, scratch: PageScratch, out: PlacedRows, size: int
) -> None:
    """Walk the template for each profile: at each slot the first offer of its kind that fits.

    An offer that waits is not for the first slot of its kind.
    """
    template, then = offers.template, offers.then
    kinds = len(rules.kinds)
    used = np.zeros(len(offers.offsets) - 1, np.bool_)
    first_slot = np.full(kinds, -1, np.int64)
    for slot in range(len(template) - 1, -1, -1):
        first_slot[template[slot]] = slot
    for profile in range(size):
        position, slot, since = 1, 0, 0
        scratch.last[1] = 0
        for offer in range(offers.first[profile * kinds], offers.first[(profile + 1) * kinds]):
            titles = offers.title[offers.offsets[offer] : offers.offsets[offer + 1]]
            count_repeats(scratch, rules, titles, offers.kind[offer], profile)
        while position <= rules.rows and (slot < len(template) or since < len(then)):
            if slot < len(template):
                kind = template[slot]
                since = 0
            else:
                kind = then[(slot - len(template)) % len(then)]
                since += 1
            is_first = slot == first_slot[kind]
            slot += 1
            group = profile * kinds + kind
            for offer in range(offers.first[group], offers.first[group + 1]):
                if used[offer] or (offers.waits[offer] and is_first):
                    continue
                first_cell = offers.offsets[offer]
                titles = offers.title[first_cell : offers.offsets[offer + 1]]
                row = RowToPlace(kind, profile, position, offer, first_cell)
                count = cells_that_fit(scratch, rules, titles, row)
                if count:
                    place_row(scratch, rules, out, titles, row, count)
                    used[offer] = True
                    position += 1
                    since = 0
                    break
