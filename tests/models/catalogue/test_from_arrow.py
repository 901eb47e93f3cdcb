"""Arrow tables of two titles and two profiles as arrays."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from models.catalogue.arrays import EVERYBODY
from models.catalogue.from_arrow import (
    NO_LIMIT,
    catalogue_from,
    main_language,
    neighbours_from,
    profiles_from,
)

NOW = datetime(2026, 1, 10, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
WORDS = pa.list_(pa.string())
PLAYS_IN = pa.list_(pa.struct({"country": pa.string(), "plays_7d": pa.int64()}))
HISTORY = pa.list_(
    pa.struct(
        {
            "title_id": pa.string(),
            "first_at": INSTANT,
            "last_at": INSTANT,
            "plays_count": pa.int32(),
            "stars": pa.float64(),
            "resume_seconds": pa.float64(),
            "duration_seconds": pa.float64(),
            "finished_count": pa.float64(),
            "thumb": pa.float64(),
            "episode": pa.string(),
            "next_episode": pa.string(),
            "device": pa.string(),
        }
    )
)
MY_LIST = pa.list_(pa.struct({"title_id": pa.string(), "listed_at": INSTANT}))


def titles(ids=("b", "a")):
    """b is a drama of an unknown year, a a comedy of 1994."""
    nothing = pa.array([None, None], WORDS)
    return pa.table(
        {
            "title_id": list(ids),
            "name": ["Bee", "Ant"],
            "year": pa.array([None, 1994], pa.int32()),
            "genres": pa.array([["Drama", ""], ["Comedy"]], WORDS),
            "maturity": pa.array([None, 12], pa.int32()),
            "directors": nothing,
            "cast": nothing,
            "keywords": nothing,
            "awards": nothing,
            "languages": pa.array([["pt-BR"], None], WORDS),
        }
    )


FEATURES = pa.table(
    {
        "title_id": ["a", "b"],
        "title_plays_count_all": [3, None],
        "country_plays": pa.array(
            [[{"country": "NO", "plays_7d": 2}, {"country": "SE", "plays_7d": 5}], None], PLAYS_IN
        ),
    }
)
NO_WINDOWS = pa.table(
    {
        "title_id": pa.array([], pa.string()),
        "country": pa.array([], pa.string()),
        "from_at": pa.array([], INSTANT),
        "until_at": pa.array([], INSTANT),
    }
)
ARTWORK = pa.table(
    {
        "title_id": ["b", "a", "b", "gone"],
        "artwork_id": ["b2", "a1", "b1", "x1"],
        "theme": ["face", None, "place", "face"],
        "representativeness": [1.0, 0.44, 0.0, 1.0],
        "maturity": pa.array([18, None, None, None], pa.int32()),
    }
)


@pytest.fixture(scope="module")
def catalogue():
    return catalogue_from(FEATURES, titles(), NO_WINDOWS, ARTWORK, NOW.timestamp())


def test_titles_are_sorted_by_their_ids(catalogue):
    assert catalogue.title_ids.tolist() == ["a", "b"]
    assert catalogue.names.tolist() == ["Ant", "Bee"]
    assert catalogue.maturity.tolist() == [12, -1]
    assert catalogue.genres == ("Comedy", "Drama")
    assert catalogue.genre_matrix.tolist() == [[1, 0], [0, 1]]


def test_features_and_languages_of_titles(catalogue):
    assert catalogue.features["title_plays_count_all"][0] == 3
    assert np.isnan(catalogue.features["title_plays_count_all"][1])
    assert {name: mask.tolist() for name, mask in catalogue.audio.items()} == {"pt": [0, 1]}


def test_plays_by_country_and_of_everybody(catalogue):
    plays = {country: of["plays_7d"].tolist() for country, of in catalogue.country_plays.items()}
    assert plays == {EVERYBODY: [7, 0], "NO": [2, 0], "SE": [5, 0]}


def test_artwork_is_sorted_by_title_and_artwork_id(catalogue):
    pools = catalogue.gallery.pools
    assert pools.artwork_ids.tolist() == ["a1", "b1", "b2"]
    assert pools.title.tolist() == [0, 1, 1]
    assert [pools.themes[theme] for theme in pools.theme] == ["", "place", "face"]
    assert pools.level.tolist() == [4, 0, 10]
    assert pools.maturity.tolist() == [-1, -1, 18]


def test_tables_of_different_titles_are_refused():
    with pytest.raises(ValueError, match="different titles"):
        catalogue_from(FEATURES, titles(("b", "c")), NO_WINDOWS, ARTWORK, NOW.timestamp())


def play(title_id, days_ago):
    at = NOW - timedelta(days=days_ago)
    rest = dict.fromkeys(["resume_seconds", "duration_seconds", "finished_count", "thumb"])
    texts = dict.fromkeys(["episode", "next_episode", "device"])
    entry = {"title_id": title_id, "first_at": at, "last_at": at, "plays_count": 2, "stars": 4.0}
    return {**entry, **rest, **texts}


def profiles():
    return pa.table(
        {
            "profile_id": ["ann", "bob"],
            "profile_plays_count_all": [2, None],
            "country": ["NO", None],
            "maturity_limit": pa.array([None, 7], pa.int32()),
            "kids": [None, True],
            "blocked_titles": pa.array([["b", "gone"], None], WORDS),
            "languages": pa.array([["pt-BR"], None], WORDS),
            "history": pa.array([[play("b", 1), play("gone", 2), play("a", 3)], None], HISTORY),
            "my_list": pa.array(
                [None, [{"title_id": "a", "listed_at": NOW}, {"title_id": "gone"}]], MY_LIST
            ),
        }
    )


def test_histories_hold_titles_of_the_catalogue(catalogue):
    of_both = profiles_from(profiles(), catalogue)
    assert of_both.offsets.tolist() == [0, 2, 2]
    assert of_both.history(0).tolist() == [1, 0]
    assert of_both.last_at_s[0] == (NOW - timedelta(days=1)).timestamp()
    assert of_both.plays.tolist() == [2, 2] and of_both.stars.tolist() == [4, 4]


def test_settings_of_profiles_have_a_value_where_they_are_null(catalogue):
    of_both = profiles_from(profiles(), catalogue)
    assert of_both.country.tolist() == ["NO", ""]
    assert of_both.maturity_limit.tolist() == [NO_LIMIT, 7]
    assert of_both.kids.tolist() == [False, True]
    assert [titles.tolist() for titles in of_both.blocked] == [[1], []]
    assert of_both.understands == (frozenset({"pt"}), frozenset())


def test_neighbours_of_one_method_over_the_titles_of_the_catalogue(catalogue):
    lists = [
        [{"title_id": "a", "weight": 0.9}, {"title_id": "gone", "weight": 0.5}],
        [{"title_id": "a", "weight": 0.1}],
    ]
    table = pa.table({"method": ["ease", "cosine"], "title_id": ["b", "b"], "neighbours": lists})
    neighbours = neighbours_from(table, "ease", catalogue)
    assert neighbours.offsets.tolist() == [0, 0, 1]
    assert neighbours.title.tolist() == [0]
    assert neighbours.weight.tolist() == [np.float32(0.9)]


def test_a_language_loses_its_region():
    assert [main_language(tag) for tag in ("pt-BR", "EN")] == ["pt", "en"]
