"""What a client or the back office knows of the world, in the landing contract's columns; the truth stays inside."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_US
from conf.world import WorldSettings
from simulator.members import GROWN_UP, account_ids, profile_ids
from simulator.truth import NEVER, Members, World

I32 = NDArray[np.int32]
INSTANT = pa.timestamp("us", "UTC")
TEXTS = pa.list_(pa.string())


def instants(settings: WorldSettings, days: I32) -> pa.Array:
    """The first instant, UTC, of each day counted from settings.first_day; null for NEVER."""
    first = datetime.combine(settings.first_day, datetime.min.time(), UTC) - datetime(
        1970, 1, 1, tzinfo=UTC
    )
    micros = first // timedelta(microseconds=1) + days.astype(np.int64) * DAY_US
    return pa.array(micros, pa.int64(), mask=days == NEVER).cast(INSTANT)


def titles_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each title, the ones that will be launched later included."""
    titles = world.titles
    return pa.table(
        {
            "title_id": pa.array(world.title_ids, pa.string()),
            "name": pa.array(world.names, pa.string()),
            "kind": pa.array(np.where(titles.series, "series", "film").tolist(), pa.string()),
            "genres": _named(titles.genres, world.genre_names),
            "year": pa.array(world.years, pa.int32()),
            "duration_seconds": pa.array(titles.seconds, pa.int64()),
            "maturity": pa.array(titles.maturity, pa.int32()),
            "languages": _named(titles.spoken, settings.languages),
            "launched_at": instants(settings, titles.launched),
        }
    )


def availability_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each title and country in which it is ever available; until_at is null for an open end.

    Every title has a row: one without would count as available everywhere.
    """
    title, country = np.nonzero(world.titles.opens < NEVER)
    return pa.table(
        {
            "title_id": pa.array(world.title_ids, pa.string()).take(pa.array(title)),
            "country": pa.array(list(settings.countries), pa.string()).take(pa.array(country)),
            "from_at": instants(settings, world.titles.opens[title, country]),
            "until_at": instants(settings, world.titles.closes[title, country]),
        }
    )


def artwork_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each picture; how well it represents its title as an editor judges it: to one place, not exactly."""
    titles = world.titles
    title = np.repeat(np.arange(len(world.title_ids)), np.diff(titles.picture_first))
    judged = np.round(titles.picture_represents.astype(np.float64), 1)
    return pa.table(
        {
            "title_id": pa.array(world.title_ids, pa.string()).take(pa.array(title)),
            "artwork_id": pa.array(world.artwork_ids, pa.string()),
            "theme": pa.array(settings.themes, pa.string()).take(pa.array(titles.picture_theme)),
            "representativeness": pa.array(judged, pa.float64()),
            "maturity": pa.array(titles.maturity[title], pa.int32()),
        }
    )


def profiles_table(world: World, settings: WorldSettings, members: Members) -> pa.Table:
    """One row for each profile, known from the moment it was made: who joins later is not known before."""
    made = instants(settings, members.joined)
    return pa.table(
        {
            "profile_id": pa.array(profile_ids(members.index), pa.string()),
            "account_id": pa.array(account_ids(members.index), pa.string()),
            "country": pa.array(list(settings.countries), pa.string()).take(
                pa.array(members.country)
            ),
            "languages": _named(members.understands, settings.languages),
            "maturity_limit": pa.array(members.limit, pa.int32(), mask=members.limit == GROWN_UP),
            "kids": pa.array(members.kids, pa.bool_()),
            "created_at": made,
            "known_at": made,
        }
    )


def _named(mask: NDArray[np.bool_], names: tuple[str, ...]) -> pa.Array:
    """The names at which each row of the mask (n, names) is set, as lists."""
    _, column = np.nonzero(mask)
    ends = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    values = pa.array(names, pa.string()).take(pa.array(column))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values).cast(TEXTS)
