"""Parquet -> text records. Pure: Arrow in, Arrow out. Types are settled for the whole file before
any row is read.
"""
# Tested by tests/jobs/test_ingest_events.py.

import pyarrow as pa
import pyarrow.compute as pc

from conf.contracts import columns
from features.sources.layout import Chunk, columns_batch, is_list


def misfit(name: str, found: pa.DataType, zone: str = "") -> str:
    """What is wrong with a Parquet column of this type for this column of the contract; "" when
    nothing is. `zone` is that of instants without one.
    """
    wanted = columns()[name].type
    if pa.types.is_timestamp(found) and wanted == "timestamp" and found.tz is None and not zone:
        return "is a timestamp without a zone; say which with --zone, or write it in UTC (isAdjustedToUTC)"
    if pa.types.is_date(found) and wanted == "timestamp" and zone:
        return ""
    if _fits(name, found):
        return ""
    texts = "text or integers" if wanted == "string" else f"{wanted}, or text that reads as one"
    advice = ""
    if wanted == "string" and pa.types.is_floating(found):
        advice = "; pandas makes floats of integers where one is missing: write them as Int64"
    return f"has the Parquet type {found}; the contract wants {texts}{advice}"


def _fits(name: str, found: pa.DataType) -> bool:
    wanted = columns()[name].type
    if pa.types.is_list(found) or pa.types.is_large_list(found):
        return is_list(name) and (
            _is_text(found.value_type) or pa.types.is_integer(found.value_type)
        )
    if _is_text(found) or pa.types.is_null(found):
        return True
    if pa.types.is_boolean(found):
        return wanted == "boolean"
    if pa.types.is_timestamp(found):
        return wanted == "timestamp"
    if pa.types.is_integer(found) or (pa.types.is_decimal(found) and found.scale == 0):
        return not is_list(name)
    return (pa.types.is_floating(found) or pa.types.is_decimal(found)) and wanted not in (
        "string",
        "boolean",
    )


def _is_text(found: pa.DataType) -> bool:
    inner = found.value_type if pa.types.is_dictionary(found) else found
    return (
        pa.types.is_string(inner)
        or pa.types.is_large_string(inner)
        or pa.types.is_string_view(inner)
    )


def record_batch(chunk: Chunk, rows: pa.RecordBatch, first: int) -> pa.RecordBatch:
    """The rows of one batch as text records; `first` is the number of its first row, from 1. `raw`
    is left empty.
    """
    rows.validate(full=True)
    given = {name: rows.column(at) for at, name in enumerate(chunk.header) if name}
    texts = {
        name: _lists(values, chunk) if is_list(name) else _texts(values)
        for name, values in given.items()
    }
    return columns_batch(chunk, {"line": range(first, first + rows.num_rows), **texts})


def _texts(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):  # floored to microseconds, as text with a zone is
        micros = pc.floor_temporal(values, unit="microsecond").cast(
            pa.timestamp("us", "UTC"), safe=False
        )
        zone = "Z" if values.type.tz else ""  # features/sources/spelling.py knows the zone
        values = pc.binary_join_element_wise(
            pc.strftime(micros, format="%Y-%m-%dT%H:%M:%S"), zone, ""
        )
    if pa.types.is_floating(values.type):
        return pa.array([None if v is None else repr(v) for v in values.to_pylist()], pa.string())
    if pa.types.is_boolean(values.type):
        return values.cast(pa.string())
    return values.cast(pa.string())


def _lists(values: pa.Array, chunk: Chunk) -> pa.Array:
    kind = pa.list_(pa.string())
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        return values.cast(kind)
    return pc.split_pattern(values.cast(pa.string()), pattern=chunk.layout.separator).cast(kind)
