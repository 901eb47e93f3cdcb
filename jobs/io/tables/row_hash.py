"""A hash of rows on their Arrow buffers, whatever their order, their files and their encoding.

A null adds nothing to the hash of its row, so that a column that a table got later and that is
null leaves it as it was. Not cryptographic: it tells whether content changed by itself, and the
checksums of files tell whether somebody changed bytes (jobs/io/tables/part_files.py).
"""

from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.compiled import njit

Hashes = NDArray[np.uint64]
MODULUS = 2**64


class ContentHash(NamedTuple):
    """How many rows there are, and the sum of their hashes."""

    rows: int = 0
    total: int = 0

    def __str__(self) -> str:
        """As audits and receipts keep it: "rows:hash"."""
        return f"{self.rows}:{self.total:016x}"

    @classmethod
    def parse(cls, text: str) -> "ContentHash":
        """The hash that a text of this form stands for."""
        rows, total = text.split(":")
        return cls(int(rows), int(total, 16))

    def plus(self, other: "ContentHash") -> "ContentHash":
        """The hash of both contents together."""
        return ContentHash(self.rows + other.rows, (self.total + other.total) % MODULUS)


NO_ROWS = ContentHash()


def content_hash_of(rows: pa.RecordBatch | pa.Table) -> ContentHash:
    """The hash of all rows: equal for the same rows in another order or other batches."""
    content = ContentHash()
    batches = [rows] if isinstance(rows, pa.RecordBatch) else rows.to_batches()
    for batch in batches:
        total = int(row_hashes(batch).sum(dtype=np.uint64))
        content = content.plus(ContentHash(batch.num_rows, total))
    return content


def row_hashes(batch: pa.RecordBatch) -> Hashes:
    """The hash of each row; the order of the columns does not matter, their names do."""
    total = np.zeros(batch.num_rows, np.uint64)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        _add_part(total, value_hashes(column), _is_null(column), _seed(name))
    return _number_hashes(total)  # a sum of sums would not tell which values stand together


def value_hashes(array: pa.Array) -> Hashes:
    """The hash of each value; what it is for a null means nothing."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        codes = np.asarray(array.indices.fill_null(0))
        words = value_hashes(array.dictionary)
        return words[codes] if len(words) else np.zeros(len(array), np.uint64)
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return _text_hashes(array)
    if pa.types.is_map(kind):
        return _entries_hashes(array)
    if pa.types.is_list(kind):
        return _list_hashes(array)
    if pa.types.is_struct(kind):
        return _struct_hashes(array)
    return _number_hashes(_bits(array))


def _is_null(array: pa.Array) -> NDArray[np.bool_]:
    if not array.null_count:
        return np.zeros(len(array), np.bool_)
    return pc.is_null(array).to_numpy(zero_copy_only=False)


def _bits(array: pa.Array) -> NDArray[np.uint64]:
    """A number, truth value or instant as 64 bits; the width of its type does not matter."""
    kind = array.type
    if pa.types.is_null(kind):
        return np.zeros(len(array), np.uint64)
    if pa.types.is_boolean(kind):
        return array.fill_null(False).to_numpy(zero_copy_only=False).astype(np.uint64)
    if pa.types.is_floating(kind):
        numbers = _plain(array, kind.bit_width, "f").astype(np.float64)
        numbers[np.isnan(numbers)] = np.nan  # one of the many
        return numbers.view(np.uint64)
    if not (pa.types.is_integer(kind) or pa.types.is_temporal(kind)):
        raise TypeError(f"no table of the house has the type {kind}")
    return _plain(array, kind.bit_width, "i").astype(np.int64).view(np.uint64)


def _plain(array: pa.Array, bit_width: int, kind: str) -> NDArray[Any]:
    """The values of an array of fixed width, whatever stands where a null is."""
    values = np.frombuffer(array.buffers()[1], np.dtype(f"{kind}{bit_width // 8}"))
    return values[array.offset : array.offset + len(array)]


def _text_hashes(array: pa.Array) -> Hashes:
    _, offsets, data = array.buffers()
    if not len(array):
        return np.zeros(0, np.uint64)
    ends = np.frombuffer(offsets, np.int32)[array.offset : array.offset + len(array) + 1]
    letters = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    return _texts(ends, letters)


def _list_hashes(array: pa.ListArray) -> Hashes:
    ends = np.asarray(array.offsets)
    elements = array.values.slice(ends[0], ends[-1] - ends[0])
    return _lists(ends - ends[0], value_hashes(elements), _is_null(elements))


def _entries_hashes(array: pa.MapArray) -> Hashes:
    """Of a map: its entries in any order."""
    ends = np.asarray(array.offsets)
    part = slice(int(ends[0]), int(ends[-1]))
    keys, values = (
        side.slice(part.start, part.stop - part.start) for side in (array.keys, array.items)
    )
    entries = np.zeros(len(keys), np.uint64)
    _add_part(entries, value_hashes(keys), _is_null(keys), _seed("key"))
    _add_part(entries, value_hashes(values), _is_null(values), _seed("value"))
    return _sets(ends - ends[0], entries)


def _struct_hashes(array: pa.StructArray) -> Hashes:
    total = np.zeros(len(array), np.uint64)
    for index, field in enumerate(array.type):
        part = array.field(index)
        _add_part(total, value_hashes(part), _is_null(part), _seed(field.name))
    return total


@cache
def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(sha256(name.encode()).digest()[:8], "little"))


@njit(inline="always")
def _mixed(word: np.uint64) -> np.uint64:
    """splitmix64's last step: every bit in depends on every bit out."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@njit()
def _add_part(total: Hashes, hashes: Hashes, is_null: NDArray[np.bool_], seed: np.uint64) -> None:
    for i in range(len(total)):
        if not is_null[i]:
            total[i] += _mixed(hashes[i] ^ seed)


@njit()
def _number_hashes(bits: NDArray[np.uint64]) -> Hashes:
    out = np.empty(len(bits), np.uint64)
    for i in range(len(bits)):
        out[i] = _mixed(bits[i] + np.uint64(0x9E3779B97F4A7C15))
    return out


@njit()
def _texts(ends: NDArray[np.int32], letters: NDArray[np.uint8]) -> Hashes:
    """Eight letters at a time; the length goes in first, so that padding is no letter."""
    out = np.empty(len(ends) - 1, np.uint64)
    factor = np.uint64(0x9DDFEA08EB382D69)
    for i in range(len(out)):
        at, end = ends[i], ends[i + 1]
        word = np.uint64(end - at) * np.uint64(0x9E3779B97F4A7C15)
        while at < end:
            eight = np.uint64(0)
            for k in range(min(8, end - at)):
                eight |= np.uint64(letters[at + k]) << np.uint64(8 * k)
            word = (word ^ eight) * factor
            word ^= word >> np.uint64(29)
            at += 8
        out[i] = _mixed(word)
    return out


@njit()
def _lists(ends: NDArray[np.int32], hashes: Hashes, is_null: NDArray[np.bool_]) -> Hashes:
    """The elements in their order; an element that is null keeps its place."""
    out = np.empty(len(ends) - 1, np.uint64)
    step = np.uint64(0x9E3779B97F4A7C15)
    for i in range(len(out)):
        total = np.uint64(ends[i + 1] - ends[i])
        place = np.uint64(0)
        for k in range(ends[i], ends[i + 1]):
            place += step
            total += _mixed(~place if is_null[k] else hashes[k] ^ place)
        out[i] = _mixed(total)
    return out


@njit()
def _sets(ends: NDArray[np.int32], hashes: Hashes) -> Hashes:
    """The elements in any order."""
    out = np.empty(len(ends) - 1, np.uint64)
    for i in range(len(out)):
        total = np.uint64(ends[i + 1] - ends[i])
        for k in range(ends[i], ends[i + 1]):
            total += _mixed(hashes[k])
        out[i] = _mixed(total)
    return out
