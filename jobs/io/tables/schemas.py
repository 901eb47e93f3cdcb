"""A contract's columns as an Arrow schema: what Spark writes, read without Spark."""

import re
from functools import cache

import pyarrow as pa

from conf.contracts import columns, contract

SIMPLE = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "binary": pa.binary(),
}


@cache
def arrow_schema(table: str) -> pa.Schema:
    """The columns of a table, in the order of its contract."""
    types = {name: type_of(columns()[name].type) for name in contract(table).columns}
    return pa.schema(list(types.items()))


def type_of(ddl: str) -> pa.DataType:
    """One type in Spark's words as Arrow has it.

    >>> type_of("array<struct<title_id:string,weight:float>>")
    ListType(list<element: struct<title_id: string, weight: float>>)
    """
    outer = re.fullmatch(r"(array|map|struct)<(.*)>", ddl)
    if not outer:
        return SIMPLE[ddl]
    kind, inside = outer.groups()
    if kind == "array":
        return pa.list_(pa.field("element", type_of(inside)))
    parts = _parts(inside)
    if kind == "map":
        return pa.map_(*(type_of(part) for part in parts))
    fields = [part.split(":", 1) for part in parts]
    return pa.struct([(name, type_of(kind)) for name, kind in fields])


def _parts(text: str) -> list[str]:
    """The text between the commas that are in no brackets."""
    parts = [""]
    depth = 0
    for letter in text:
        depth += (letter == "<") - (letter == ">")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]
