"""What stands in the store: pages and tables as Arrow, settings as JSON, each with a checksum over
its key and content.

A whole value is compressed at once: lz4 of a page's every buffer, as Arrow's own streams do it,
took four times as long to read, and zstd three times as long as lz4 for a third less room.
"""

import json
import struct
import zlib
from typing import Any

import pyarrow as pa

HEAD = struct.Struct("<II")  # checksum, and the length of the content before it was compressed
LZ4 = pa.Codec("lz4_raw")


class Damaged(Exception):
    """A value is not what was put there under its key."""


def packed(key: str, content: bytes | pa.Buffer) -> bytes:
    """The value to store for some content."""
    size = len(content)
    body = LZ4.compress(content, asbytes=True)
    return HEAD.pack(_checksum(key, size, body), size) + body


def unpacked(key: str, value: bytes) -> pa.Buffer:
    """The content of a stored value; one that was changed, cut short or stands under another key is
    refused.
    """
    if len(value) < HEAD.size:
        raise Damaged(f"{len(value)} bytes are no value")
    checksum, size = HEAD.unpack_from(value)
    body = memoryview(value)[HEAD.size :]
    if _checksum(key, size, body) != checksum:
        raise Damaged("the checksum does not fit")
    return LZ4.decompress(pa.py_buffer(body), size)


def table_value(key: str, rows: pa.Table) -> bytes:
    """Rows as a value: one Arrow IPC stream, so that reading copies nothing after it is
    decompressed.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return packed(key, sink.getvalue())


def table_of(key: str, value: bytes) -> pa.Table:
    """The rows of a value."""
    with pa.ipc.open_stream(unpacked(key, value)) as reader:
        return reader.read_all()


def record_value(key: str, record: dict[str, Any]) -> bytes:
    """A small record as a value."""
    return packed(key, json.dumps(record, ensure_ascii=False).encode())


def record_of(key: str, value: bytes) -> dict[str, Any]:
    """The record of a value."""
    content = unpacked(key, value).to_pybytes()
    record: dict[str, Any] = json.loads(content)
    return record


def _checksum(key: str, size: int, body: bytes | memoryview) -> int:
    return zlib.crc32(body, zlib.crc32(f"{size} {key}".encode("utf-8", "surrogatepass")))
