"""What a day leaves behind, a record for each profile.

Events and impressions are as a client sends them; states and measures are the truth.
"""

from datetime import UTC, datetime, time

import numpy as np
import pyarrow as pa

from conf.world import WorldSettings
from simulator.arrays import (
    BOOL,
    I64,
    MEMORY_ENTRY,
    STANDING,
    MemberArrays,
    SessionLog,
    States,
)
from simulator.members import account_ids, profile_ids
from simulator.memory import first_standings
from simulator.served_pages import ServedPages
from simulator.truth import World
from simulator.watching import (
    CELL,
    DEVICE,
    DURATION,
    EPISODE,
    KIND,
    KINDS,
    MEASURES,
    PROFILE,
    RATING,
    SECOND,
    THUMB,
    TITLE,
    VALUE,
    WATCHED,
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
STATE_FIELDS = MEMORY_ENTRY.names or ()
STANDING_FIELDS = STANDING.names or ()
STATE = pa.struct(
    {
        **{name: pa.list_(pa.from_numpy_dtype(MEMORY_ENTRY[name])) for name in STATE_FIELDS},
        **{name: pa.from_numpy_dtype(STANDING[name]) for name in STANDING_FIELDS},
    }
)
MEASURE = pa.struct(
    {
        "arm": pa.string(),
        **dict.fromkeys(MEASURES, pa.int64()),
        "titles": pa.list_(pa.int32()),  # played from the page
    }
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
_ROW_FIELDS = ("page_id", "row_id", "row_position")
_CELL_FIELDS = ("column_position", "title_id", "artwork_id", "policy", "propensity")


def outcome_table(
    world: World,
    settings: WorldSettings,
    batch: MemberArrays,
    pages: ServedPages,
    log: SessionLog,
    states: States,
    logs_by_arm: dict[str, SessionLog],
) -> pa.Table:
    """The record of each profile: events and impressions of `log`, states, measures of each arm."""
    index = batch.records["index"].copy()
    names = pa.array(profile_ids(index), pa.string())
    columns = [
        pa.array(index),
        names,
        pa.array(account_ids(index), pa.string()),
        pa.array(batch.records["join_day"].copy()),
        pa.array(np.minimum(batch.records["cancel_day"], states.standings["left"])),
        _events(world, settings, batch, names, pages, log),
        _impressions(settings, names, pages, log),
        states_array(states),
        _measures(logs_by_arm, len(index)),
    ]
    return pa.Table.from_arrays(columns, schema=OUTCOME)


def states_of(column: pa.ChunkedArray) -> States:
    """The states in a column of STATE, empty where it is null."""
    fields = column.cast(STATE).combine_chunks().flatten()
    lists, scalars = fields[: len(STATE_FIELDS)], fields[len(STATE_FIELDS) :]
    lengths = lists[0].value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    entries = np.empty(int(lengths.sum()), MEMORY_ENTRY)
    for name, values in zip(STATE_FIELDS, lists, strict=True):
        entries[name] = values.flatten().to_numpy(zero_copy_only=False)
    first = np.concatenate([[0], np.cumsum(lengths)])
    standings = first_standings(len(lengths))
    for name, values in zip(STANDING_FIELDS, scalars, strict=True):
        is_there = values.is_valid().to_numpy(zero_copy_only=False)
        standings[name][is_there] = values.drop_null().to_numpy(zero_copy_only=False)
    return States(first.astype(np.int64), entries, standings)


def states_array(states: States) -> pa.StructArray:
    """The states as a column of STATE."""
    offsets = pa.array(states.first.astype(np.int32))
    lists = []
    for name in STATE_FIELDS:
        values = pa.array(states.entries[name].copy())
        lists.append(pa.ListArray.from_arrays(offsets, values))
    scalars = [pa.array(states.standings[name].copy()) for name in STANDING_FIELDS]
    return pa.StructArray.from_arrays([*lists, *scalars], fields=list(STATE))


def _lists(owner: I64, size: int, entries: pa.Array) -> pa.ListArray:
    """Entries, in order of their owner, as one list for each of `size` owners."""
    offsets = np.searchsorted(owner, np.arange(size + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), entries)


def _words(words: tuple[str, ...], indices: I64) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(indices))


def _optional(values: I64, is_valid: BOOL, kind: pa.DataType) -> pa.Array:
    return pa.array(values, mask=~is_valid).cast(kind)


def _instants(settings: WorldSettings, seconds: I64) -> pa.Array:
    """Seconds after midnight UTC of the first day as instants."""
    midnight = datetime.combine(settings.first_day, time.min, tzinfo=UTC)
    micros = (int(midnight.timestamp()) + seconds) * 1_000_000
    return pa.array(micros).cast(INSTANT)


def _episode_names(world: World, episodes: I64) -> pa.Array:
    """S01E01 for 0; null for films, -1."""
    names = []
    for number in range(int(world.titles.episodes.max(initial=1))):
        season, episode = divmod(number, EPISODES_IN_SEASON)
        names.append(f"S{season + 1:02d}E{episode + 1:02d}")
    return pa.array(names, pa.string()).take(pa.array(episodes, mask=episodes < 0))


def _events(
    world: World,
    settings: WorldSettings,
    batch: MemberArrays,
    names: pa.Array,
    pages: ServedPages,
    log: SessionLog,
) -> pa.ListArray:
    """The events of each profile, as lists of EVENT."""
    columns = log.events[: log.used[0]].T
    profile, kind, cell = columns[PROFILE], columns[KIND], columns[CELL]
    watched, duration = columns[WATCHED], columns[DURATION]
    has_value = (kind == RATING) | (kind == THUMB)
    page_cell = pa.array(cell, mask=cell < 0)  # null off the page
    page_row = pa.array(pages.row_of_cell).take(page_cell)
    values = {
        "profile_id": names.take(pa.array(profile)),
        "title_id": _words(world.title_ids, columns[TITLE]),
        "event_at": _instants(settings, columns[SECOND]),
        "kind": _words(KINDS, kind),
        "value": _optional(columns[VALUE], has_value, pa.float64()),
        "watched_seconds": _optional(watched, watched >= 0, pa.int64()),
        "duration_seconds": _optional(duration, duration >= 0, pa.int64()),
        "episode": _episode_names(world, columns[EPISODE]),
        "device": _words(settings.devices, columns[DEVICE]),
        "country": _words(tuple(settings.countries), batch.records["country"][profile]),
        "column_position": pages.cells.field("column_position").take(page_cell),
    }
    for name in _ROW_FIELDS:
        values[name] = pages.rows.field(name).take(page_row)
    return _lists(profile, len(names), _structs(values, EVENT))


def _impressions(
    settings: WorldSettings, names: pa.Array, pages: ServedPages, log: SessionLog
) -> pa.ListArray:
    """The impressions of each profile, as lists of IMPRESSION."""
    profile, cell, second, device, _ = log.impressions[: log.used[1]].T
    cell_index, row_index = pa.array(cell), pa.array(pages.row_of_cell[cell])
    values = {
        "profile_id": names.take(pa.array(profile)),
        "shown_at": _instants(settings, second),
        "device": _words(settings.devices, device),
    }
    for name in _ROW_FIELDS:
        values[name] = pages.rows.field(name).take(row_index)
    for name in _CELL_FIELDS:
        values[name] = pages.cells.field(name).take(cell_index)
    return _lists(profile, len(names), _structs(values, IMPRESSION))


def _structs(values: dict[str, pa.Array], kind: pa.StructType) -> pa.StructArray:
    """The values of each field as structs of a kind."""
    fields = [values[field.name].cast(field.type) for field in kind]
    return pa.StructArray.from_arrays(fields, fields=list(kind))


def _measures(logs_by_arm: dict[str, SessionLog], size: int) -> pa.ListArray:
    """One entry for each profile and arm, arms in their order."""
    arms = len(logs_by_arm)
    names = _words(tuple(logs_by_arm), np.tile(np.arange(arms), size))
    measures = np.stack([log.measures for log in logs_by_arm.values()], axis=1)
    columns = measures.reshape(size * arms, -1).T
    fields = [names, *(pa.array(column.copy()) for column in columns)]
    fields.append(_page_plays(logs_by_arm, size))
    entries = pa.StructArray.from_arrays(fields, fields=list(MEASURE))
    offsets = np.arange(size + 1, dtype=np.int32) * arms
    return pa.ListArray.from_arrays(pa.array(offsets), entries)


def _page_plays(logs_by_arm: dict[str, SessionLog], size: int) -> pa.ListArray:
    """The titles that each profile played from the page, for each profile and arm in turn."""
    arms = len(logs_by_arm)
    owners, titles = [], []
    for arm, log in enumerate(logs_by_arm.values()):
        profile, title = log.page_plays[: log.used[2]].T
        owners.append(profile * arms + arm)
        titles.append(title)
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    title_indices = np.concatenate(titles)[order].astype(np.int32)
    return _lists(owner[order], size * arms, pa.array(title_indices))
