"""What a day leaves behind, a record for each profile: events and impressions as a client sends them, and the truth."""

from datetime import UTC, datetime, time

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.world import WorldSettings
from simulator.members import account_ids, profile_ids
from simulator.memory import ENTRY, States
from simulator.parameters import I64, People
from simulator.served_pages import Served
from simulator.truth import World
from simulator.watching import (
    CELL,
    COUNTS,
    DEVICE,
    DURATION,
    EPISODE,
    KIND,
    KINDS,
    PROFILE,
    RATING,
    SECOND,
    THUMB,
    TITLE,
    VALUE,
    WATCHED,
    Log,
)

INSTANT = pa.timestamp("us", "UTC")
EVENT = pa.struct(
    {
        "profile_id": pa.string(),
        "title_id": pa.string(),
        "event_at": INSTANT,
        "kind": pa.string(),
        "value": pa.float64(),
        "watched_seconds": pa.int64(),
        "duration_seconds": pa.int64(),
        "episode": pa.string(),
        "device": pa.string(),
        "country": pa.string(),
        "page_id": pa.string(),
        "row_id": pa.string(),
        "row_position": pa.int32(),
        "column_position": pa.int32(),
    }
)
IMPRESSION = pa.struct(
    {
        "page_id": pa.string(),
        "profile_id": pa.string(),
        "row_id": pa.string(),
        "row_position": pa.int32(),
        "column_position": pa.int32(),
        "title_id": pa.string(),
        "shown_at": INSTANT,
        "artwork_id": pa.string(),
        "policy": pa.string(),
        "propensity": pa.float64(),
        "device": pa.string(),
    }
)
STATE = pa.struct({name: pa.list_(pa.from_numpy_dtype(ENTRY[name])) for name in ENTRY.names or ()})
MEASURE = pa.struct(
    {"arm": pa.string(), **{name: pa.int64() for name in COUNTS}, "titles": pa.list_(pa.int32())}
)
OUTCOME = pa.schema(
    {
        "index": pa.int64(),
        "profile_id": pa.string(),
        "account_id": pa.string(),
        "joined": pa.int32(),
        "left": pa.int32(),
        "events": pa.list_(EVENT),
        "impressions": pa.list_(IMPRESSION),
        "state": STATE,
        "measures": pa.list_(MEASURE),
    }
)
EPISODES_IN_SEASON = 10


def outcome(
    world: World,
    settings: WorldSettings,
    people: People,
    pages: Served,
    log: Log,
    states: States,
    measured: dict[str, Log],
) -> pa.Table:
    """The record of each profile: what `log` tells, the states after it, and the measures of every arm."""
    index = people.each["index"].copy()
    names, accounts = (
        pa.array(profile_ids(index), pa.string()),
        pa.array(account_ids(index), pa.string()),
    )
    columns = [
        pa.array(index),
        names,
        accounts,
        pa.array(people.each["joined"].copy()),
        pa.array(people.each["left"].copy()),
        _events(world, settings, people, names, pages, log),
        _impressions(settings, names, pages, log),
        states_array(states),
        _measures(measured, len(people.each)),
    ]
    return pa.Table.from_arrays(columns, schema=OUTCOME)


def states_of(column: pa.ChunkedArray) -> States:
    """The states in a column of STATE, empty where it is null."""
    lists = column.cast(STATE).combine_chunks().flatten()
    lengths = lists[0].value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    entries = np.empty(int(lengths.sum()), ENTRY)
    for name, each in zip(ENTRY.names or (), lists, strict=True):
        entries[name] = each.flatten().to_numpy(zero_copy_only=False)
    return States(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), entries)


def states_array(states: States) -> pa.StructArray:
    """The states as a column of STATE."""
    offsets = pa.array(states.first.astype(np.int32))
    lists = [
        pa.ListArray.from_arrays(offsets, pa.array(states.entries[name].copy()))
        for name in ENTRY.names or ()
    ]
    return pa.StructArray.from_arrays(lists, fields=list(STATE))


def _lists(profile: I64, size: int, entries: pa.Array) -> pa.ListArray:
    """Entries, sorted by profile, as one list for each of `size` profiles."""
    first = np.searchsorted(profile, np.arange(size + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(first), entries)


def _words(words: tuple[str, ...], place: I64) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(place))


def _optional(values: I64, given: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    return pa.array(values, mask=~given).cast(kind)


def _instants(settings: WorldSettings, second: I64) -> pa.Array:
    """Seconds after midnight UTC of the first day as instants."""
    midnight = int(datetime.combine(settings.first_day, time.min, tzinfo=UTC).timestamp())
    return pa.array((midnight + second) * 1_000_000).cast(INSTANT)


def _episodes(world: World, episode: I64) -> pa.Array:
    """S01E01 for 0; null for films, -1."""
    most = int(world.titles.episodes.max(initial=1))
    named = [
        f"S{n // EPISODES_IN_SEASON + 1:02d}E{n % EPISODES_IN_SEASON + 1:02d}" for n in range(most)
    ]
    return pa.array(named, pa.string()).take(pa.array(episode, mask=episode < 0))


def _events(
    world: World, settings: WorldSettings, people: People, names: pa.Array, pages: Served, log: Log
) -> pa.ListArray:
    found = log.events[: log.used[0]].T
    profile, cell, kind = found[PROFILE], found[CELL], found[KIND]
    on_page = pa.array(cell, mask=cell < 0)
    row = pa.array(pages.row_of_cell).take(on_page)
    fields = [
        names.take(pa.array(profile)),
        _words(world.title_ids, found[TITLE]),
        _instants(settings, found[SECOND]),
        _words(KINDS, kind),
        _optional(found[VALUE], (kind == RATING) | (kind == THUMB), pa.float64()),
        _optional(found[WATCHED], found[WATCHED] >= 0, pa.int64()),
        _optional(found[DURATION], found[DURATION] >= 0, pa.int64()),
        _episodes(world, found[EPISODE]),
        _words(settings.devices, found[DEVICE]),
        _words(tuple(settings.countries), people.each["country"][profile]),
        *(
            pages.rows.field(name).take(row).cast(EVENT.field(name).type)
            for name in ("page_id", "row_id", "row_position")
        ),
        pages.cells.field("column_position").take(on_page).cast(pa.int32()),
    ]
    return _lists(profile, len(names), pa.StructArray.from_arrays(fields, fields=list(EVENT)))


def _impressions(settings: WorldSettings, names: pa.Array, pages: Served, log: Log) -> pa.ListArray:
    profile, cell, second, device = log.seen[: log.used[1]].T
    place, row = pa.array(cell), pa.array(pages.row_of_cell[cell])
    known = {
        **{
            name: pages.rows.field(name).take(row) for name in ("page_id", "row_id", "row_position")
        },
        **{
            name: pages.cells.field(name).take(place)
            for name in ("column_position", "title_id", "artwork_id", "policy", "propensity")
        },
        "profile_id": names.take(pa.array(profile)),
        "shown_at": _instants(settings, second),
        "device": _words(settings.devices, device),
    }
    fields = [known[field.name].cast(field.type) for field in IMPRESSION]
    return _lists(profile, len(names), pa.StructArray.from_arrays(fields, fields=list(IMPRESSION)))


def _measures(measured: dict[str, Log], size: int) -> pa.ListArray:
    """One entry for each profile and arm, arms in the order given."""
    arms = len(measured)
    counts = np.stack([log.measures for log in measured.values()], axis=1).reshape(size * arms, -1)
    taken = [log.taken[: log.used[2]] for log in measured.values()]
    place = np.concatenate([rows[:, 0] * arms + arm for arm, rows in enumerate(taken)])
    order = np.argsort(place, kind="stable")
    titles = pa.array(np.concatenate([rows[:, 1] for rows in taken])[order].astype(np.int32))
    fields = [
        _words(tuple(measured), np.tile(np.arange(arms), size)),
        *(pa.array(column.copy()) for column in counts.T),
        _lists(place[order], size * arms, titles),
    ]
    entries = pa.StructArray.from_arrays(fields, fields=list(MEASURE))
    return pa.ListArray.from_arrays(pa.array(np.arange(size + 1, dtype=np.int32) * arms), entries)
