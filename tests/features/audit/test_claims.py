"""What rows may claim of titles, title by title and country by country."""

from datetime import timedelta

import pytest

from conf.contracts import contract
from conf.days import end_of
from features.audit.claims import claims
from features.audit.pages import title_facts
from tests import drafts, worlds

AS_OF = end_of(drafts.DS)
PLAYS = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")


def at(days: float):  # type: ignore[no-untyped-def]
    return AS_OF - timedelta(days=days)


@pytest.fixture(scope="module")
def claimed(spark):
    """The claims of five titles for readers in NO, in BR, where nobody ever played, and without a country."""
    plays = {
        "t1": {"NO": (9, 9, 9, 3, 0, 0)},  # rises
        "t2": {
            "NO": (9, 9, 9, 36, 0, 0),
            "": (90, 90, 90, 0, 0, 0),
        },  # not in NO, but with everybody
        "t3": {"NO": (0, 0, 0, 0, 30, 60)},  # in season
    }
    facts = {
        "t1": {"title_plays_count_all": 9, "title_stars_count": 1, "title_stars_mean": 4.0},
        "t2": {"title_plays_count_all": 99, "title_stars_count": 1, "title_stars_mean": 3.0},
        "t3": {"title_plays_count_all": 20, "title_first_play_age_days": 5.0},
        "t4": {},
        "t5": {"title_first_play_age_days": 400.0},
    }
    rows = [
        {
            "title_id": t,
            "title_plays_count_all": 0,
            "title_stars_count": 0,
            "ds": drafts.DS,
            **facts[t],
            "country_plays": [
                {"country": c} | dict(zip(PLAYS, n, strict=True))
                for c, n in plays.get(t, {}).items()
            ],
        }
        for t in facts
    ]
    counts = {
        name: 0 for name in contract("title_features").required if name.startswith("title_plays")
    }
    rows = [{**counts, "title_trend_7d": 0.0, "title_trend_30d": 0.0, **row} for row in rows]
    titles = [
        worlds.title(n, cast=["Ida"] if n == 4 else None, launched_at=at(3) if n == 4 else None)
        for n in range(6)
    ]
    windows = [
        {"title_id": "t5", "country": "NO", "from_at": at(900), "until_at": at(90)},
        {"title_id": "t5", "country": "NO", "from_at": at(9), "until_at": None},
        {"title_id": "t1", "country": "BR", "from_at": at(7), "until_at": None},
    ]
    rest = {"known_at": at(900), "source": "test", "landing_id": "test"}
    availability = worlds.frame(spark, "availability", [window | rest for window in windows])
    known = title_facts(worlds.frame(spark, "titles", titles), availability, AS_OF)
    people = spark.createDataFrame([("NO",), ("BR",), (None,)], "country string")
    found = claims(worlds.frame(spark, "title_features", rows), known, people, AS_OF).collect()
    return {(row["row_id"], row["country"]): " ".join(sorted(row["claimed"])) for row in found}


@pytest.mark.parametrize(
    ("row_id", "country", "titles"),
    [
        ("trending", "NO", "t1"),
        ("trending", "BR", "t1 t2"),  # nobody is known to have played there: everybody's plays tell
        ("trending", "", "t1 t2"),
        ("in_season", "NO", "t3"),
        ("new", "NO", "t3 t4"),  # t5 has been there before
        ("new", "BR", "t1 t3 t4"),
        ("coming_back", "NO", "t5"),
        ("popular", "*", "t1 t2 t3"),
        ("hidden_gems", "*", "t1"),
        ("genre:Crime", "*", "t2"),
        ("genre_era:1990s Crime", "*", "t2"),
        ("cast:Ida", "*", "t4"),
    ],
)
def test_only_what_is_so_may_be_claimed(claimed, row_id, country, titles):
    assert claimed[row_id, country] == titles


def test_nothing_is_claimed_where_nothing_is_known(claimed):
    assert ("coming_back", "BR") not in claimed and ("director:Ida", "*") not in claimed
