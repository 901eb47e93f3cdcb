"""What the profiles of a made service did, drawn in Spark's workers: a batch of profiles at a time."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from benchmarks.scale.catalogue import COUNTRIES, DEVICES, GENRES, I64, LONG_AGO, Titles
from conf.days import DAY_US, start_of
from jobs.io.tables.schemas import arrow_schema

FAVOURITES = 3  # genres of a profile
FAVOURITE_SHARE = 0.7  # of its plays
RATED_SHARE = 0.05  # of plays that are followed by stars
LISTED_SHARE = 0.02
PER_PLAY = 1 + RATED_SHARE + LISTED_SHARE
SEEN = 4  # impressions of a play: cells in view on the page that it was taken from
SEEN_DAYS = 14  # of which there are impressions, the last ones
SECOND_US = 1_000_000
Batches = Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]


@dataclass(frozen=True)
class Service:
    """A made service: its size, and the days of its log, of which `ds` is the last."""

    members: int
    titles: int
    days: int
    plays_a_day: float  # of a profile
    ds: date
    seed: int

    @property
    def plays(self) -> int:
        """Plays of a profile on all days."""
        return max(1, round(self.plays_a_day * self.days))

    @property
    def name(self) -> str:
        """A folder's name that tells the size."""
        return f"m{self.members}-t{self.titles}-d{self.days}"


def profile_name(number: int) -> str:
    """The profile_id of a profile."""
    return f"p{number:010d}"


class Taste:
    """Of m profiles the favourite genres, country, device and hour; the same whenever it is drawn."""

    def __init__(self, service: Service, numbers: I64) -> None:
        rng = np.random.default_rng((service.seed, 3, int(numbers[0])))
        count = len(numbers)
        self.numbers = numbers
        self.genres = rng.integers(0, len(GENRES), (count, FAVOURITES))
        country_share = 1 / np.arange(1, len(COUNTRIES) + 1)
        self.country = rng.choice(len(COUNTRIES), count, p=country_share / country_share.sum())
        self.device = rng.choice(len(DEVICES), count, p=(0.5, 0.2, 0.2, 0.1))
        self.hour = rng.normal(20, 3, count)
        self.kids = rng.random(count) < 0.08


def profile_batches(service: Service) -> Batches:
    """Batches of profile numbers to rows of `profiles`."""

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows of each batch."""
        for batch in batches:
            yield _profile_rows(Taste(service, batch["id"].to_numpy()))

    return rows


def _profile_rows(taste: Taste) -> pa.RecordBatch:
    count = len(taste.numbers)
    return _batch(
        "profiles",
        {
            "profile_id": pa.array([profile_name(number) for number in taste.numbers]),
            "account_id": pa.array([f"a{number // 2:010d}" for number in taste.numbers]),
            "country": _words(COUNTRIES, taste.country),
            "languages": pa.array([["en"]] * count),
            "maturity_limit": pa.array([12 if kids else None for kids in taste.kids], pa.int32()),
            "kids": pa.array(taste.kids),
            "known_at": pa.array([LONG_AGO] * count, pa.timestamp("us", "UTC")),
        },
        count,
    )


def event_batches(service: Service, titles: Titles) -> Batches:
    """Batches of profile numbers to rows of `events`: plays, stars and list changes of all days."""
    return _of_plays(service, titles, _event_rows)


def impression_batches(service: Service, titles: Titles) -> Batches:
    """Batches of profile numbers to rows of `impressions`: cells beside each play's own."""
    return _of_plays(service, titles, _impression_rows)


def tick_batches(service: Service, titles: Titles) -> Batches:
    """Batches of profile numbers to events of the ten minutes after the last day, three of each."""
    after = Service(service.members, service.titles, 1, 3, service.ds + timedelta(days=1), 77)
    return _of_plays(after, titles, partial(_event_rows, within_us=600 * SECOND_US))


def _of_plays(
    service: Service, titles: Titles, rows_of: Callable[[Service, "Plays"], pa.RecordBatch]
) -> Batches:
    """Rows of drawn plays, for each batch of profile numbers."""

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The rows of each batch."""
        for batch in batches:
            yield rows_of(service, Plays(service, titles, Taste(service, batch["id"].to_numpy())))

    return rows


class Plays:
    """N plays of m profiles: who, what, when, how long."""

    def __init__(self, service: Service, titles: Titles, taste: Taste) -> None:
        rng = np.random.default_rng((service.seed, 4, int(taste.numbers[0])))
        self.rng, self.taste, self.titles = rng, taste, titles
        self.profile = np.repeat(np.arange(len(taste.numbers)), service.plays)
        count = len(self.profile)
        favourite = taste.genres[self.profile, rng.integers(0, FAVOURITES, count)]
        self.title = titles.drawn(rng, np.where(rng.random(count) < FAVOURITE_SHARE, favourite, -1))
        first_us = int(start_of(service.ds).timestamp()) * SECOND_US
        day = first_us - rng.integers(0, service.days, count) * DAY_US
        hour = (taste.hour[self.profile] + rng.normal(0, 2, count)) % 24
        self.day_us = day
        self.at_us = day + (hour * 3600).astype(np.int64) * SECOND_US
        share = np.minimum(rng.beta(2, 1, count) * 1.2, 1.0)
        self.duration_s = titles.duration_s[self.title]
        self.watched_s = (share * self.duration_s).astype(np.int64)
        usual = taste.device[self.profile]
        self.device = np.where(rng.random(count) < 0.8, usual, rng.integers(0, 4, count))
        parts = [pa.array(taste.numbers[self.profile]), pa.array(self.at_us)]
        texts = [part.cast(pa.string()) for part in parts]
        self.page = pc.binary_join_element_wise(*texts, pa.scalar("-"))
        self.row_position = rng.geometric(0.15, count).clip(1, 40)
        self.column_position = rng.geometric(0.2, count).clip(1, 40)


def _event_rows(service: Service, plays: Plays, within_us: int | None = None) -> pa.RecordBatch:
    """The plays, and after some of them stars or an entry of the list."""
    rng, count = plays.rng, len(plays.title)
    if within_us:
        plays.at_us = plays.day_us + rng.integers(0, within_us, count)
    rated = np.flatnonzero(rng.random(count) < RATED_SHARE)
    listed = np.flatnonzero(rng.random(count) < LISTED_SHARE)
    of = np.concatenate([np.arange(count), rated, listed])
    kind = np.repeat([0, 1, 2], [count, len(rated), len(listed)])
    is_play = kind == 0
    at = pa.array(plays.at_us[of], pa.timestamp("us", "UTC"))
    number = rng.integers(1, 6, len(of))
    stars = np.where(kind == 1, number, 0).astype(float)
    ids = np.frombuffer(rng.bytes(32 * len(of)).hex().encode(), "S64")
    episodic = is_play & plays.titles.series[plays.title[of]]
    missing = pa.nulls(len(of), pa.string())
    cells = {
        "row_position": pa.array(plays.row_position[of].astype(np.int32), mask=~is_play),
        "column_position": pa.array(plays.column_position[of].astype(np.int32), mask=~is_play),
    }
    return _batch(
        "events",
        {
            "event_id": pa.array(ids).cast(pa.string()),
            "profile_id": _profile_ids(plays, of),
            "title_id": _title_ids(plays.title[of]),
            "event_at": at,
            "known_at": at,
            "kind": _words(("play", "rating", "list_add"), kind),
            "value": pa.array(stars, mask=kind != 1),
            "watched_seconds": pa.array(plays.watched_s[of], mask=~is_play),
            "duration_seconds": pa.array(plays.duration_s[of], mask=~is_play),
            "episode": pc.if_else(
                pa.array(episodic), _words([f"S01E{n:02d}" for n in range(1, 7)], number), missing
            ),
            "device": _words(DEVICES, plays.device[of]),
            "country": _words(COUNTRIES, plays.taste.country[plays.profile[of]]),
            "page_id": pc.if_else(pa.array(is_play), plays.page.take(pa.array(of)), missing),
            "row_id": pc.if_else(pa.array(is_play), _rows(plays.row_position[of]), missing),
            **cells,
            "ds": at.cast(pa.date32()),
        },
        len(of),
    )


def _impression_rows(service: Service, plays: Plays) -> pa.RecordBatch:
    """The cell of each play and those to its right, with artwork drawn evenly of two."""
    rng = plays.rng
    first_us = int(start_of(service.ds).timestamp()) * SECOND_US - (SEEN_DAYS - 1) * DAY_US
    recent = np.flatnonzero(plays.at_us >= first_us)
    of = np.repeat(recent, SEEN)
    beside = np.tile(np.arange(SEEN), len(recent))
    others = plays.titles.drawn(rng, np.full(len(of), -1))
    title = np.where(beside == 0, plays.title[of], others)
    at = pa.array(plays.at_us[of] - SECOND_US, pa.timestamp("us", "UTC"))
    title_ids = _title_ids(title)
    return _batch(
        "impressions",
        {
            "page_id": plays.page.take(pa.array(of)),
            "profile_id": _profile_ids(plays, of),
            "row_id": _rows(plays.row_position[of]),
            "row_position": pa.array(plays.row_position[of].astype(np.int32)),
            "column_position": pa.array((plays.column_position[of] + beside).astype(np.int32)),
            "title_id": title_ids,
            "shown_at": at,
            "artwork_id": pc.binary_join_element_wise(title_ids, pa.scalar("0"), "-"),
            "policy": pa.array(["even"] * len(of)),
            "propensity": pa.array(np.full(len(of), 0.5)),
            "device": _words(DEVICES, plays.device[of]),
            "known_at": at,
            "ds": at.cast(pa.date32()),
        },
        len(of),
    )


def _profile_ids(plays: Plays, of: NDArray[np.integer]) -> pa.Array:
    names = pa.array([profile_name(number) for number in plays.taste.numbers])
    return names.take(pa.array(plays.profile[of]))


def _title_ids(title: NDArray[np.integer]) -> pa.Array:
    distinct, place = np.unique(title, return_inverse=True)
    return pa.array([f"t{number:07d}" for number in distinct]).take(pa.array(place))


def _rows(position: NDArray[np.integer]) -> pa.Array:
    return _words([f"row-{number}" for number in range(41)], position)


def _words(words: "tuple[str, ...] | list[str]", index: NDArray[np.integer]) -> pa.Array:
    """A word for each index."""
    return pa.array(list(words)).take(pa.array(np.asarray(index) % len(words)))


def _batch(table: str, columns: dict[str, pa.Array], count: int) -> pa.RecordBatch:
    """A batch in the contract's columns; what is not given is null, but where it comes from."""
    origin = {"source": "simulated", "landing_id": "scale"}
    arrays = []
    for field in arrow_schema(table):
        if field.name in columns:
            arrays.append(columns[field.name].cast(field.type))
        elif field.name in origin:
            arrays.append(pa.array([origin[field.name]] * count))
        else:
            arrays.append(pa.nulls(count, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=arrow_schema(table))
