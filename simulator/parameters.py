"""The laws of behaviour as arrays for compiled loops: settings, the catalogue as it stands on each day, members."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import WHOLE_DAY_S, YEAR_DAYS
from conf.world import WorldSettings
from simulator.compiled import inner_njit
from simulator.truth import Members, Titles, World

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Records = NDArray[Any]  # a structured array


class Laws(NamedTuple):
    """The numbers of `conf/world.yaml` that a session needs; arrays by device or daypart in the order given there."""

    down: F64  # (devices,)
    right: F64  # (devices,)
    screen: I64  # (devices,)
    phone: NDArray[np.bool_]  # (devices,)
    daypart_begins: I64  # (dayparts + 1,) local hours, the last one 24
    daypart_genres: F64  # (dayparts, g) 1 where a genre is liked better then
    utc_hours: F64  # (countries,)
    skip: float
    title_seconds: int
    taste: float
    mood: float
    daypart: float
    picture: float
    satiation: float
    satiation_days: float
    watched: float
    resume: float
    abandoned: float
    long_on_phone: float
    overall: float
    spread: float
    noise: float
    finish_at: float
    slope: float
    stop: float
    abandon_below: float
    next_episode: float
    again: float
    without_play: float
    search_resume: float
    heard_of: int
    choosiness: float
    past_play: float
    rate_after_finish: float
    thumb: float
    quality_play: float
    most: int
    minutes: float
    drift_days: float
    seed: int
    luck: int = 0  # another number: other luck with what is looked at and done in the same sessions


class Shelf(NamedTuple):
    """The catalogue on d days in a row, from `first_day` on. Records, since they compile faster than columns."""

    first_day: int
    weekend: NDArray[np.bool_]  # (d,)
    pull: F64  # (d, t) log-odds that are the same for everybody
    open: NDArray[np.bool_]  # (d, countries, t) launched and in its window
    heard: F64  # (d, countries, t) running sums of the weights with which a title comes to mind
    mix: NDArray[np.float32]  # (t, g) genres, scaled to length 1
    factors: NDArray[np.float32]  # (t, k)
    titles: Records  # (t,) of quality, seconds, episodes, maturity, spoken (bits), long (too long for a phone)
    pictures: Records  # of theme and represents
    begins: tuple[int, int] = (
        0,
        WHOLE_DAY_S,
    )  # s after midnight UTC from and before which sessions are lived


class People(NamedTuple):
    """A batch of n profiles. What is as wide as the catalogue has genres or factors is no field of a record, so that
    one compilation serves all."""

    each: Records  # (n,) of the other fields of `Members`, `understands` as bits
    tastes: NDArray[
        np.float32
    ]  # (n, 3, k) of the first person, of the second, and where they drift to
    likes: NDArray[np.float32]  # (n, g)


def laws(world: World, settings: WorldSettings) -> Laws:
    """The settings in the order of `Laws`."""
    eyes, watching, appeal, search = (
        settings.eyes,
        settings.watching,
        settings.appeal,
        settings.search,
    )
    devices = settings.devices
    liked = [
        [float(name in settings.daypart_genres.get(part, ())) for name in world.genre_names]
        for part in settings.dayparts
    ]
    return Laws(
        np.array([eyes.down[name] for name in devices]),
        np.array([eyes.right[name] for name in devices]),
        np.array([eyes.screen_columns[name] for name in devices]),
        np.array([name == "phone" for name in devices]),
        np.array([*settings.dayparts.values(), 24]),
        np.array(liked),
        np.array([country.utc_hours for country in settings.countries.values()]),
        eyes.skip,
        eyes.title_seconds,
        appeal.taste,
        appeal.mood,
        appeal.daypart,
        appeal.picture,
        appeal.satiation,
        appeal.satiation_days,
        appeal.watched,
        appeal.resume,
        appeal.abandoned,
        appeal.long_on_phone,
        watching.overall,
        watching.spread,
        watching.noise,
        watching.finish_at,
        watching.slope,
        watching.stop,
        watching.abandon_below,
        watching.next_episode,
        watching.again,
        search.without_play,
        search.resume,
        search.heard_of,
        search.choosiness,
        search.past_play,
        settings.feedback.rate_after_finish,
        settings.feedback.thumb,
        settings.quality_play,
        settings.sessions.most,
        settings.sessions.minutes,
        settings.tastes.drift_days,
        world.seed,
    )


def shelf(titles: Titles, settings: WorldSettings, first_day: int, days: int) -> Shelf:
    """The catalogue on the days first_day to first_day + days - 1."""
    when = np.arange(first_day, first_day + days)
    trend = _trend(titles, settings, when)
    appeal = settings.appeal
    pull = (
        appeal.base
        + appeal.attraction * titles.attraction
        + appeal.quality * titles.quality
        + trend
    )
    opened = (when[:, None, None] >= titles.opens.T) & (when[:, None, None] < titles.closes.T)
    opened = np.ascontiguousarray(opened & (titles.launched <= when[:, None])[:, None, :])
    fame = np.exp(settings.search.fame * titles.attraction + trend)[:, None, :]
    mix = titles.genres / np.sqrt(np.maximum(titles.genres.sum(axis=1, keepdims=True), 1))
    return Shelf(
        first_day,
        (settings.first_day.weekday() + when) % 7 >= 5,
        pull,
        opened,
        np.ascontiguousarray(np.cumsum(fame * opened, axis=2)),
        mix.astype(np.float32),
        titles.factors,
        _goods(titles, 60 * appeal.long_minutes),
        records(theme=titles.picture_theme, represents=titles.picture_represents),
    )


def _goods(titles: Titles, long: float) -> Records:
    return records(
        quality=titles.quality,
        seconds=titles.seconds,
        episodes=titles.episodes,
        maturity=titles.maturity,
        spoken=language_bits(titles.spoken),
        long=titles.seconds > long,
    )


def _trend(titles: Titles, settings: WorldSettings, when: I64) -> F64:
    """(d, t) log-odds of launch, season and buzz: see `docs/world.md`."""
    appeal = settings.appeal
    age = when[:, None] - titles.launched.astype(np.int64)
    launch = np.where(age >= 0, np.exp2(-np.maximum(age, 0) / titles.half_life), 0.0)
    day_of_year = (settings.first_day.timetuple().tm_yday - 1 + when) % YEAR_DAYS
    apart = np.abs(day_of_year[:, None] - titles.season)
    season = np.where(
        titles.season >= 0, _bell(np.minimum(apart, YEAR_DAYS - apart), appeal.trend_days), 0.0
    )
    buzz = titles.buzz * _bell(when[:, None] - titles.buzz_day.astype(np.int64), appeal.trend_days)
    return appeal.launch * launch + appeal.season * season + buzz


def _bell(days: NDArray[np.int64], width: float) -> F64:
    return np.exp(-0.5 * (days / width) ** 2)


def language_bits(languages: NDArray[np.bool_]) -> I64:
    """(n,) one bit for each column of `languages` (n, languages)."""
    return languages.astype(np.int64) @ (np.int64(1) << np.arange(languages.shape[1]))


@inner_njit()
def legal(shelf, people, profile, today, title):  # type: ignore[no-untyped-def]
    """Whether the profile can play the title today: open in its country, within its limit, in a language it knows."""
    return (
        shelf.open[today, people.each[profile].country, title]
        and shelf.titles[title].maturity <= people.each[profile].limit
        and (shelf.titles[title].spoken & people.each[profile].understands) != 0
    )


def people(members: Members) -> People:
    """The members as compiled loops read them."""
    apart = ("taste", "other_taste", "drift", "genre_likes")
    each = {name: values for name, values in members._asdict().items() if name not in apart}
    each["understands"] = language_bits(members.understands)
    tastes = np.stack([members.taste, members.other_taste, members.drift], axis=1)
    return People(records(**each), tastes, np.ascontiguousarray(members.genre_likes))


def records(**columns: NDArray[Any]) -> Records:
    """One structured array of columns (n, ...), each a field."""
    size = len(next(iter(columns.values())))
    fields = [(name, values.dtype, values.shape[1:]) for name, values in columns.items()]
    out = np.empty(size, np.dtype(fields, align=True))
    for name, values in columns.items():
        out[name] = values
    return out
