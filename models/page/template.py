"""The rule-based page: rows in the order of the template, the baseline that every later page must beat (N-062)."""

import numba
import numpy as np
import pyarrow as pa

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from models.catalogue import Catalogue, Neighbours, Profiles
from models.page.assemble import Page, records
from models.page.dedupe import without_repeats
from models.page.rows import FLOAT, Offers, offers

UNTRAINED = "popularity"  # the ranker_id of scores that no ranker made


def build_pages(
    catalogue: Catalogue,
    profiles: Profiles,
    scores: FLOAT,
    neighbours: Neighbours,
    ranker_id: str = UNTRAINED,
    layout: Pages | None = None,
    kinds: Rows | None = None,
) -> pa.Table:
    """The pages of a batch of profiles: one record for each row, columns of `drafts` without `ds`.

    `scores` (m, n) is each profile's own score of each title, -inf where it is no candidate; `neighbours` are the
    titles each title speaks for. Rows come sorted by profile (in the order given) and position. A profile that may
    see nothing has no page.
    """
    layout, kinds = layout or pages(), kinds or rows()
    if ranker_id == UNTRAINED:
        kinds = without_taste(kinds)
    found = offers(catalogue, profiles, scores, neighbours, kinds, layout)
    return records(catalogue, profiles, found, placed(found, kinds, layout, profiles.size), kinds, ranker_id)


def without_taste(kinds: Rows) -> Rows:
    """The kinds that may stand where no ranker serves: no row may then say that it was ranked for the profile."""
    keep = {name: kind for name, kind in kinds.kinds.items() if kind.evidence != "taste"}
    template, then = (tuple(name for name in names if name in keep) for names in (kinds.template, kinds.then))
    return kinds.model_copy(update={"kinds": keep, "template": template, "then": then})


def placed(found: Offers, kinds: Rows, layout: Pages, size: int) -> Page:
    """Which offers stand on the pages of `size` profiles, at which position and with which of their titles."""
    names, settings = list(kinds.kinds), list(kinds.kinds.values())
    key = found.profile * len(names) + found.kind
    first = np.searchsorted(key, np.arange(size * len(names) + 1))
    count, offer, position, ends, cell = _lay_out(
        first, found.offsets, found.title, found.kind, found.waits, size,
        np.array([names.index(name) for name in kinds.template]),
        np.array([names.index(name) for name in kinds.then], np.int64),
        np.array([[k.min_length, min(k.max_length, layout.columns), k.may_repeat] for k in settings], np.int64),
        np.array(layout.screen), (layout.rows, layout.columns, layout.lead),
    )  # fmt: skip
    return Page(offer[:count], position[:count], ends[: count + 1], cell[: ends[count]])


@numba.njit(cache=True)
def _lay_out(first, offsets, titles, kind, waits, size, template, then, settings, screen, shape):  # type: ignore[no-untyped-def]
    """Walk the template for each profile; offers of (profile, kind) are first[p * kinds + k] up to the next entry.

    `settings` (kinds, 3) holds least and most cells and whether titles may repeat; `shape` is rows, cells, lead. An
    offer that waits is not for the first word of its kind in the template.
    """
    rows, columns, lead = shape
    highest, kinds = 0, len(settings)
    for title in titles:
        highest = max(highest, title)
    shown, chosen = np.full(highest + 1, -1, np.int64), np.empty(columns + lead, np.int64)
    used = np.zeros(len(kind), np.bool_)
    row_offer, row_position = np.empty(len(kind), np.int64), np.empty(len(kind), np.int32)
    ends, cells, count = np.zeros(len(kind) + 1, np.int64), np.empty(len(titles), np.int64), 0
    opening = np.full(kinds, -1, np.int64)  # the first slot of each kind
    for slot in range(len(template) - 1, -1, -1):
        opening[template[slot]] = slot
    for profile in range(size):
        position, slot, since = 0, 0, 0
        while position < rows and (slot < len(template) or since < len(then)):
            k = template[slot] if slot < len(template) else then[(slot - len(template)) % len(then)]
            strict = screen[position] if position < len(screen) else 0
            since = since + 1 if slot >= len(template) else 0
            slot += 1
            for offer in range(first[profile * kinds + k], first[profile * kinds + k + 1]):
                if used[offer] or (waits[offer] and slot - 1 == opening[k]):
                    continue
                row = titles[offsets[offer] : offsets[offer + 1]]
                length = without_repeats(row, shown, profile, lead, strict, settings[k], chosen)
                if length:
                    used[offer] = True
                    row_offer[count], row_position[count] = offer, position + 1
                    for j in range(length):
                        cells[ends[count] + j] = offsets[offer] + chosen[j]
                    ends[count + 1] = ends[count] + length
                    position, count, since = position + 1, count + 1, 0
                    break
    return count, row_offer, row_position, ends, cells
