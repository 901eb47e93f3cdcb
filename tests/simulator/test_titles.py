import numpy as np
import pytest

from conf.world import world_settings
from simulator.draws import text_keys
from simulator.titles import simulated_titles
from simulator.truth import NEVER, TrueTitles

SETTINGS = world_settings()
GENRES = ("Action", "Animation", "Children's", "Comedy", "Horror", "Romance", "Thriller")
COUNT = 20_000


@pytest.fixture(scope="module")
def titles() -> TrueTitles:
    genres = np.eye(len(GENRES), dtype=bool)[np.arange(COUNT) % len(GENRES)]
    return simulated_titles(text_keys(map(str, range(COUNT))), genres, GENRES, SETTINGS)


def genre(titles: TrueTitles, name: str) -> np.ndarray:
    return titles.genres[:, GENRES.index(name)]


def test_shares_are_those_of_conf(titles: TrueTitles) -> None:
    shares = SETTINGS.catalogue
    has_window = titles.opens < NEVER
    assert titles.series.mean() == pytest.approx(shares.series_share, abs=0.01)
    assert (titles.launch_day >= -SETTINGS.past_days).mean() == pytest.approx(
        shares.late_launch_share, abs=0.01
    )
    assert (~has_window).mean() == pytest.approx(shares.missing_share, abs=0.005)
    assert (titles.closes[has_window] < NEVER).mean() == pytest.approx(
        shares.limited_share, abs=0.01
    )
    assert (titles.season > 0).mean() == pytest.approx(shares.season_share, abs=0.005)
    assert (titles.buzz_day < NEVER).mean() == pytest.approx(shares.buzz_share, abs=0.005)


def test_films_and_episodes_have_their_lengths(titles: TrueTitles) -> None:
    film, minutes = ~titles.series, titles.seconds / 60
    assert np.all(titles.episodes[film] == 1)
    assert (minutes[film].min(), minutes[film].max()) == (60, 210)
    assert np.median(minutes[film]) == pytest.approx(105, abs=1)
    assert titles.episodes[titles.series].min() == 6 and titles.episodes[titles.series].max() == 60
    assert minutes[titles.series].min() >= 22 and minutes[titles.series].max() <= 60


def test_ages_follow_genres(titles: TrueTitles) -> None:
    assert set(titles.maturity[genre(titles, "Children's")]) == {0, 7}
    assert set(titles.maturity[genre(titles, "Horror")]) == {16, 18}
    assert set(titles.maturity[genre(titles, "Thriller")]) == {13, 16, 18}
    assert set(titles.maturity[genre(titles, "Comedy")]) == {13, 16}


def test_the_first_genre_of_conf_that_a_title_has_decides_its_age() -> None:
    both = np.array([[name in ("Children's", "Horror") for name in GENRES]] * 100)
    titles = simulated_titles(text_keys(map(str, range(100))), both, GENRES, SETTINGS)
    assert set(titles.maturity) == {0, 7}


def test_windows_open_at_launch_or_later_and_close_after_it(titles: TrueTitles) -> None:
    has_window, closing = titles.opens < NEVER, titles.closes < NEVER
    past, shortest = SETTINGS.past_days, SETTINGS.catalogue.shortest_days
    at_launch = titles.opens == titles.launch_day[:, None]
    library = titles.launch_day < -past  # for a title launched later that day may be before it
    assert (~at_launch)[library][has_window[library]].mean() == pytest.approx(
        SETTINGS.catalogue.licensed_share, abs=0.01
    )
    licensed = has_window & ~at_launch
    assert np.all((titles.opens > titles.launch_day[:, None])[licensed])
    assert titles.opens[licensed].min() >= -past and titles.opens[licensed].max() < 365
    earliest = np.maximum(titles.opens, -past)
    assert np.all((titles.closes >= earliest + shortest)[closing])
    assert np.all((titles.closes < earliest + shortest + 365 + past)[closing])
    assert np.all(titles.closes[~has_window] == NEVER)  # opens is too: never available


def test_titles_leave_in_every_month_and_others_enter(titles: TrueTitles) -> None:
    """Pairs of the year after day 0, by month: none has less than half of the mean."""
    for days in (titles.opens, titles.closes):
        in_year = days[(days >= 0) & (days < 360)]
        by_month = np.bincount(in_year // 30, minlength=12)
        assert by_month.min() > 0.5 * by_month.mean() > 100


def test_titles_attract_differently_from_country_to_country(titles: TrueTitles) -> None:
    spread = SETTINGS.catalogue.country_spread
    assert titles.local.std(axis=0) == pytest.approx(spread, rel=0.05)
    assert np.corrcoef(titles.local.T)[0, 1] == pytest.approx(0, abs=0.05)


def test_pictures_of_a_title_evoke_something_in_everybody(titles: TrueTitles) -> None:
    """The best of some dozen pictures is taken about a seventh more than its first, as published."""
    spread = SETTINGS.catalogue.picture_spread
    assert titles.artwork_shared.std() == pytest.approx(spread, rel=0.02)
    best = np.maximum.reduceat(titles.artwork_shared, titles.artwork_first[:-1])
    gain = np.exp(best - titles.artwork_shared[titles.artwork_first[:-1]]) - 1
    assert 0.06 < np.mean(gain) < 0.18


def test_no_title_is_missing_everywhere() -> None:
    scarce = SETTINGS.model_copy(
        update={"catalogue": SETTINGS.catalogue.model_copy(update={"missing_share": 0.9})}
    )
    scarce_titles = simulated_titles(
        text_keys(map(str, range(2000))), np.zeros((2000, 1), bool), ("Drama",), scarce
    )
    windows = (scarce_titles.opens < NEVER).sum(axis=1)
    assert windows.min() == 1
    assert windows.mean() == pytest.approx(4 * 0.1 + 0.9**4, abs=0.05)


def test_launches_lie_in_the_past_or_the_year_to_come(titles: TrueTitles) -> None:
    late = titles.launch_day >= -SETTINGS.past_days
    assert titles.launch_day.max() < 365
    assert titles.launch_day.min() >= -SETTINGS.past_days - 1 - SETTINGS.catalogue.library_days
    halves = np.histogram(titles.launch_day[late], bins=4, range=(-SETTINGS.past_days, 365))[0]
    assert halves.max() / halves.min() < 1.25


def test_artworks_of_a_title_stand_one_after_another(titles: TrueTitles) -> None:
    counts = np.diff(titles.artwork_first)
    assert (counts.min(), counts.max()) == (3, 24)
    assert titles.artwork_first[-1] == len(titles.artwork_theme) == len(titles.artwork_represents)
    assert titles.artwork_represents.min() >= 0 and titles.artwork_represents.max() <= 1
    assert titles.artwork_represents.mean() == pytest.approx(4 / 6, abs=0.01)


def test_a_theme_stands_more_often_on_titles_of_its_genre(titles: TrueTitles) -> None:
    of_title = np.repeat(np.arange(COUNT), np.diff(titles.artwork_first))
    romantic = titles.artwork_theme == SETTINGS.themes.index("romance")
    is_romance = genre(titles, "Romance")[of_title]
    weight, themes = SETTINGS.catalogue.theme_weight, len(SETTINGS.themes)
    assert romantic[is_romance].mean() == pytest.approx(weight / (weight + themes - 1), abs=0.01)
    assert (
        romantic[
            ~is_romance & ~genre(titles, "Action")[of_title] & ~genre(titles, "Comedy")[of_title]
        ].mean()
        < 0.18
    )


def test_all_is_spoken_in_english(titles: TrueTitles) -> None:
    assert np.all(titles.spoken[:, SETTINGS.languages.index("en")])
    assert titles.spoken[:, SETTINGS.languages.index("hi")].mean() == pytest.approx(
        SETTINGS.catalogue.dub_share, abs=0.02
    )
