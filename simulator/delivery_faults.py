"""What goes wrong with records on their way to us: late, twice, out of order, broken.

Every accident is keyed by the content of the record and the seed, so it does not depend on batches or order.
"""

from collections.abc import Callable
from typing import NamedTuple

import numba
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.days import DAY_US
from conf.landing import HAPPENED
from conf.world import Mess
from simulator.draws import BROKEN, DISORDER, DUPLICATE, LATE, mix, uniforms

I64 = NDArray[np.int64]
INSTANT = pa.timestamp("us", "UTC")
SECOND, HOUR = 1_000_000, 3_600_000_000  # microseconds
PROMPT = 60  # seconds within which a record reaches us that is not late
ANCIENT = -2_300_000_000_000_000  # microseconds before 1970: in 1897, before any record may be
_BETWEEN = "\x1f"
_BASIS, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


class Delivery(NamedTuple):
    """Records as they reach us, and how many of them are what; records = clean + duplicates + broken."""

    records: pa.Table
    clean: int
    late: int  # of the clean ones
    duplicates: int
    displaced: int
    broken: int


def delivery(events: pa.Table, settings: Mess, seed: int, table: str = "events") -> Delivery:
    """Everything that goes wrong at once; `table` is events or impressions, which happened at event_at or shown_at."""
    records, late = delivered(events, settings, seed, table)
    records, duplicates = with_duplicates(records, settings, seed)
    records, broken = with_broken(records, settings, seed, table)
    records, displaced = out_of_order(records, settings, seed)
    return Delivery(records, len(events), late, duplicates, displaced, broken)


def delivered(
    events: pa.Table, settings: Mess, seed: int, table: str = "events"
) -> tuple[pa.Table, int]:
    """The records with known_at, and how many are late: by 1 to most_late_days days, the others by up to a minute."""
    draw = uniforms(seed, content_keys(events), LATE, 3)
    late = draw[:, 0] < settings.late_share
    days = 1 + (draw[:, 1] * settings.most_late_days).astype(np.int64)
    delay = np.where(late, days * DAY_US, 0) + ((1 + draw[:, 2] * (PROMPT - 1)) * SECOND).astype(
        np.int64
    )
    return _with(events, "known_at", _instants(_micros(events[HAPPENED[table]]) + delay)), int(
        late.sum()
    )


def with_duplicates(records: pa.Table, settings: Mess, seed: int) -> tuple[pa.Table, int]:
    """The records and after them those that were sent twice: the same fact, learned again up to a day later."""
    draw = uniforms(seed, content_keys(records), DUPLICATE, 2)
    twice = draw[:, 0] < settings.duplicate_share
    again = records.filter(pa.array(twice))
    later = _micros(again["known_at"]) + (draw[twice, 1] * DAY_US).astype(np.int64)
    return pa.concat_tables([records, _with(again, "known_at", _instants(later))]), int(twice.sum())


def with_broken(
    records: pa.Table, settings: Mess, seed: int, table: str = "events"
) -> tuple[pa.Table, int]:
    """The records and after them broken copies of some, each with one fault that landing refuses."""
    draw = uniforms(seed, content_keys(records), BROKEN, 2)
    faults = [fault for fault in _faults(HAPPENED[table]) if fault.column in records.column_names]
    which = np.where(
        draw[:, 0] < settings.broken_share, (draw[:, 1] * len(faults)).astype(np.int64), -1
    )
    spoilt = [
        _with(rows, fault.column, fault.spoilt(rows))
        for at, fault in enumerate(faults)
        if len(rows := records.filter(pa.array(which == at)))
    ]
    return pa.concat_tables([records, *spoilt]), int((which >= 0).sum())


def out_of_order(records: pa.Table, settings: Mess, seed: int) -> tuple[pa.Table, int]:
    """The records in the order in which they were learned, but for a share that stands up to six hours off."""
    keys, known = content_keys(records), _micros(records["known_at"])
    draw = uniforms(seed, keys, DISORDER, 2)
    displaced = draw[:, 0] < settings.disorder_share
    place = known + np.where(displaced, (draw[:, 1] * 12 - 6) * HOUR, 0).astype(np.int64)
    return records.take(pa.array(np.lexsort((known, keys, place)))), int(displaced.sum())


def delivery_days(records: pa.Table) -> pa.Array:
    """The UTC date on which each record reaches us: the file it comes in."""
    return records["known_at"].combine_chunks().cast(pa.date32())


def content_keys(records: pa.Table) -> I64:
    """A key of what each record says, known_at aside: a fact has one key wherever and however often it stands.

    FNV-1a (Fowler, Noll and Vo) over the values as text in the order of their columns' names.
    """
    names = sorted(set(records.column_names) - {"known_at"})
    texts = [_text(records[name].combine_chunks()) for name in names]
    joined = pc.binary_join_element_wise(
        *texts, _BETWEEN, null_handling="replace", null_replacement=""
    )
    _, offsets, data = joined.cast(pa.large_string()).buffers()
    ends = np.frombuffer(offsets, np.int64, len(joined) + 1, 8 * joined.offset)
    return _hashes(ends, np.frombuffer(data or b"", np.uint8)).view(np.int64)


class _Fault(NamedTuple):
    """One way of being broken: what stands in a column instead."""

    column: str
    spoilt: Callable[[pa.Table], pa.Array]


def _faults(happened: str) -> list[_Fault]:
    """Reasons of quarantine in turn: blank_id twice, missing_field, control_character, out_of_range twice,
    before_service, learned_before_happened.
    """
    return [
        _Fault("profile_id", lambda rows: pa.array([" "] * len(rows))),
        _Fault("title_id", lambda rows: pa.array([""] * len(rows))),
        _Fault("title_id", lambda rows: pa.nulls(len(rows), pa.string())),
        _Fault(
            "profile_id", lambda rows: pc.binary_join_element_wise(rows["profile_id"], "", "\x07")
        ),
        _Fault("watched_seconds", lambda rows: pa.array([-1] * len(rows))),
        _Fault("propensity", lambda rows: pa.array([2.0] * len(rows))),
        _Fault(happened, lambda rows: _instants(np.full(len(rows), ANCIENT))),
        _Fault(happened, lambda rows: _instants(_micros(rows["known_at"]) + HOUR)),
    ]


def _with(records: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """The records with a column set, in its place and of its type if it is there, else at the end."""
    if name not in records.column_names:
        return records.append_column(name, values)
    at = records.column_names.index(name)
    return records.set_column(
        at, records.schema.field(at), values.cast(records.schema.field(at).type)
    )


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


@numba.njit(cache=True)
def _hashes(ends, data):  # type: ignore[no-untyped-def]
    out = np.empty(len(ends) - 1, np.uint64)
    for row in range(len(out)):
        key = _BASIS
        for at in range(ends[row], ends[row + 1]):
            key = (key ^ np.uint64(data[at])) * _PRIME
        out[row] = mix(key)
    return out
