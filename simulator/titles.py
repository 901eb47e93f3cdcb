"""What is made up about real titles: form, length, ages, languages, launch, windows, artworks, trends.

Every draw of a title is keyed by its title_id, so that it survives any change of the rest of the
catalogue.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from conf.days import YEAR_DAYS
from conf.population import CatalogueSettings
from conf.world import WorldSettings
from simulator.arrays import BOOL, F32, F64, I32, I64
from simulator.draws import (
    ARTWORK_EFFECTS,
    ARTWORKS,
    DUBS,
    FORM,
    LAUNCH,
    LENGTH,
    LOCAL,
    PULL,
    WINDOWS,
    normal_draws,
    uniform_draws,
)
from simulator.truth import NEVER, TrueTitles

OTHER_GENRES = "other"  # the ages of titles whose genres say nothing about them


class _Artworks(NamedTuple):
    first: I32  # (t + 1,)
    theme: I32  # (artworks,)
    represents: F64  # (artworks,)


class _Trends(NamedTuple):
    season: I32  # (t,) day of the year, -1 for none
    buzz_day: I32  # (t,)
    buzz: F32  # (t,) log-odds


def simulated_titles(
    keys: I64, genres: BOOL, genre_names: tuple[str, ...], settings: WorldSettings
) -> TrueTitles:
    """The titles (t,) of these keys and genres (t, g).

    Attraction, quality and factors are left 0: they come from the real ratings.
    """
    catalogue = settings.catalogue
    form = uniform_draws(settings.seed, keys, FORM, 4)
    normals = normal_draws(settings.seed, keys, LENGTH, 3)
    series = form[:, 0] < catalogue.series_share
    episodes = _log_uniform(form[:, 1], *catalogue.episodes)
    launch_day = _launch_days(keys, settings)
    opens, closes = _windows(keys, launch_day, settings)
    trends = _trends(keys, normals[:, 2], settings)
    artworks = _artworks(keys, genres, genre_names, settings)
    zeros = np.zeros(len(keys), np.float32)
    return TrueTitles(
        genres=genres,
        series=series,
        episodes=np.where(series, episodes, 1).astype(np.int32),
        seconds=_seconds(series, normals[:, 0], form[:, 2], catalogue),
        maturity=_maturity(form[:, 3], genres, genre_names, catalogue),
        spoken=_spoken(keys, settings),
        launch_day=launch_day,
        opens=opens,
        closes=closes,
        attraction=zeros,
        local=_local_attraction(keys, settings),
        quality=zeros,
        factors=np.zeros((len(keys), settings.tastes.factors), np.float32),
        half_life=_log_normal(
            catalogue.launch_half_life_days, catalogue.half_life_spread, normals[:, 1]
        ),
        season=trends.season,
        buzz_day=trends.buzz_day,
        buzz=trends.buzz,
        artwork_first=artworks.first,
        artwork_theme=artworks.theme,
        artwork_represents=artworks.represents.astype(np.float32),
        artwork_shared=_shared_effects(keys, artworks, settings),
    )


def _seconds(series: BOOL, normals: F64, uniforms: F64, catalogue: CatalogueSettings) -> I32:
    """Films log-normal about the median, cut at both ends; episodes evenly between their ends."""
    least, median, most = catalogue.film_minutes
    shortest, longest = catalogue.episode_minutes
    film_minutes = np.clip(_log_normal(median, catalogue.film_spread, normals), least, most)
    episode_minutes = shortest + uniforms * (longest - shortest)
    minutes = np.where(series, episode_minutes, film_minutes)
    return np.rint(60 * minutes).astype(np.int32)


def _maturity(
    uniforms: F64, genres: BOOL, genre_names: tuple[str, ...], catalogue: CatalogueSettings
) -> I32:
    """The least age: one of those between two ends, each as likely.

    The ends are those of the title's first genre in the order of conf.
    """
    ages = np.array(catalogue.ages)
    least, most = catalogue.maturity[OTHER_GENRES]
    low, high = np.full(len(uniforms), least), np.full(len(uniforms), most)
    for genre, (least, most) in reversed(catalogue.maturity.items()):
        if genre in genre_names:
            has_genre = genres[:, genre_names.index(genre)]
            low[has_genre] = least
            high[has_genre] = most
    first = np.searchsorted(ages, low)
    after = np.searchsorted(ages, high, side="right")
    return ages[first + _whole_number(uniforms, after - first)].astype(np.int32)


def _spoken(keys: I64, settings: WorldSettings) -> BOOL:
    """(t, languages) English, and each other language with one probability."""
    uniforms = uniform_draws(settings.seed, keys, DUBS, len(settings.languages))
    is_english = np.array(settings.languages) == "en"
    return (uniforms < settings.catalogue.dub_share) | is_english


def _launch_days(keys: I64, settings: WorldSettings) -> I32:
    """Days of launch: a share within the past or the year to come, the rest long before."""
    uniforms = uniform_draws(settings.seed, keys, LAUNCH, 2)
    is_late = uniforms[:, 0] < settings.catalogue.late_launch_share
    late_day = _day_of_past_or_year(uniforms[:, 1], settings)
    days_before_past = _whole_number(uniforms[:, 1], settings.catalogue.library_days)
    library_day = -settings.past_days - 1 - days_before_past
    return np.where(is_late, late_day, library_day).astype(np.int32)


def _windows(keys: I64, launch_day: I32, settings: WorldSettings) -> tuple[I32, I32]:
    """(t, countries) first day available and first day no longer available.

    Windows open at launch, or for a share of title-country pairs that are licensed later on a day
    of the past or the year after; some close on a day after that. Where a title is missing both are
    NEVER. One country always keeps a title, since clients take one without any window as open to
    all.
    """
    countries = len(settings.countries)
    uniforms = uniform_draws(settings.seed, keys, WINDOWS, 5 * countries)
    missing, limited, end, licensed, begin = np.split(uniforms, 5, axis=1)
    is_missing = missing < settings.catalogue.missing_share
    is_missing[np.arange(len(keys)), missing.argmax(axis=1)] = False
    arrival_day = np.maximum(launch_day[:, None], _day_of_past_or_year(begin, settings))
    is_licensed = licensed < settings.catalogue.licensed_share
    opening_day = np.where(is_licensed, arrival_day, launch_day[:, None])
    opens = np.where(is_missing, NEVER, opening_day)
    earliest = np.maximum(opening_day, -settings.past_days)
    longest = np.maximum(YEAR_DAYS - earliest, YEAR_DAYS)
    closing_day = earliest + settings.catalogue.shortest_days + _whole_number(end, longest)
    is_limited = (limited < settings.catalogue.limited_share) & ~is_missing
    closes = np.where(is_limited, closing_day, NEVER)
    return opens.astype(np.int32), closes.astype(np.int32)


def _trends(keys: I64, normals: F64, settings: WorldSettings) -> _Trends:
    """One-off trends (buzz) of some titles, and seasons in which some return each year."""
    catalogue = settings.catalogue
    uniforms = uniform_draws(settings.seed, keys, PULL, 4)
    has_buzz = uniforms[:, 0] < catalogue.buzz_share
    buzz_day = _day_of_past_or_year(uniforms[:, 1], settings)
    buzz = _log_normal(catalogue.buzz_height, catalogue.buzz_spread, normals)
    has_season = uniforms[:, 2] < catalogue.season_share
    day_of_year = 1 + _whole_number(uniforms[:, 3], YEAR_DAYS)
    return _Trends(
        season=np.where(has_season, day_of_year, -1).astype(np.int32),
        buzz_day=np.where(has_buzz, buzz_day, NEVER).astype(np.int32),
        buzz=np.where(has_buzz, buzz, 0).astype(np.float32),
    )


def _artworks(
    keys: I64, genres: BOOL, genre_names: tuple[str, ...], settings: WorldSettings
) -> _Artworks:
    """Evenly many artworks between two ends; a theme is drawn by weight, the represents by Beta."""
    fewest, most = settings.catalogue.pictures
    uniforms = uniform_draws(settings.seed, keys, ARTWORKS, 1 + 2 * most)
    counts = fewest + _whole_number(uniforms[:, 0], most - fewest + 1)
    in_use = np.arange(most) < counts[:, None]
    weights = _theme_weights(genres, genre_names, settings)
    cumulative = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    theme_draws = uniforms[:, 1 : most + 1, None]
    themes = (theme_draws >= cumulative[:, None, :-1]).sum(axis=2)
    represents = betaincinv(*settings.catalogue.represents, uniforms[:, most + 1 :])
    first = np.concatenate([[0], np.cumsum(counts)])
    return _Artworks(first.astype(np.int32), themes[in_use].astype(np.int32), represents[in_use])


def _shared_effects(keys: I64, artworks: _Artworks, settings: WorldSettings) -> F32:
    """(artworks,) what each evokes in everybody: normal, apart from the others of its title."""
    _, most = settings.catalogue.pictures
    normals = normal_draws(settings.seed, keys, ARTWORK_EFFECTS, most)
    counts = np.diff(artworks.first)
    in_use = np.arange(most) < counts[:, None]
    return (settings.catalogue.picture_spread * normals[in_use]).astype(np.float32)


def _local_attraction(keys: I64, settings: WorldSettings) -> F32:
    """(t, countries) how much more a title attracts in a country than elsewhere, in deviations."""
    countries = len(settings.countries)
    normals = normal_draws(settings.seed, keys, LOCAL, countries)
    return (settings.catalogue.country_spread * normals).astype(np.float32)


def _theme_weights(genres: BOOL, genre_names: tuple[str, ...], settings: WorldSettings) -> F64:
    """(t, themes) a theme is likelier on titles of its genre."""
    catalogue = settings.catalogue
    weights = np.ones((len(genres), len(settings.themes)))
    for theme, genre in catalogue.theme_genres.items():
        if genre in genre_names:
            has_genre = genres[:, genre_names.index(genre)]
            weights[has_genre, settings.themes.index(theme)] = catalogue.theme_weight
    return weights


def _day_of_past_or_year(uniforms: F64, settings: WorldSettings) -> I64:
    """A day from the beginning of the past to a year after day 0."""
    return _whole_number(uniforms, settings.past_days + YEAR_DAYS) - settings.past_days


def _whole_number(uniforms: F64, count: int | I64) -> I64:
    """0 to count - 1, each as likely."""
    return (uniforms * count).astype(np.int64)


def _log_uniform(uniforms: F64, least: int, most: int) -> I64:
    """Whole numbers from least to most, evenly in the logarithm."""
    return np.minimum(least * ((most + 1) / least) ** uniforms, most).astype(np.int64)


def _log_normal(median: float, spread: float, normals: F64) -> F32:
    """Log-normal about the median; spread is that of the logarithm."""
    return (median * np.exp(spread * normals)).astype(np.float32)
