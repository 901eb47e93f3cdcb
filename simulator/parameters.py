"""What compiled loops read: the parameters of behaviour, the catalogue day by day, and members."""
# Tested by tests/simulator/test_utility.py.

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from conf.days import YEAR_DAYS
from conf.pages import pages
from conf.settings import Frozen
from conf.world import INTENTS, WorldSettings
from simulator.arrays import (
    BOOL,
    F64,
    I64,
    AppealParameters,
    BrowsingParameters,
    CatalogueDays,
    Context,
    FeedbackParameters,
    MemberArrays,
    Parameters,
    Records,
    ReturnParameters,
    SearchParameters,
    WatchingParameters,
)
from simulator.compiled import inner_njit
from simulator.truth import TrueMembers, TrueTitles, World

Section = TypeVar("Section", bound=NamedTuple)
_SATURDAY = 5


def behaviour_parameters(world: World, settings: WorldSettings, replication: int = 0) -> Parameters:
    """The settings as compiled loops read them.

    Another `replication` has the same sessions, but other random numbers for what is done in them.
    """
    countries = settings.countries.values()
    return Parameters(
        browsing=_browsing(settings),
        appeal=_appeal(settings),
        watching=_section(WatchingParameters, settings.watching),
        search=_section(SearchParameters, settings.search),
        feedback=_section(FeedbackParameters, settings.feedback),
        returns=_section(ReturnParameters, settings.returns),
        intents=_intents(settings),
        phone=np.array([name == "phone" for name in settings.devices]),
        daypart_hours=np.array([*settings.dayparts.values(), 24]),
        daypart_genres=_daypart_genres(world, settings),
        utc_hours=np.array([country.utc_hours for country in countries]),
        quality_play=settings.quality_play,
        most_sessions=settings.sessions.most,
        session_minutes=settings.sessions.minutes,
        drift_days=settings.tastes.drift_days,
        seed=world.seed,
        replication=replication,
    )


def _section(kind: type[Section], settings: Frozen) -> Section:
    """The fields of `kind` from a section of the settings that has fields of the same names."""
    return kind(*(getattr(settings, name) for name in kind._fields))


def _appeal(settings: WorldSettings) -> AppealParameters:
    """The weights of appeal, those by intent in the order of INTENTS."""
    appeal = settings.appeal
    return _section(AppealParameters, appeal)._replace(
        new=_by_intent(appeal.new),
        resume=_by_intent(appeal.resume),
        watched=_by_intent(appeal.watched),
    )


def _intents(settings: WorldSettings) -> F64:
    shares = settings.intents
    return np.stack([_by_intent(shares.grown_ups), _by_intent(shares.children)])


def _by_intent(values: Mapping[str, float]) -> F64:
    return np.array([values[intent] for intent in INTENTS])


def _browsing(settings: WorldSettings) -> BrowsingParameters:
    eyes, devices = settings.eyes, settings.devices
    return BrowsingParameters(
        down=np.array([eyes.down[name] for name in devices]),
        right=np.array([eyes.right[name] for name in devices]),
        swipe=np.array([eyes.swipe[name] for name in devices]),
        enters_left=eyes.enters_left,
        interest=eyes.interest,
        by_position=eyes.law == "position",
        screen_columns=np.array([eyes.screen_columns[name] for name in devices]),
        screen_rows=np.array([pages().device(name).screen_rows for name in devices]),
        skip=eyes.skip,
        title_seconds=eyes.title_seconds,
    )


def _daypart_genres(world: World, settings: WorldSettings) -> F64:
    """(dayparts, g) 1 where conf says that a genre is liked better in a daypart."""
    out = np.zeros((len(settings.dayparts), len(world.genre_names)))
    for row, daypart in enumerate(settings.dayparts):
        genres = settings.daypart_genres.get(daypart, ())
        out[row] = [name in genres for name in world.genre_names]
    return out


def catalogue_days(
    titles: TrueTitles, settings: WorldSettings, first_day: int, count: int
) -> CatalogueDays:
    """The catalogue on the days first_day to first_day + count - 1."""
    days = np.arange(first_day, first_day + count)
    appeal = settings.appeal
    trend = _trend(titles, settings, days)
    attraction = appeal.base + appeal.attraction * titles.attraction
    common_log_odds = attraction + appeal.quality * titles.quality + trend
    available = _available(titles, days)
    local = titles.local.T.astype(np.float64)
    world_fame = (settings.search.fame * titles.attraction + trend)[:, None, :]
    fame = np.exp(world_fame + settings.search.fame * local)
    genre_counts = titles.genres.sum(axis=1, keepdims=True)
    genre_vectors = titles.genres / np.sqrt(np.maximum(genre_counts, 1))
    return CatalogueDays(
        first_day=first_day,
        weekend=(settings.first_day.weekday() + days) % 7 >= _SATURDAY,
        common_log_odds=common_log_odds,
        local_log_odds=np.ascontiguousarray(appeal.attraction * local),
        available=available,
        cumulative_fame=np.ascontiguousarray(np.cumsum(fame * available, axis=2)),
        genre_vectors=genre_vectors.astype(np.float32),
        factors=titles.factors,
        titles=_title_records(titles, 60 * appeal.long_minutes),
        artworks=structured_array(
            theme=titles.artwork_theme,
            represents=titles.artwork_represents,
            shared=titles.artwork_shared,
        ),
    )


def _available(titles: TrueTitles, days: I64) -> BOOL:
    """(d, countries, t) whether a title is launched and in the country's window on a day."""
    after_opening = days[:, None, None] >= titles.opens.T
    before_closing = days[:, None, None] < titles.closes.T
    is_launched = (titles.launch_day <= days[:, None])[:, None, :]
    return np.ascontiguousarray(after_opening & before_closing & is_launched)


def _title_records(titles: TrueTitles, long_seconds: float) -> Records:
    return structured_array(
        quality=titles.quality,
        seconds=titles.seconds,
        episodes=titles.episodes,
        maturity=titles.maturity,
        spoken=language_bits(titles.spoken),
        long=titles.seconds > long_seconds,
        young_until=titles.launch_day + pages().exploration.days,
    )


def _trend(titles: TrueTitles, settings: WorldSettings, days: I64) -> F64:
    """(d, t) log-odds of launch, season and buzz: see `docs/world.md`."""
    appeal = settings.appeal
    age = days[:, None] - titles.launch_day.astype(np.int64)
    decay = np.exp2(-np.maximum(age, 0) / titles.half_life)
    launch = np.where(age >= 0, decay, 0.0)
    day_of_year = (settings.first_day.timetuple().tm_yday - 1 + days) % YEAR_DAYS
    distance = np.abs(day_of_year[:, None] - titles.season)
    season_bell = _bell(np.minimum(distance, YEAR_DAYS - distance), appeal.trend_days)
    season = np.where(titles.season >= 0, season_bell, 0.0)
    buzz_distance = days[:, None] - titles.buzz_day.astype(np.int64)
    buzz = titles.buzz * _bell(buzz_distance, appeal.trend_days)
    return appeal.launch * launch + appeal.season * season + buzz


def _bell(days: I64, width: float) -> F64:
    return np.exp(-0.5 * (days / width) ** 2)


def language_bits(languages: BOOL) -> I64:
    """(n,) one bit for each column of `languages` (n, languages)."""
    return languages.astype(np.int64) @ (np.int64(1) << np.arange(languages.shape[1]))


@inner_njit()
def is_playable(context: Context, profile: int, day_index: int, title: int) -> bool:
    """Whether the profile can play the title on the day.

    It has to be available in its country, within its maturity limit and in a language it knows.
    """
    member, record = context.members.records[profile], context.catalogue.titles[title]
    return (
        context.catalogue.available[day_index, member.country, title]
        and record.maturity <= member.limit
        and (record.spoken & member.understands) != 0
    )


def member_arrays(members: TrueMembers) -> MemberArrays:
    """The members as compiled loops read them."""
    columns = members._asdict()
    for name in ("taste", "other_taste", "drift", "genre_likes"):
        del columns[name]
    columns["understands"] = language_bits(members.understands)
    tastes = np.stack([members.taste, members.other_taste, members.drift], axis=1)
    genre_likes = np.ascontiguousarray(members.genre_likes)
    return MemberArrays(structured_array(**columns), tastes, genre_likes)


def structured_array(**columns: NDArray[Any]) -> Records:
    """One structured array of columns (n, ...), each a field."""
    size = len(next(iter(columns.values())))
    fields = [(name, values.dtype, values.shape[1:]) for name, values in columns.items()]
    out = np.empty(size, np.dtype(fields, align=True))
    for name, values in columns.items():
        out[name] = values
    return out
