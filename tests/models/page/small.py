"""Catalogues and profiles small enough to work a page out by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from conf.days import DAY_S
from conf.evidence import evidence
from conf.rows import FACETS
from models.artwork.gallery import Gallery
from models.catalogue.arrays import EVERYBODY, Catalogue, Neighbours, Profiles
from models.catalogue.facets import tags
from models.catalogue.from_arrow import artwork_pools
from models.catalogue.watch_state import MyLists, Viewing
from models.ragged import Ragged

AS_OF_S = 893_289_599.999999  # 1998-04-22 23:59:59.999999 UTC
VIEWED = {  # a log without watch times
    "resume_s": np.nan,
    "length_s": np.nan,
    "finished": np.nan,
    "thumb": np.nan,
    "episode": "",
    "next_episode": "",
    "device": "",
}
WINDOWS = ("1d", "3d", "7d", "14d", "30d", "60d", "90d", "365d", "all")


def catalogue(titles: dict[str, dict[str, Any]], countries: Sequence[str] = ()) -> Catalogue:
    """A catalogue from {title_id: facts}, all of them optional.

    Facts are genres, maturity, plays (all windows), plays_7d ..., before (plays in the 28 days before those 7; by
    default as many a day), trend, seasons ((in season, of earlier years)), age, launch (days ago), year_age, stars,
    rated (how often), art (a list of pictures, each with columns of `artwork`), languages, cast and other facets. By
    country: plays_in ({country: (in each short window, before)}), gone_in ({country: True} for not available), ends
    (epoch s), since (days ago), back (True).
    """
    ids = sorted(titles)
    facts = [titles[t] for t in ids]
    genres = tuple(sorted({g for f in facts for g in f.get("genres", ())}))

    def numbers(name: str, default: object = np.nan) -> np.ndarray:
        return np.array([f.get(name, default) for f in facts], np.float32)

    features = {
        f"title_plays_count_{w}": np.array(
            [f.get(f"plays_{w}", f.get("plays", 0)) for f in facts], np.float32
        )
        for w in WINDOWS
    }
    features |= {
        "title_trend_7d": numbers("trend", 0.0),
        "title_trend_30d": np.zeros(len(ids), np.float32),
        "title_stars_mean": numbers("stars"),
        "title_stars_count": numbers("rated", 0.0),
        "title_first_play_age_days": numbers("age"),
        "title_launch_age_days": numbers("launch"),
        "title_year_age": numbers("year_age"),
    }
    everywhere = ["", *countries]
    return Catalogue(
        title_ids=np.array(ids, object),
        names=np.array(
            [f.get("name", f"Name {t}") for t, f in zip(ids, facts, strict=True)], object
        ),
        genres=genres,
        genre_matrix=np.array(
            [[g in f.get("genres", ()) for g in genres] for f in facts], bool
        ).reshape(len(ids), -1),
        maturity=np.array([f.get("maturity", -1) for f in facts], np.int16),
        features=features,
        available={
            c: np.array([not f.get("gone_in", {}).get(c, False) for f in facts]) for c in everywhere
        },
        ends_s={c: np.array([f.get("ends", {}).get(c, np.inf) for f in facts]) for c in everywhere},
        gallery=_gallery(ids, facts, genres),
        as_of_s=AS_OF_S,
        since_s={
            c: AS_OF_S - DAY_S * numbers_in(facts, "since", c).astype(np.float64)
            for c in everywhere
        },
        back={c: numbers_in(facts, "back", c) > 0 for c in everywhere},
        country_plays=_country_plays(facts, features, countries),
        facets={name: tags([f.get(name, ()) for f in facts]) for name in FACETS if name != "genre"},
        audio={
            language: np.array([language in f.get("languages", ()) for f in facts])
            for language in sorted({spoken for f in facts for spoken in f.get("languages", ())})
        },
    )


def numbers_in(facts: list[dict[str, Any]], name: str, country: str) -> np.ndarray:
    """The fact of each title in a country, NaN where it is not given."""
    return np.array([f.get(name, {}).get(country, np.nan) for f in facts], np.float32)


def _country_plays(
    facts: list[dict[str, Any]], features: dict[str, np.ndarray], countries: Sequence[str]
) -> dict[str, dict[str, np.ndarray]]:
    short = {f"plays_{w}": features[f"title_plays_count_{w}"] for w in ("1d", "3d", "7d")}
    before = np.array(
        [f.get("before", 4 * week) for f, week in zip(facts, short["plays_7d"], strict=True)],
        np.float32,
    )
    seasons = np.array([f.get("seasons", (0, 0)) for f in facts], np.float32)
    rest = {"season_plays": seasons[:, 0], "earlier_plays": seasons[:, 1]}
    found = {EVERYBODY: {**short, "plays_before": before, **rest}}
    for country in countries:
        given = np.array([f.get("plays_in", {}).get(country, (0, 0)) for f in facts], np.float32)
        found[country] = {**dict.fromkeys(short, given[:, 0]), "plays_before": given[:, 1], **rest}
    return found


def _gallery(ids: list[str], facts: list[dict[str, Any]], genres: tuple[str, ...]) -> Gallery:
    rows = [
        {"title_id": t, **picture}
        for t, f in zip(ids, facts, strict=True)
        for picture in f.get("art", ())
    ]
    known = pa.schema(
        {
            "title_id": pa.string(),
            "artwork_id": pa.string(),
            "theme": pa.string(),
            "representativeness": pa.float64(),
            "maturity": pa.int32(),
        }
    )
    ages = np.array([f.get("maturity", -1) for f in facts], np.int16)
    table = pa.Table.from_pylist(rows, schema=known)
    return Gallery(artwork_pools(table, np.array(ids, object)), np.array(ids, object), ages, genres)


def profiles(shop: Catalogue, people: dict[str, dict[str, Any]]) -> Profiles:
    """Profiles from {profile_id: facts}; facts are history (newest first: title_id or (title_id, stars, plays)), states
    ({title_id: what VIEWED has, changed}), listed (newest first), country, limit, kids, blocked. All optional.
    """
    at = {t: i for i, t in enumerate(shop.title_ids)}
    entries = [
        [
            entry if isinstance(entry, tuple) else (entry, np.nan, 1)
            for entry in facts.get("history", ())
        ]
        for facts in people.values()
    ]
    flat = [entry for one in entries for entry in one]
    states = [
        VIEWED | facts.get("states", {}).get(t, {})
        for one, facts in zip(entries, people.values(), strict=True)
        for t, _, _ in one
    ]
    on_lists = [facts.get("listed", ()) for facts in people.values()]
    newest = [AS_OF_S - DAY_S * place for one in entries for place in range(len(one))]
    return Profiles(
        profile_ids=np.array(list(people), object),
        offsets=_offsets(entries),
        title=np.array([at[t] for t, _, _ in flat], np.int32),
        last_at_s=np.array(newest, np.float64),
        plays=np.array([plays for _, _, plays in flat], np.int32),
        stars=np.array([stars for _, stars, _ in flat], np.float32),
        features={},
        country=np.array([facts.get("country", "") for facts in people.values()], object),
        maturity_limit=np.array([facts.get("limit", 99) for facts in people.values()], np.int16),
        kids=np.array([facts.get("kids", False) for facts in people.values()], bool),
        blocked=tuple(
            np.array([at[t] for t in f.get("blocked", ())], np.int32) for f in people.values()
        ),
        understands=tuple(frozenset(facts.get("languages", ())) for facts in people.values()),
        language=np.array(
            [evidence().language_of(facts.get("languages")) for facts in people.values()], object
        ),
        viewing=_viewing(states, newest),
        my_lists=MyLists(
            _offsets(on_lists),
            np.array([at[t] for one in on_lists for t in one], np.int32),
            np.array(
                [AS_OF_S - DAY_S * place for one in on_lists for place in range(len(one))],
                np.float64,
            ),
        ),
    )


def _offsets(lists: Sequence[Sequence[Any]]) -> np.ndarray:
    return Ragged.from_counts(np.array([len(one) for one in lists], np.int64)).offsets


def _viewing(states: list[dict[str, Any]], newest: list[float]) -> Viewing:
    numbers = {
        n: np.array([s[n] for s in states], np.float32)
        for n in ("resume_s", "length_s", "finished", "thumb")
    }
    texts = {
        n: np.array([s[n] for s in states], object) for n in ("episode", "next_episode", "device")
    }
    return Viewing(**numbers, **texts, first_at_s=np.array(newest, np.float64))


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
    lists = [
        sorted(similar.get(t, {}).items(), key=lambda pair: (-pair[1], pair[0]))
        for t in shop.title_ids
    ]
    return Neighbours(
        _offsets(lists),
        np.array([at[other] for one in lists for other, _ in one], np.int32),
        np.array([weight for one in lists for _, weight in one], np.float32),
    )


def shown(pages: pa.Table, profile: str) -> list[tuple[str, str]]:
    """A profile's page as (row_id, the titles in order, with spaces between)."""
    rows = [row for row in pages.to_pylist() if row["profile_id"] == profile]
    assert [row["row_position"] for row in rows] == list(range(1, len(rows) + 1))
    return [(row["row_id"], " ".join(cell["title_id"] for cell in row["cells"])) for row in rows]
