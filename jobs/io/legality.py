"""Whether a stored page may still be shown: settings and availability may have changed since (N-600, N-601)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.io.still import newest_versions
from jobs.io.versions import VERSIONED
from models.arrays import NO_LIMIT, catalogue_from, main_language
from models.catalogue import Catalogue, Profiles
from models.page.general import PLAYS_IN
from models.page.rules import REASONS, reasons

Rows = list[dict[str, Any]]
SETTINGS = ["country", "languages", "maturity_limit", "kids", "blocked_titles"]


@dataclass(frozen=True)
class Removed:
    """What may no longer be shown: a title or a whole row, and why."""

    row_id: str
    title_id: str
    reason: str


def legal(profile_id: str, rows: Rows, at: datetime) -> tuple[Rows, list[Removed]]:
    """The rows as they may be shown at a moment, by the rules of `models/page/rules.py`, and what was removed.

    Rows about a title that the profile may no longer meet go with all their cells, and so do rows without any cell
    left. Positions stay as they were published, so that what is seen can be told from what was built.
    """
    shown = sorted({cell["title_id"] for row in rows for cell in row["cells"]} | {*_anchors(rows)})
    catalogue = _catalogue(shown, at)
    away = reasons(catalogue, _profile(profile_id, catalogue, at))[0].tolist()
    why = {title: REASONS[away[place]] for place, title in enumerate(catalogue.title_ids.tolist())}
    unavailable = REASONS[-1]  # of an anchor only the name is shown, and the play happened
    kept, removed = [], []
    for row in rows:
        anchor = row["anchor_title_id"]
        if anchor and why.get(anchor, "") not in ("", unavailable):
            removed.append(Removed(row["row_id"], anchor, why[anchor]))
            continue
        cells = [cell for cell in row["cells"] if not why.get(cell["title_id"])]
        gone = [cell["title_id"] for cell in row["cells"] if why.get(cell["title_id"])]
        removed += [Removed(row["row_id"], title, why[title]) for title in gone]
        if cells:
            kept.append({**row, "cells": cells})
    return kept, removed


def sentences(removed: list[Removed]) -> list[str]:
    """What was removed, for people: how many titles and why."""
    titles: dict[str, set[str]] = {}
    for one in removed:
        titles.setdefault(one.reason, set()).add(one.title_id)
    return [
        f"Removed since the page was built: {len(names)} {'title' if len(names) == 1 else 'titles'} {reason}"
        for reason, names in titles.items()
    ]


def reading_moment(now: datetime, newest_page_end: datetime) -> datetime:
    """The moment a page is read: now, but for a log that has ended the end of the day that its newest page is for."""
    return min(now, newest_page_end + timedelta(days=1))


def _anchors(rows: Rows) -> set[str]:
    return {row["anchor_title_id"] for row in rows if row["anchor_title_id"]}


def _catalogue(title_ids: list[str], at: datetime) -> Catalogue:
    """The titles as they are known at a moment; nothing is said of plays."""
    titles = newest_versions("titles", *VERSIONED["titles"], at, title_ids)
    launched = titles["launched_at"].to_pylist()
    age = [None if when is None else (at - when).total_seconds() / 86400 for when in launched]
    nothing, plays = (
        pa.nulls(titles.num_rows, pa.float64()),
        pa.struct([("country", pa.string()), *((name, pa.int64()) for name in PLAYS_IN)]),
    )
    features = pa.table({
        "title_id": titles["title_id"], "title_launch_age_days": pa.array(age, pa.float64()),
        "title_year_age": nothing, "title_plays_count_all": nothing,
        "country_plays": pa.nulls(len(age), pa.list_(plays)),
    })  # fmt: skip
    windows = newest_versions("availability", ["title_id", "country", "from_at"],
                              ["title_id", "country", "from_at", "until_at"], at, title_ids)  # fmt: skip
    pictures = newest_versions("artwork", *VERSIONED["artwork"], at, [])  # none is asked for here
    return catalogue_from(features, titles, windows, pictures, at.timestamp())


def _profile(profile_id: str, catalogue: Catalogue, at: datetime) -> Profiles:
    """The profile with its newest settings; one that has none may see everything."""
    found = newest_versions("profiles", ["profile_id"], ["profile_id", *SETTINGS], at, [profile_id]).to_pylist()
    one = found[0] if found else dict.fromkeys(SETTINGS)
    at_title = {title: place for place, title in enumerate(catalogue.title_ids.tolist())}
    blocked = [at_title[title] for title in one["blocked_titles"] or () if title in at_title]
    limit = NO_LIMIT if one["maturity_limit"] is None else one["maturity_limit"]
    return Profiles(
        profile_ids=np.array([profile_id], object), offsets=np.zeros(2, np.int64), title=np.zeros(0, np.int32),
        last_at_s=np.zeros(0), plays=np.zeros(0, np.int32), stars=np.zeros(0, np.float32), features={},
        country=np.array([one["country"] or ""], object), maturity_limit=np.array([limit], np.int16),
        kids=np.array([bool(one["kids"])]), blocked=(np.array(blocked, np.int32),),
        understands=(frozenset(map(main_language, one["languages"] or ())),),
    )  # fmt: skip
