"""Where a cell came from: what gave its title, its score, the rules it passed, its row, its picture."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conf.promises import Price
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.eligibility import EXCLUSION_REASONS, exclusion_reasons
from models.page.explain import RebuiltPage, exclusion_counts, rebuilt_page
from models.page.maker import PageMaker
from studio.reports.page_cells import cells_of_page, maker_of_page
from studio.reports.ranker_rows import page_maker_of, profile_rows

RANKINGS = ("personal", "pvr")  # the orders of conf/rows.yaml that are a profile's own
KEPT = 8  # pages built again, in memory: people ask for one cell after the other
ORDERED_BY = {  # of conf/rows.yaml
    "personal": "the ranker's order of this profile's candidates",
    "pvr": "the ranker's order of the whole catalogue",
    "similar": "likeness to the title that the row is about",
    "popularity": "plays of all in the country",
    "trend": "plays that rise in the country",
    "newness": "launch and windows, newest first",
    "return": "windows that opened again",
    "season": "plays at this time of earlier years",
    "acclaim": "ratings by few",
    "history": "what the profile finished and liked",
    "resume": "what the profile has begun",
    "list": "the profile's own list",
}
PASSED = (
    "not blocked by the profile",
    "within its maturity limit",
    "in a language that it understands",
    "not listed twice",
    "available in its country",
)


@dataclass(frozen=True)
class BuiltAgain:
    """A published page as its builder makes it now, by what its experiment cells change, every score kept."""

    catalogue: Catalogue
    profiles: Profiles
    page: RebuiltPage
    ranker_id: str
    excluded: NDArray[np.int8]  # (n,) which rule keeps each title away, 0 for none
    counts: dict[str, int]  # of titles that each rule keeps away
    prices: tuple[Price, ...]  # of promised titles

    @property
    def row_ids(self) -> list[str]:
        """The rows of the page in their order."""
        return [self.page.row_ids[offer] for offer in self.page.page.offer]

    @property
    def own_prices(self) -> list[Price]:
        """The prices of promised titles that are on the profile's own scores."""
        countries = ("", self.profiles.country[0])
        return [price for price in self.prices if price.country in countries]

    def title(self, title_id: str) -> int | None:
        """The index of a title; None where the catalogue of the day lacks it."""
        return self.catalogue.title_index.get(title_id)


Key = tuple[str, date, tuple[str, ...]]
_kept: OrderedDict[Key, tuple[PageMaker, BuiltAgain]] = OrderedDict()


def built_again(page_rows: Sequence[dict[str, Any]]) -> BuiltAgain:
    """A published page built again, unless it is among the last that were."""
    profile_id, day = page_rows[0]["profile_id"], page_rows[0]["ds"]
    key, of_day = (profile_id, day, cells_of_page(page_rows)), page_maker_of(day)
    known = _kept.get(key)
    if known is None or known[0] is not of_day:
        with maker_of_page(page_rows) as maker:
            known = _kept[key] = (of_day, _built(maker, profile_id, day))
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return known[1]


def _built(maker: PageMaker, profile_id: str, day: date) -> BuiltAgain:
    profiles, scores = next(iter(maker.asked([profile_rows(day, profile_id)])))
    catalogue, near = maker.moment.catalogue, maker.near
    page = rebuilt_page(catalogue, profiles, scores, near, maker.ranker_id, maker.row_model)
    excluded = exclusion_reasons(catalogue, profiles)[0]
    counts = exclusion_counts(catalogue, profiles)
    return BuiltAgain(catalogue, profiles, page, maker.ranker_id, excluded, counts, maker.prices)


def row_traces(built: BuiltAgain, row: dict[str, Any]) -> list[dict[str, Any]]:
    """What is known of each cell of a published row, by part; None for a part that cannot be told.

    What its cells share is looked for once.
    """
    places, placed = _places(built, row), _row(built, row)
    return [
        {
            "source": _source(built, row, cell, places),
            "score": _score(cell),
            "filters": _filters(built, cell),
            "row": placed,
            "picture": _picture(cell),
        }
        for cell in row["cells"]
    ]


def cell_trace(built: BuiltAgain, row: dict[str, Any], cell: dict[str, Any]) -> dict[str, Any]:
    """What is known of one published cell."""
    return row_traces(built, row | {"cells": [cell]})[0]


def is_complete(trace: dict[str, Any]) -> bool:
    """Whether every part of a trace is told."""
    return all(part is not None for part in trace.values())


def _places(built: BuiltAgain, row: dict[str, Any]) -> dict[int, int]:
    """Of each title that the row could have, by index, where it stood in its list, from 1."""
    if row["row_id"] not in built.page.row_ids:
        return {}
    offer = built.page.row_ids.index(row["row_id"])
    listed = built.page.offers.title[built.page.offers.entries_of(offer)].tolist()
    return {title: place for place, title in enumerate(listed, 1)}


def _source(
    built: BuiltAgain, row: dict[str, Any], cell: dict[str, Any], places: dict[int, int]
) -> str | None:
    """Which list gave the title, and where it stood there."""
    chance = cell["title_propensity"]
    if chance is not None and chance < 1:
        return f"Drawn among titles that are new to the service, with probability {chance:.3g}."
    title = built.title(cell["title_id"])
    if title is None or title not in places:
        return None
    kind = built.page.kinds.kinds[row["row_kind"]]
    place = f"Number {places[title]} of {len(places)} that the row could have"
    return f"{place}, by {ORDERED_BY[kind.order]}.{_price(built, kind, cell['title_id'])}"


def _price(built: BuiltAgain, kind: RowKind, title_id: str) -> str:
    """What a promise adds to the title's score, in rows that are ordered by it; empty without one."""
    if kind.order not in RANKINGS and not kind.personal_weight:
        return ""
    own = [price.price for price in built.own_prices if price.title_id == title_id]
    return f" Promises add {sum(own):.4g} to its score." if own else ""


def _score(cell: dict[str, Any]) -> float | None:
    score = cell["score"]
    return score if score is not None and np.isfinite(score) else None


def _filters(built: BuiltAgain, cell: dict[str, Any]) -> str | None:
    """The rules that the title passed; None where one would keep it away."""
    title = built.title(cell["title_id"])
    if title is None or built.excluded[title]:
        return None
    return f"It is {', '.join(PASSED)}."


def _row(built: BuiltAgain, row: dict[str, Any]) -> str | None:
    """How the row came to its position; None where the builder would place it elsewhere now."""
    position = built.page.position(row["row_id"])
    if position != row["row_position"]:
        return None
    names = built.page.ranked_ids(position)
    if not names:
        return f"The template places such rows, here at {position}."
    if row["row_id"] not in names:
        return None
    return f"Number {names.index(row['row_id']) + 1} of {len(names)} rows by score at position {position}."


def _picture(cell: dict[str, Any]) -> str | None:
    """Which picture it has, chosen by what and how probably."""
    if not cell["artwork_id"] or not cell["policy"] or cell["propensity"] is None:
        return None
    return f"{cell['artwork_id']}, chosen by {cell['policy']} with probability {cell['propensity']:.3g}."


assert len(PASSED) == len(EXCLUSION_REASONS) - 1
