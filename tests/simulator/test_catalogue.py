from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from conf.errors import UserMistake
from simulator.catalogue import simulated_world
from tests.simulator.small import small_log, small_settings, small_world


def with_titles(**more: list[object]) -> pa.Table:
    titles = small_log()[0]
    return pa.concat_tables([titles, pa.table(more, schema=titles.schema)])


def ratings_of(*counts: tuple[str, int]) -> pa.Table:
    log = small_log()[1]
    rows = [(f"r{n}", title, 3.0) for title, count in counts for n in range(count)]
    return pa.concat_tables(
        [
            log,
            pa.table(dict(zip(log.column_names, zip(*rows, strict=True), strict=True)), log.schema),
        ]
    )


def test_names_genres_and_years_stay_as_they_are() -> None:
    titles, simulated = small_log()[0], small_world()
    assert list(simulated.title_ids) == titles["title_id"].to_pylist()
    assert list(simulated.names) == titles["name"].to_pylist()
    assert list(simulated.years) == titles["year"].to_pylist()
    genres = [
        [simulated.genre_names[g] for g in np.flatnonzero(row)] for row in simulated.titles.genres
    ]
    assert genres == [sorted(row) for row in titles["genres"].to_pylist()]


def test_a_title_listed_twice_counts_once_as_the_one_rated_more() -> None:
    twins = with_titles(
        title_id=["a", "b"], name=["Twin"] * 2, year=[1997] * 2, genres=[["Drama"]] * 2
    )
    simulated = simulated_world(twins, ratings_of(("a", 3), ("b", 9)), small_settings())
    assert simulated.names.count("Twin") == 1
    assert "b" in simulated.title_ids and "a" not in simulated.title_ids


def test_titles_of_one_name_and_no_year_are_two_titles() -> None:
    twins = with_titles(title_id=["a", "b"], name=["Twin"] * 2, year=[None] * 2, genres=[None] * 2)
    assert simulated_world(twins, small_log()[1], small_settings()).names.count("Twin") == 2


def test_attraction_is_standardised_and_follows_the_number_of_ratings() -> None:
    simulated = small_world()
    counts = Counter(small_log()[1]["title_id"].to_pylist())
    order = np.argsort([counts[title] for title in simulated.title_ids], kind="stable")
    assert np.all(np.diff(simulated.titles.attraction[order]) >= 0)
    assert abs(simulated.titles.attraction.mean()) < 1e-5
    assert simulated.titles.attraction.std() == pytest.approx(1, abs=1e-5)


def test_quality_is_what_members_gave() -> None:
    simulated, log = small_world(), small_log()[1]
    means = {
        row["title_id"]: row["stars_mean"]
        for row in log.group_by("title_id").aggregate([("stars", "mean")]).to_pylist()
    }
    rated_rows = [row for row, title in enumerate(simulated.title_ids) if title in means]
    rated_means = [means[simulated.title_ids[row]] for row in rated_rows]
    assert np.corrcoef(simulated.titles.quality[rated_rows], rated_means)[0, 1] > 0.9


def test_tastes_for_a_title_have_variance_1_over_the_real_members() -> None:
    simulated = small_world()
    liking = simulated.tastes_real @ simulated.titles.factors.T
    assert np.abs(liking.mean(axis=0)).max() < 1e-4
    assert np.abs(liking.std(axis=0) - 1).max() < 1e-4


def test_an_unrated_title_has_the_factors_of_its_genres() -> None:
    unrated = with_titles(title_id=["a"], name=["Unseen"], year=[2020], genres=[["Horror"]])
    simulated = simulated_world(unrated, small_log()[1], small_settings())
    horror = simulated.titles.genres[:-1, simulated.genre_names.index("Horror")]
    covariance = simulated.tastes_root @ simulated.tastes_root.T
    likeness = simulated.titles.factors[:-1] @ covariance @ simulated.titles.factors[-1]
    assert simulated.titles.quality[-1] == 0
    assert likeness[horror].mean() > likeness[~horror].mean() + 0.1


def test_the_rest_of_the_catalogue_does_not_change_what_is_made_up_about_a_title() -> None:
    titles, log = small_log()
    part = simulated_world(titles.take(list(range(199, -1, -2))), log, small_settings())
    whole = small_world()
    rows = [whole.title_ids.index(title) for title in part.title_ids]
    for name in (
        "series",
        "episodes",
        "seconds",
        "maturity",
        "spoken",
        "launch_day",
        "opens",
        "closes",
        "season",
        "buzz",
    ):
        assert np.array_equal(getattr(part.titles, name), getattr(whole.titles, name)[rows]), name


def test_a_known_age_stands_whatever_the_genres_say() -> None:
    dramas = with_titles(
        title_id=["a", "b"],
        name=["Secrets & Lies", "Toy Story"],
        year=[1996, 1995],
        genres=[["Animation"], ["Horror"]],
    )
    simulated = simulated_world(dramas, small_log()[1], small_settings())
    assert simulated.titles.maturity[-2:].tolist() == [16, 0]


def test_a_world_without_ratings_is_refused() -> None:
    titles, log = small_log()
    with pytest.raises(UserMistake, match="ratings"):
        simulated_world(titles, log.slice(0, 0), small_settings())
