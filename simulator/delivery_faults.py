"""What goes wrong with records on their way to us: late, twice, out of order, broken.

Every fault is keyed by the content of the record and the seed, so it does not depend on batches or
order.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.compiled import njit
from conf.days import DAY_US
from conf.draws import splitmix64
from conf.landing import FACT_TIMES
from conf.world import DeliveryFaults
from simulator.arrays import I64, U64
from simulator.client_view import INSTANT
from simulator.draws import BROKEN, DISORDER, DUPLICATE, LATE, uniform_draws

SECOND, HOUR = 1_000_000, 3_600_000_000  # microseconds
PROMPT = 60  # seconds within which a record reaches us that is not late
ANCIENT = -2_300_000_000_000_000  # microseconds before 1970: in 1897, before any record may be
_BETWEEN = "\x1f"
_FNV_BASIS, _FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


class Delivery(NamedTuple):
    """Records as they reach us, and how many are what: records = clean + duplicates + broken."""

    records: pa.Table
    clean: int
    late: int  # of the clean ones
    duplicates: int
    displaced: int
    broken: int


def delivery(
    events: pa.Table, settings: DeliveryFaults, seed: int, table: str = "events"
) -> Delivery:
    """The records with every kind of fault.

    `table` is events or impressions, which happened at event_at or shown_at.
    """
    records, late = with_delays(events, settings, seed, table)
    records, duplicates = with_duplicates(records, settings, seed)
    records, broken = with_broken_copies(records, settings, seed, table)
    records, displaced = out_of_order(records, settings, seed)
    return Delivery(records, len(events), late, duplicates, displaced, broken)


def with_delays(
    events: pa.Table, settings: DeliveryFaults, seed: int, table: str = "events"
) -> tuple[pa.Table, int]:
    """The records with known_at, and how many are late.

    Late is by 1 to most_late_days days; the others are known within a minute.
    """
    uniforms = uniform_draws(seed, content_keys(events), LATE, 3)
    is_late = uniforms[:, 0] < settings.late_share
    late_days = 1 + (uniforms[:, 1] * settings.most_late_days).astype(np.int64)
    seconds = 1 + uniforms[:, 2] * (PROMPT - 1)
    delay = np.where(is_late, late_days * DAY_US, 0) + (seconds * SECOND).astype(np.int64)
    known_at = _instants(_micros(events[FACT_TIMES[table]]) + delay)
    return _with_column(events, "known_at", known_at), int(is_late.sum())


def with_duplicates(records: pa.Table, settings: DeliveryFaults, seed: int) -> tuple[pa.Table, int]:
    """The records, then those that were sent twice, and their number.

    A duplicate is the same fact, known again up to a day later.
    """
    uniforms = uniform_draws(seed, content_keys(records), DUPLICATE, 2)
    is_sent_twice = uniforms[:, 0] < settings.duplicate_share
    duplicates = records.filter(pa.array(is_sent_twice))
    delay = (uniforms[is_sent_twice, 1] * DAY_US).astype(np.int64)
    known_at = _instants(_micros(duplicates["known_at"]) + delay)
    duplicates = _with_column(duplicates, "known_at", known_at)
    return pa.concat_tables([records, duplicates]), int(is_sent_twice.sum())


def with_broken_copies(
    records: pa.Table, settings: DeliveryFaults, seed: int, table: str = "events"
) -> tuple[pa.Table, int]:
    """The records, then broken copies of some, each with one fault that landing refuses."""
    uniforms = uniform_draws(seed, content_keys(records), BROKEN, 2)
    faults = [fault for fault in _faults(FACT_TIMES[table]) if fault.column in records.column_names]
    is_broken = uniforms[:, 0] < settings.broken_share
    fault_of_record = (uniforms[:, 1] * len(faults)).astype(np.int64)
    tables = [records]
    for number, fault in enumerate(faults):
        copies = records.filter(pa.array(is_broken & (fault_of_record == number)))
        if len(copies):
            tables.append(_with_column(copies, fault.column, fault.values(copies)))
    return pa.concat_tables(tables), int(is_broken.sum())


def out_of_order(records: pa.Table, settings: DeliveryFaults, seed: int) -> tuple[pa.Table, int]:
    """The records in the order in which they are known, and the number of the displaced ones.

    A share of them stands up to six hours off.
    """
    keys, known_at = content_keys(records), _micros(records["known_at"])
    uniforms = uniform_draws(seed, keys, DISORDER, 2)
    is_displaced = uniforms[:, 0] < settings.disorder_share
    displacement = np.where(is_displaced, (uniforms[:, 1] * 12 - 6) * HOUR, 0)
    position = known_at + displacement.astype(np.int64)
    order = np.lexsort((known_at, keys, position))
    return records.take(pa.array(order)), int(is_displaced.sum())


def content_keys(records: pa.Table) -> I64:
    """A key of what each record says but for known_at: a fact has one key wherever it stands.

    FNV-1a (Fowler, Noll and Vo) over the values as text in the order of their columns' names.
    """
    names = sorted(set(records.column_names) - {"known_at"})
    texts = [_text(records[name].combine_chunks()) for name in names]
    joined = pc.binary_join_element_wise(
        *texts, _BETWEEN, null_handling="replace", null_replacement=""
    )
    _, offsets, data = joined.cast(pa.large_string()).buffers()
    ends = np.frombuffer(offsets, np.int64, len(joined) + 1, 8 * joined.offset)
    characters = np.frombuffer(data or b"", np.uint8)
    return _hashes(ends, characters).view(np.int64)


class _Fault(NamedTuple):
    """One way of being broken: the values that stand in a column instead."""

    column: str
    values: Callable[[pa.Table], pa.Array]


def _faults(happened: str) -> list[_Fault]:
    """One fault for each reason of quarantine; `happened` is the column of the record's time.

    In turn: blank_id twice, missing_field, control_character, out_of_range twice, before_service,
    learned_before_happened.
    """
    return [
        _Fault("profile_id", lambda rows: pa.array([" "] * len(rows))),
        _Fault("title_id", lambda rows: pa.array([""] * len(rows))),
        _Fault("title_id", lambda rows: pa.nulls(len(rows), pa.string())),
        _Fault("profile_id", _ids_with_a_control_character),
        _Fault("watched_seconds", lambda rows: pa.array([-1] * len(rows))),
        _Fault("propensity", lambda rows: pa.array([2.0] * len(rows))),
        _Fault(happened, lambda rows: _instants(np.full(len(rows), ANCIENT))),
        _Fault(happened, lambda rows: _instants(_micros(rows["known_at"]) + HOUR)),
    ]


def _ids_with_a_control_character(rows: pa.Table) -> pa.Array:
    return pc.binary_join_element_wise(rows["profile_id"], "", "\x07")


def _with_column(records: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """The records with a column set: in its position and of its type, or at the end if it is new."""
    if name not in records.column_names:
        return records.append_column(name, values)
    position = records.column_names.index(name)
    field = records.schema.field(position)
    return records.set_column(position, field, values.cast(field.type))


def _micros(times: pa.ChunkedArray) -> I64:
    return times.cast(INSTANT).cast(pa.int64()).to_numpy()


def _instants(micros: I64) -> pa.Array:
    return pa.array(micros, pa.int64()).cast(INSTANT)


def _text(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        values = values.cast(INSTANT).cast(pa.int64())
    if pa.types.is_list(values.type):
        return pc.binary_join(values, _BETWEEN)
    return values.cast(pa.string())


@njit()
def _hashes(ends: I64, characters: NDArray[np.uint8]) -> U64:
    """(n,) the hash of characters[ends[i]:ends[i + 1]] for each text i."""
    out = np.empty(len(ends) - 1, np.uint64)
    for row in range(len(out)):
        key = _FNV_BASIS
        for position in range(ends[row], ends[row + 1]):
            key = (key ^ np.uint64(characters[position])) * _FNV_PRIME
        out[row] = splitmix64(key)
    return out
