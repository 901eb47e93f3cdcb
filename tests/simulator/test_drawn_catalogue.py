import numpy as np
import pytest

from conf.world import world_settings
from simulator.drawn_catalogue import drawn_catalogue

SETTINGS = world_settings("world2").drawn.model_copy(
    update={"titles": 600, "members": 300, "ratings": 60}
)
TITLES, RATINGS = drawn_catalogue(SETTINGS, 7)


def test_titles_have_one_genre_or_two_as_often_as_conf_says():
    lists = TITLES["genres"].to_pylist()
    assert {len(genres) for genres in lists} == {1, 2}
    weights = SETTINGS.genres
    share = weights["Drama"] / sum(weights.values())
    expected = 1 - (1 - share) * (1 - SETTINGS.second_genre_share * share)
    assert np.mean(["Drama" in genres for genres in lists]) == pytest.approx(expected, abs=0.05)


def test_a_member_rates_a_title_once_with_1_to_5_stars_and_20_titles_or_more():
    pairs = list(
        zip(RATINGS["profile_id"].to_pylist(), RATINGS["title_id"].to_pylist(), strict=True)
    )
    assert len(set(pairs)) == len(pairs)
    assert set(RATINGS["stars"].to_pylist()) == {1.0, 2.0, 3.0, 4.0, 5.0}
    counts = (
        RATINGS.group_by("profile_id").aggregate([("stars", "count")])["stars_count"].to_numpy()
    )
    assert len(counts) == 300 and counts.min() == 20
    assert np.median(counts) == pytest.approx(60, rel=0.15)


def test_few_titles_have_many_of_the_ratings():
    counts = RATINGS.group_by("title_id").aggregate([("stars", "count")])["stars_count"].to_numpy()
    top = np.sort(counts)[::-1][: SETTINGS.titles // 10].sum() / counts.sum()
    assert 0.25 < top < 0.5


def likeness_within_a_genre(genre_share: float) -> float:
    """How well what members give one half of the comedies tells what they give the other half."""
    strong = SETTINGS.model_copy(update={"genre_share": genre_share, "taste_spread": 1.0})
    titles, ratings = drawn_catalogue(strong, 7)
    genres = dict(zip(titles["title_id"].to_pylist(), titles["genres"].to_pylist(), strict=True))
    table = ratings.to_pandas()
    table["stars"] -= table.groupby("title_id").stars.transform("mean")
    table["stars"] -= table.groupby("profile_id").stars.transform("mean")
    table = table[[genres[title] == ["Comedy"] for title in table.title_id]]
    half = table.title_id.astype(int) % 2
    means = [table[half == n].groupby("profile_id").stars.mean() for n in (0, 1)]
    return means[0].corr(means[1])


def test_tastes_go_along_genres_as_far_as_conf_says():
    assert likeness_within_a_genre(1.0) > 0.3 > 0.15 > likeness_within_a_genre(0.0)


def test_another_seed_is_another_catalogue_and_the_same_seed_the_same():
    again = drawn_catalogue(SETTINGS, 7)
    assert again[0].equals(TITLES) and again[1].equals(RATINGS)
    assert not drawn_catalogue(SETTINGS, 8)[1].equals(RATINGS)
