"""The rule-based page: rows in the order of the template, the baseline that every later page must beat (N-062)."""

import numba
import numpy as np

from conf.pages import Pages
from conf.rows import Rows
from models.page.layout.placement import Laid, board, fits, laid, put, rules
from models.page.rows.offers import Offers


def placed(found: Offers, kinds: Rows, layout: Pages, size: int) -> Laid:
    """Which offers stand on the pages of `size` profiles, at which position and with which of their titles."""
    names = list(kinds.kinds)
    key = found.profile * len(names) + found.kind
    law, out = rules(kinds, layout, layout.lead), laid(len(found.kind), len(found.title))
    _lay_out(
        np.searchsorted(key, np.arange(size * len(names) + 1)),
        found.offsets,
        found.title,
        found.waits,
        size,
        np.array([names.index(name) for name in kinds.template]),
        np.array([names.index(name) for name in kinds.then], np.int64),
        law,
        board(found.title, law),
        out,
    )
    return out


@numba.njit(cache=True)
def _lay_out(first, offsets, titles, waits, size, template, then, rules, page, out):  # type: ignore[no-untyped-def]
    """Walk the template for each profile; offers of (profile, kind) are first[p * kinds + k] up to the next entry.

    An offer that waits is not for the first word of its kind in the template.
    """
    kinds, used = len(rules.kinds), np.zeros(len(offsets) - 1, np.bool_)
    opening = np.full(kinds, -1, np.int64)  # the first slot of each kind
    for slot in range(len(template) - 1, -1, -1):
        opening[template[slot]] = slot
    for profile in range(size):
        position, slot, since = 1, 0, 0
        page.last[1] = 0
        while position <= rules.rows and (slot < len(template) or since < len(then)):
            k = template[slot] if slot < len(template) else then[(slot - len(template)) % len(then)]
            since = since + 1 if slot >= len(template) else 0
            slot += 1
            for offer in range(first[profile * kinds + k], first[profile * kinds + k + 1]):
                row = titles[offsets[offer] : offsets[offer + 1]]
                barred = used[offer] or (waits[offer] and slot - 1 == opening[k])
                length = 0 if barred else fits(page, rules, row, k, profile, position)
                if length:
                    put(page, rules, out, row, k, profile, position, offer, offsets[offer], length)
                    used[offer] = True
                    position, since = position + 1, 0
                    break
