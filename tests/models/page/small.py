"""Catalogues and profiles small enough to work a page out by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from models.arrays import pictures_from
from models.artwork.gallery import Gallery
from models.catalogue import Catalogue, Neighbours, Profiles

AS_OF_S = 893_289_599.999999  # 1998-04-22 23:59:59.999999 UTC
DAY_S = 86_400.0
WINDOWS = ("1d", "3d", "7d", "14d", "30d", "60d", "90d", "365d", "all")


def catalogue(titles: dict[str, dict[str, Any]], countries: Sequence[str] = ()) -> Catalogue:
    """A catalogue from {title_id: facts}; facts are genres, maturity, plays (all windows), plays_7d ..., trend, age,
    launch (days ago), year_age, gone_in ({country: True} for not available), ends ({country: epoch s}), art (a list of
    pictures, each with columns of `artwork`). All are optional.
    """
    ids = sorted(titles)
    facts = [titles[t] for t in ids]
    genres = tuple(sorted({g for f in facts for g in f.get("genres", ())}))

    def numbers(name: str, default: object = np.nan) -> np.ndarray:
        return np.array([f.get(name, default) for f in facts], np.float32)

    features = {
        f"title_plays_count_{w}": np.array([f.get(f"plays_{w}", f.get("plays", 0)) for f in facts], np.float32)
        for w in WINDOWS
    }
    features |= {
        "title_trend_7d": numbers("trend", 0.0),
        "title_trend_30d": numbers("trend", 0.0),
        "title_first_play_age_days": numbers("age"),
        "title_launch_age_days": numbers("launch"),
        "title_year_age": numbers("year_age"),
    }
    everywhere = ["", *countries]
    return Catalogue(
        title_ids=np.array(ids, object),
        names=np.array([f.get("name", f"Name {t}") for t, f in zip(ids, facts, strict=True)], object),
        genres=genres,
        genre_matrix=np.array([[g in f.get("genres", ()) for g in genres] for f in facts], bool).reshape(len(ids), -1),
        maturity=np.array([f.get("maturity", -1) for f in facts], np.int16),
        features=features,
        available={c: np.array([not f.get("gone_in", {}).get(c, False) for f in facts]) for c in everywhere},
        ends_s={c: np.array([f.get("ends", {}).get(c, np.inf) for f in facts]) for c in everywhere},
        gallery=_gallery(ids, facts, genres),
        as_of_s=AS_OF_S,
    )


def _gallery(ids: list[str], facts: list[dict[str, Any]], genres: tuple[str, ...]) -> Gallery:
    rows = [{"title_id": t, **picture} for t, f in zip(ids, facts, strict=True) for picture in f.get("art", ())]
    known = pa.schema({"title_id": pa.string(), "artwork_id": pa.string(), "theme": pa.string(),
                       "representativeness": pa.float64(), "maturity": pa.int32()})  # fmt: skip
    ages = np.array([f.get("maturity", -1) for f in facts], np.int16)
    table = pa.Table.from_pylist(rows, schema=known)
    return Gallery(pictures_from(table, np.array(ids, object)), np.array(ids, object), ages, genres)


def profiles(shop: Catalogue, people: dict[str, dict[str, Any]]) -> Profiles:
    """Profiles from {profile_id: facts}; facts are history (newest first: title_id or (title_id, stars, plays)),
    country, limit, kids, blocked. All optional.
    """
    at = {t: i for i, t in enumerate(shop.title_ids)}
    entries = [
        [entry if isinstance(entry, tuple) else (entry, np.nan, 1) for entry in facts.get("history", ())]
        for facts in people.values()
    ]
    flat = [entry for one in entries for entry in one]
    newest = [AS_OF_S - DAY_S * place for one in entries for place in range(len(one))]
    return Profiles(
        profile_ids=np.array(list(people), object),
        offsets=np.concatenate([[0], np.cumsum([len(one) for one in entries])]).astype(np.int64),
        title=np.array([at[t] for t, _, _ in flat], np.int32),
        last_at_s=np.array(newest, np.float64),
        plays=np.array([plays for _, _, plays in flat], np.int32),
        stars=np.array([stars for _, stars, _ in flat], np.float32),
        features={},
        country=np.array([facts.get("country", "") for facts in people.values()], object),
        maturity_limit=np.array([facts.get("limit", 99) for facts in people.values()], np.int16),
        kids=np.array([facts.get("kids", False) for facts in people.values()], bool),
        blocked=tuple(np.array([at[t] for t in f.get("blocked", ())], np.int32) for f in people.values()),
    )


def scores(shop: Catalogue, wishes: Sequence[dict[str, float]]) -> np.ndarray:
    """One row of scores for each profile; a title that is not named is no candidate."""
    table = np.full((len(wishes), shop.size), -np.inf, np.float32)
    for row, wish in enumerate(wishes):
        for title, score in wish.items():
            table[row, list(shop.title_ids).index(title)] = score
    return table


def neighbours(shop: Catalogue, similar: dict[str, dict[str, float]]) -> Neighbours:
    """Weights {title: {other: weight}}, each title's strongest first, ties by title."""
    at = {t: i for i, t in enumerate(shop.title_ids)}
    lists = [sorted(similar.get(t, {}).items(), key=lambda pair: (-pair[1], pair[0])) for t in shop.title_ids]
    return Neighbours(
        np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64),
        np.array([at[other] for one in lists for other, _ in one], np.int32),
        np.array([weight for one in lists for _, weight in one], np.float32),
    )


def shown(pages: pa.Table, profile: str) -> list[tuple[str, str]]:
    """A profile's page as (row_id, the titles in order, with spaces between)."""
    rows = [row for row in pages.to_pylist() if row["profile_id"] == profile]
    assert [row["row_position"] for row in rows] == list(range(1, len(rows) + 1))
    return [(row["row_id"], " ".join(cell["title_id"] for cell in row["cells"])) for row in rows]
