"""What a client or the back office knows of the world, in the landing contract's columns.

The truth stays inside.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from conf.days import DAY_US
from conf.world import WorldSettings
from simulator.arrays import BOOL, I32
from simulator.members import GROWN_UP, account_ids, profile_ids
from simulator.truth import NEVER, TrueMembers, World

INSTANT = pa.timestamp("us", "UTC")
TEXTS = pa.list_(pa.string())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day_instants(settings: WorldSettings, days: I32) -> pa.Array:
    """The first instant, UTC, of each day counted from settings.first_day; null for NEVER."""
    first_instant = datetime.combine(settings.first_day, datetime.min.time(), UTC)
    first_micros = (first_instant - _EPOCH) // timedelta(microseconds=1)
    micros = first_micros + days.astype(np.int64) * DAY_US
    return pa.array(micros, pa.int64(), mask=days == NEVER).cast(INSTANT)


def titles_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each title, the ones that will be launched later included."""
    titles = world.titles
    kinds = np.where(titles.series, "series", "film")
    columns = {
        "title_id": pa.array(world.title_ids, pa.string()),
        "name": pa.array(world.names, pa.string()),
        "kind": pa.array(kinds.tolist(), pa.string()),
        "genres": _name_lists(titles.genres, world.genre_names),
        "year": pa.array(world.years, pa.int32()),
        "duration_seconds": pa.array(titles.seconds, pa.int64()),
        "maturity": pa.array(titles.maturity, pa.int32()),
        "languages": _name_lists(titles.spoken, settings.languages),
        "launched_at": day_instants(settings, titles.launch_day),
    }
    return pa.table(columns)


def availability_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each title and country in which it is ever available.

    until_at is null for an open end. Every title has a row: one without would count as available
    everywhere.
    """
    title, country = np.nonzero(world.titles.opens < NEVER)
    title_ids = pa.array(world.title_ids, pa.string())
    countries = pa.array(list(settings.countries), pa.string())
    columns = {
        "title_id": title_ids.take(pa.array(title)),
        "country": countries.take(pa.array(country)),
        "from_at": day_instants(settings, world.titles.opens[title, country]),
        "until_at": day_instants(settings, world.titles.closes[title, country]),
    }
    return pa.table(columns)


def artwork_table(world: World, settings: WorldSettings) -> pa.Table:
    """One row for each artwork.

    How well it represents its title is told as an editor judges it: to one decimal.
    """
    titles = world.titles
    title = np.repeat(np.arange(len(world.title_ids)), np.diff(titles.artwork_first))
    title_ids = pa.array(world.title_ids, pa.string())
    themes = pa.array(settings.themes, pa.string())
    editors_view = np.round(titles.artwork_represents.astype(np.float64), 1)
    columns = {
        "title_id": title_ids.take(pa.array(title)),
        "artwork_id": pa.array(world.artwork_ids, pa.string()),
        "theme": themes.take(pa.array(titles.artwork_theme)),
        "representativeness": pa.array(editors_view, pa.float64()),
        "maturity": pa.array(titles.maturity[title], pa.int32()),
    }
    return pa.table(columns)


def profiles_table(world: World, settings: WorldSettings, members: TrueMembers) -> pa.Table:
    """One row for each profile, known from its creation: who joins later is not known before."""
    created_at = day_instants(settings, members.join_day)
    countries = pa.array(list(settings.countries), pa.string())
    has_no_limit = members.limit == GROWN_UP
    columns = {
        "profile_id": pa.array(profile_ids(members.index), pa.string()),
        "account_id": pa.array(account_ids(members.index), pa.string()),
        "country": countries.take(pa.array(members.country)),
        "languages": _name_lists(members.understands, settings.languages),
        "maturity_limit": pa.array(members.limit, pa.int32(), mask=has_no_limit),
        "kids": pa.array(members.kids, pa.bool_()),
        "created_at": created_at,
        "known_at": created_at,
    }
    return pa.table(columns)


def _name_lists(mask: BOOL, names: tuple[str, ...]) -> pa.Array:
    """The names at which each row of the mask (n, names) is set, as lists."""
    _, column = np.nonzero(mask)
    offsets = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    values = pa.array(names, pa.string()).take(pa.array(column))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values).cast(TEXTS)
