import numpy as np
import pytest

from conf.world import world_settings
from simulator.draws import text_keys
from simulator.titles import made_up
from simulator.truth import NEVER, Titles

SETTINGS = world_settings()
GENRES = ("Action", "Animation", "Children's", "Comedy", "Horror", "Romance", "Thriller")
COUNT = 20_000


@pytest.fixture(scope="module")
def titles() -> Titles:
    genres = np.eye(len(GENRES), dtype=bool)[np.arange(COUNT) % len(GENRES)]
    return made_up(text_keys(map(str, range(COUNT))), genres, GENRES, SETTINGS)


def genre(titles: Titles, name: str) -> np.ndarray:
    return titles.genres[:, GENRES.index(name)]


def test_shares_are_those_of_conf(titles: Titles) -> None:
    settled = SETTINGS.catalogue
    kept = titles.opens < NEVER
    assert titles.series.mean() == pytest.approx(settled.series_share, abs=0.01)
    assert (titles.launched >= -SETTINGS.past_days).mean() == pytest.approx(
        settled.late_launch_share, abs=0.01
    )
    assert (~kept).mean() == pytest.approx(settled.missing_share, abs=0.005)
    assert (titles.closes[kept] < NEVER).mean() == pytest.approx(settled.limited_share, abs=0.01)
    assert (titles.season > 0).mean() == pytest.approx(settled.season_share, abs=0.005)
    assert (titles.buzz_day < NEVER).mean() == pytest.approx(settled.buzz_share, abs=0.005)


def test_films_and_episodes_have_their_lengths(titles: Titles) -> None:
    film, minutes = ~titles.series, titles.seconds / 60
    assert np.all(titles.episodes[film] == 1)
    assert (minutes[film].min(), minutes[film].max()) == (60, 210)
    assert np.median(minutes[film]) == pytest.approx(105, abs=1)
    assert titles.episodes[titles.series].min() == 6 and titles.episodes[titles.series].max() == 60
    assert minutes[titles.series].min() >= 22 and minutes[titles.series].max() <= 60


def test_ages_follow_genres(titles: Titles) -> None:
    assert set(titles.maturity[genre(titles, "Children's")]) == {0, 7}
    assert set(titles.maturity[genre(titles, "Horror")]) == {16, 18}
    assert set(titles.maturity[genre(titles, "Thriller")]) == {13, 16, 18}
    assert set(titles.maturity[genre(titles, "Comedy")]) == {7, 13, 16}


def test_the_first_genre_of_conf_that_a_title_has_decides_its_age() -> None:
    both = np.array([[name in ("Children's", "Horror") for name in GENRES]] * 100)
    drawn = made_up(text_keys(map(str, range(100))), both, GENRES, SETTINGS)
    assert set(drawn.maturity) == {0, 7}


def test_windows_open_at_launch_and_close_after_it(titles: Titles) -> None:
    kept, closing = titles.opens < NEVER, titles.closes < NEVER
    assert np.all((titles.opens == titles.launched[:, None])[kept])
    assert np.all((titles.closes > np.maximum(titles.opens, 0))[closing])
    assert np.all((titles.closes <= np.maximum(titles.opens, 0) + 365)[closing])
    assert np.all(titles.closes[~kept] == NEVER)  # opens is too: never available


def test_no_title_is_missing_everywhere() -> None:
    scarce = SETTINGS.model_copy(
        update={"catalogue": SETTINGS.catalogue.model_copy(update={"missing_share": 0.9})}
    )
    drawn = made_up(text_keys(map(str, range(2000))), np.zeros((2000, 1), bool), ("Drama",), scarce)
    kept = (drawn.opens < NEVER).sum(axis=1)
    assert kept.min() == 1
    assert kept.mean() == pytest.approx(4 * 0.1 + 0.9**4, abs=0.05)


def test_launches_lie_in_the_past_or_the_year_to_come(titles: Titles) -> None:
    late = titles.launched >= -SETTINGS.past_days
    assert titles.launched.max() < 365
    assert titles.launched.min() >= -SETTINGS.past_days - 1 - SETTINGS.catalogue.library_days
    halves = np.histogram(titles.launched[late], bins=4, range=(-SETTINGS.past_days, 365))[0]
    assert halves.max() / halves.min() < 1.25


def test_pictures_of_a_title_lie_one_after_another(titles: Titles) -> None:
    counts = np.diff(titles.picture_first)
    assert (counts.min(), counts.max()) == (3, 24)
    assert titles.picture_first[-1] == len(titles.picture_theme) == len(titles.picture_represents)
    assert titles.picture_represents.min() >= 0 and titles.picture_represents.max() <= 1
    assert titles.picture_represents.mean() == pytest.approx(4 / 6, abs=0.01)


def test_a_theme_stands_more_often_on_titles_of_its_genre(titles: Titles) -> None:
    of_title = np.repeat(np.arange(COUNT), np.diff(titles.picture_first))
    romantic = titles.picture_theme == SETTINGS.themes.index("romance")
    own = genre(titles, "Romance")[of_title]
    weight, themes = SETTINGS.catalogue.theme_weight, len(SETTINGS.themes)
    assert romantic[own].mean() == pytest.approx(weight / (weight + themes - 1), abs=0.01)
    assert (
        romantic[
            ~own & ~genre(titles, "Action")[of_title] & ~genre(titles, "Comedy")[of_title]
        ].mean()
        < 0.18
    )


def test_all_is_spoken_in_english(titles: Titles) -> None:
    assert np.all(titles.spoken[:, SETTINGS.languages.index("en")])
    assert titles.spoken[:, SETTINGS.languages.index("hi")].mean() == pytest.approx(
        SETTINGS.catalogue.dub_share, abs=0.02
    )
