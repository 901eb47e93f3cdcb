"""What is made up about real titles: form, length, ages, languages, launches, windows, trends and pictures.

Every draw of a title is keyed by its title_id, so that it survives any change of the rest of the catalogue.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from conf.days import YEAR_DAYS
from conf.population import CatalogueSettings
from conf.world import WorldSettings
from simulator.draws import (
    DUBS,
    F64,
    FORM,
    LAUNCH,
    LENGTH,
    PICTURES,
    PULL,
    WINDOWS,
    normals,
    uniforms,
)
from simulator.truth import NEVER, Titles

BOOL = NDArray[np.bool_]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
NOWHERE = "other"  # the ages of titles whose genres say nothing about them


class _Pictures(NamedTuple):
    first: I32  # (t + 1,)
    theme: I32
    represents: F64


def made_up(keys: I64, genres: BOOL, names: tuple[str, ...], settings: WorldSettings) -> Titles:
    """The titles (t,) of these keys and genres (t, g); attraction, quality and factors, which are real, are left 0."""
    form, settled = uniforms(settings.seed, keys, FORM, 4), settings.catalogue
    scatter = normals(settings.seed, keys, LENGTH, 3)
    series = form[:, 0] < settled.series_share
    launched = _launches(keys, settings)
    opens, closes = _windows(keys, launched, settings)
    pull = uniforms(settings.seed, keys, PULL, 4)
    buzzing = pull[:, 0] < settled.buzz_share
    height = _scattered(settled.buzz_height, settled.buzz_spread, scatter[:, 2])
    pictures = _pictures(keys, genres, names, settings)
    unknown = np.zeros(len(keys), np.float32)
    return Titles(
        genres=genres,
        series=series,
        episodes=np.where(series, _log_between(form[:, 1], *settled.episodes), 1).astype(np.int32),
        seconds=_seconds(series, scatter[:, 0], form[:, 2], settled),
        maturity=_maturity(form[:, 3], genres, names, settled),
        spoken=_spoken(keys, settings),
        launched=launched,
        opens=opens,
        closes=closes,
        attraction=unknown,
        quality=unknown,
        factors=np.zeros((len(keys), settings.tastes.factors), np.float32),
        half_life=_scattered(
            settled.launch_half_life_days, settled.half_life_spread, scatter[:, 1]
        ),
        season=np.where(
            pull[:, 2] < settled.season_share, 1 + _whole(pull[:, 3], YEAR_DAYS), -1
        ).astype(np.int32),
        buzz_day=np.where(buzzing, _within(pull[:, 1], settings), NEVER).astype(np.int32),
        buzz=np.where(buzzing, height, 0).astype(np.float32),
        picture_first=pictures.first,
        picture_theme=pictures.theme,
        picture_represents=pictures.represents.astype(np.float32),
    )


def _seconds(series: BOOL, normal: F64, uniform: F64, settled: CatalogueSettings) -> I32:
    """Films log-normal about the median, cut at both ends; episodes evenly between their ends."""
    least, median, most = settled.film_minutes
    shortest, longest = settled.episode_minutes
    film = np.clip(_scattered(median, settled.film_spread, normal), least, most)
    return np.rint(60 * np.where(series, shortest + uniform * (longest - shortest), film)).astype(
        np.int32
    )


def _maturity(
    uniform: F64, genres: BOOL, names: tuple[str, ...], settled: CatalogueSettings
) -> I32:
    """One of the ages between the two ends that the title's first genre in conf's order has, each as likely."""
    ages = np.array(settled.ages)
    low, high = (np.full(len(uniform), end) for end in settled.maturity[NOWHERE])
    for genre, (least, most) in reversed(settled.maturity.items()):
        if genre in names:
            has = genres[:, names.index(genre)]
            low[has], high[has] = least, most
    first, after = np.searchsorted(ages, low), np.searchsorted(ages, high, side="right")
    return ages[first + _whole(uniform, after - first)].astype(np.int32)


def _spoken(keys: I64, settings: WorldSettings) -> BOOL:
    """English, and each other language with one probability."""
    dubbed = (
        uniforms(settings.seed, keys, DUBS, len(settings.languages)) < settings.catalogue.dub_share
    )
    return dubbed | (np.array(settings.languages) == "en")


def _launches(keys: I64, settings: WorldSettings) -> I32:
    """Days of launch: a share within the past or the year to come, the rest long before."""
    draw, settled = uniforms(settings.seed, keys, LAUNCH, 2), settings.catalogue
    library = -settings.past_days - 1 - _whole(draw[:, 1], settled.library_days)
    late = draw[:, 0] < settled.late_launch_share
    return np.where(late, _within(draw[:, 1], settings), library).astype(np.int32)


def _windows(keys: I64, launched: I32, settings: WorldSettings) -> tuple[I32, I32]:
    """First and last days by country (t, countries): from launch on, for some until a day within the year after.

    Where a title is missing both are NEVER. One country always keeps it, for the outside takes a title without any
    window as open to all.
    """
    missing, limited, end = np.split(
        uniforms(settings.seed, keys, WINDOWS, 3 * len(settings.countries)), 3, axis=1
    )
    gone = missing < settings.catalogue.missing_share
    gone[np.arange(len(keys)), missing.argmax(axis=1)] = False
    opens = np.where(gone, NEVER, launched[:, None])
    closing = np.maximum(launched, 0)[:, None] + 1 + _whole(end, YEAR_DAYS)
    ends = (limited < settings.catalogue.limited_share) & ~gone
    return opens.astype(np.int32), np.where(ends, closing, NEVER).astype(np.int32)


def _pictures(
    keys: I64, genres: BOOL, names: tuple[str, ...], settings: WorldSettings
) -> _Pictures:
    """Evenly many pictures between the two ends; a theme is likelier on titles of its genre."""
    settled, (fewest, most) = settings.catalogue, settings.catalogue.pictures
    draw = uniforms(settings.seed, keys, PICTURES, 1 + 2 * most)
    count = fewest + _whole(draw[:, 0], most - fewest + 1)
    used = np.arange(most) < count[:, None]
    weights = np.ones((len(keys), len(settings.themes)))
    for theme, genre in settled.theme_genres.items():
        if genre in names:
            weights[genres[:, names.index(genre)], settings.themes.index(theme)] = (
                settled.theme_weight
            )
    reach = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    theme = (draw[:, 1 : most + 1, None] >= reach[:, None, :-1]).sum(axis=2)
    represents = betaincinv(*settled.represents, draw[:, most + 1 :])
    first = np.concatenate([[0], np.cumsum(count)])
    return _Pictures(first.astype(np.int32), theme[used].astype(np.int32), represents[used])


def _within(uniform: F64, settings: WorldSettings) -> I64:
    """A day from the beginning of the past to a year after day 0."""
    return _whole(uniform, settings.past_days + YEAR_DAYS) - settings.past_days


def _whole(uniform: F64, count: int | I64) -> I64:
    """0 to count - 1, each as likely."""
    return (uniform * count).astype(np.int64)


def _log_between(uniform: F64, least: int, most: int) -> I64:
    """Whole numbers from least to most, evenly in the logarithm."""
    return np.minimum(least * ((most + 1) / least) ** uniform, most).astype(np.int64)


def _scattered(median: float, spread: float, normal: F64) -> NDArray[np.float32]:
    """Log-normal about the median; spread is that of the logarithm."""
    return (median * np.exp(spread * normal)).astype(np.float32)
