"""CSV and JSON lines -> records. Pure: bytes in, records out, and no byte makes it raise."""
# Tested by tests/jobs/test_ingest_events.py.

import csv
import json
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice

import pyarrow as pa

from conf.contracts import columns
from conf.errors import Reason
from conf.landing import (
    FACT_TIMES,
    RAW_LENGTH,
    RECORD_LENGTH,
    RECORD_LINES,
    file_columns,
    version_keys,
)
from features.sources.layout import Chunk, Record, Value, columns_batch, is_list, record_batch

csv.field_size_limit(RECORD_LENGTH)


class Fraction(str):
    """A JSON number with a fraction or an exponent: good for a number, never for an identifier."""


class FaultError(Exception):
    """A record that cannot be read as values: the reason and the field."""

    def __init__(self, reason: Reason, column: str = "") -> None:
        super().__init__(reason, column)
        self.reason, self.column = reason, column


def batches(chunk: Chunk, data: bytes, size: int = 10_000) -> Iterator[pa.RecordBatch]:
    """The records in a chunk of a CSV or JSON lines file as Arrow batches; `data` ends with a line.

    Lines that are all plain fields go the quick way, column by column; both ways give the same
    records.
    """
    lines = _lines(data)
    joined = chunk.format == "csv" and chunk.layout.quoted and b'"' in data
    spans = _spans(lines, chunk) if joined else ((n, n) for n in range(len(lines)))
    while some := list(islice(spans, size)):
        texts = [_text(lines, *span) for span in some]
        places = [chunk.first_line + first for first, _ in some]
        yield _quick(chunk, places, texts) or record_batch(
            chunk, [_record(chunk, *at) for at in zip(places, texts, strict=True)]
        )


def odd_records(chunk: Chunk, places: list[int], lines: list[bytes]) -> pa.RecordBatch:
    """Single lines of a chunk, each a record of its own, as `batches` would have them."""
    texts = [_decoded(line) for line in lines]
    return record_batch(chunk, [_record(chunk, *at) for at in zip(places, texts, strict=True)])


def _text(lines: list[str | bytes], first: int, last: int) -> str | bytes:
    return (
        lines[first] if first == last else "\n".join(str(line) for line in lines[first : last + 1])
    )


def _quick(chunk: Chunk, places: list[int], texts: list[str | bytes]) -> pa.RecordBatch | None:
    """The batch of lines that are all sound, short and without quotes; None where one is not."""
    plain = [
        t for t in texts if isinstance(t, str) and 0 < len(t) <= RAW_LENGTH and not t.isspace()
    ]
    if (
        chunk.format != "csv"
        or len(plain) < len(texts)
        or (chunk.layout.quoted and any('"' in t for t in plain))
    ):
        return None
    rows = [text.split(chunk.layout.delimiter) for text in plain]
    if any(len(row) != len(chunk.header) for row in rows):
        return None
    values = {
        name: v for name, v in zip(chunk.header, zip(*rows, strict=True), strict=True) if name
    }
    lists = {
        name: [v.split(chunk.layout.separator) for v in values[name]]
        for name in values
        if is_list(name)
    }
    return columns_batch(chunk, {"line": places, "raw": plain, **values, **lists})


def _record(chunk: Chunk, line: int, text: str | bytes) -> Record:
    raw = text if isinstance(text, str) else text.decode("utf-8", "backslashreplace")
    fault, column = "", ""
    given = None
    try:
        if chunk.format == "csv":
            values = _csv_values(_sound(text), chunk)
        else:
            values, fault, column = _json_values(_sound(text), chunk)
            given = tuple(values)
    except FaultError as error:
        fault, values = error.reason.value, _subject(raw, chunk)
    return Record(line, raw[:RAW_LENGTH], fault, column, values, given)


def _subject(raw: str, chunk: Chunk) -> dict[str, Value]:
    """Whom a version is about whose record is broken as a whole; nothing where that cannot be
    found.
    """
    if chunk.table in FACT_TIMES:
        return {}
    name = version_keys(chunk.table)[0]
    find = _csv_field if chunk.format == "csv" else _json_field
    text = find(raw[:RECORD_LENGTH], name, chunk)
    return {name: text} if text else {}


def _csv_field(raw: str, name: str, chunk: Chunk) -> str | None:
    """A field of a broken line, counted from its beginning; the first quote that is not closed ends
    it.
    """
    place = chunk.header.index(name)
    quoted = r'"((?:[^"]|"")*)"' if chunk.layout.quoted else r"(?!)"
    plain = f"[^{re.escape(chunk.layout.delimiter)}]*"
    field = re.compile(f"(?:{quoted}|({plain}))(?:{re.escape(chunk.layout.delimiter)}|$)")
    at = 0
    text = ""
    for _ in range(place + 1):
        found = field.match(raw, at)
        if not found:
            return None
        at = found.end()
        text = found[2] if found[1] is None else found[1].replace('""', '"')
    return None if "\\x" in text or text.startswith('"') else text


def _json_field(raw: str, name: str, chunk: Chunk) -> str | None:
    """The value of a key in a broken JSON line."""
    names = {file_name for file_name, ours in chunk.layout.names.items() if ours == name} | {name}
    keys = "|".join(map(re.escape, sorted(names)))
    found = re.search(rf'"(?:{keys})"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+(?![\d.eE]))', raw)
    try:
        text = str(json.loads(found[1], parse_int=str)) if found else None
        return text if text is None or text.encode() else None
    except ValueError:  # a lone surrogate is one too
        return None


def _lines(data: bytes) -> list[str | bytes]:
    """Lines without their ends (LF or CRLF); one that is not UTF-8 stays as bytes."""
    try:
        lines: list[str | bytes] = [
            line.removesuffix("\r") for line in data.decode("utf-8").split("\n")
        ]
    except UnicodeDecodeError:
        lines = [_decoded(line) for line in data.split(b"\n")]
    return lines[:-1] if data.endswith(b"\n") else lines


def _decoded(line: bytes) -> str | bytes:
    try:
        return line.decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        return line


def _sound(line: str | bytes) -> str:
    if isinstance(line, bytes):
        raise FaultError(Reason.BAD_ENCODING)
    if len(line) > RECORD_LENGTH:
        raise FaultError(Reason.TOO_LONG)
    if not line.strip():
        raise FaultError(Reason.EMPTY_LINE)
    return line


def _spans(lines: list[str | bytes], chunk: Chunk) -> Iterator[tuple[int, int]]:
    """First and last line of each record: several where a quoted field holds line breaks.

    A quote that is not closed within RECORD_LINES lines, or closed so that the fields do not fit
    the header, costs its own line only: the lines after it are records again.
    """
    at = 0
    while at < len(lines):
        last = at
        if _is_open(lines[at]):
            closing = next(
                (
                    n
                    for n in range(at + 1, min(at + RECORD_LINES, len(lines)))
                    if _is_open(lines[n])
                ),
                at,
            )
            last = closing if closing > at and _fits(lines[at : closing + 1], chunk) else at
        yield at, last
        at = last + 1


def _is_open(line: str | bytes) -> bool:
    return isinstance(line, str) and line.count('"') % 2 == 1


def _fits(lines: list[str | bytes], chunk: Chunk) -> bool:
    try:
        return len(_fields("\n".join(str(line) for line in lines), chunk)) == len(chunk.header)
    except FaultError:
        return False


def _fields(text: str, chunk: Chunk) -> list[str]:
    if not chunk.layout.quoted or '"' not in text:
        return text.split(chunk.layout.delimiter)
    delimiter = chunk.layout.delimiter
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        pass
    if '\\"' in text:  # as Spark writes a quote within quotes
        try:
            rows = csv.reader(
                [text], delimiter=delimiter, strict=True, escapechar="\\", doublequote=False
            )
            return next(rows)
        except (csv.Error, StopIteration):
            pass
    plain = text.split(delimiter)
    if delimiter == "\t" and len(plain) == len(chunk.header):
        return plain  # tabs need no quotes, and a name may begin with one
    raise FaultError(Reason.UNCLOSED_QUOTE)


def _csv_values(text: str, chunk: Chunk) -> dict[str, Value]:
    fields = _fields(text, chunk)
    if len(fields) != len(chunk.header):
        raise FaultError(Reason.FIELD_COUNT)
    split = chunk.layout.separator
    return {
        name: f.split(split) if is_list(name) else f
        for name, f in zip(chunk.header, fields, strict=True)
        if name
    }


def _json_values(text: str, chunk: Chunk) -> tuple[dict[str, Value], str, str]:
    """The values of a record, and the first of them that cannot be read: the reason and the column."""
    try:
        found = json.loads(text, parse_int=str, parse_float=Fraction, parse_constant=Fraction)
    except (ValueError, RecursionError):
        raise FaultError(Reason.UNREADABLE) from None
    if not isinstance(found, dict):
        raise FaultError(Reason.UNREADABLE)
    given: dict[str, object] = {}
    layout = chunk.layout
    fields = dict(_fields_of(found, layout.paths))
    for key, value in fields.items():
        name = layout.name(key)
        if given.get(name) is None:  # where several tell one column, the first that says anything
            given[name] = value
    for name, parts in layout.joined.items():
        told = [fields[part] for part in parts if fields.get(part) is not None]
        if len(told) == len(parts):
            given[name] = "x".join(map(str, told))
    values: dict[str, Value] = {}
    faults = []
    for name in file_columns(chunk.table):
        if name in given:
            try:
                values[name] = _json_value(name, given[name], chunk)
            except FaultError as error:
                values[name] = None
                faults.append((error.reason.value, name))
    return values, *(faults[0] if faults else ("", ""))


def _fields_of(
    record: Mapping[str, object], paths: Collection[str]
) -> Iterator[tuple[str, object]]:
    """The fields of a record; those of a record within it are named record.field, unless it has the
    name of a column of ours and no path leads into it.
    """
    for key, value in record.items():
        if isinstance(value, dict) and (
            key not in columns() or any(path.startswith(f"{key}.") for path in paths)
        ):
            inner = {f"{key}.{field}": item for field, item in value.items()}
            yield from _fields_of(inner, paths)
        else:
            yield key, value


def _json_value(name: str, value: object, chunk: Chunk) -> Value:
    if value is None:
        return None
    if isinstance(value, list) and is_list(name):
        return [_json_text(name, _named(item)) for item in value if item is not None]
    text = _json_text(name, value)
    return text.split(chunk.layout.separator) if is_list(name) else text


def _named(item: object) -> object:
    """An item of a list; of a record its name, as {"id": 18, "name": "Drama"} has one."""
    if not isinstance(item, dict):
        return item
    return next((v for k, v in item.items() if k.lower() == "name"), item)


def _json_text(name: str, value: object) -> str:
    if isinstance(value, bool) and columns()[name].type == "boolean":
        return str(value).lower()
    if not isinstance(value, str) or (
        isinstance(value, Fraction) and columns()[name].type == "string"
    ):
        raise FaultError(Reason.WRONG_TYPE, name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FaultError(Reason.BAD_ENCODING, name) from None
    return str(value)
