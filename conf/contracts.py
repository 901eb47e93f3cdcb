"""Table contracts: `conf/tables/<table>.yaml`, with each column described once in `conf/columns.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml

FOLDER = ROOT / "conf" / "tables"
Need = Literal["required", "optional"]


class Column(Frozen):
    """What a column holds, wherever it appears. `type` is Spark DDL; `pii` says how personal it is."""

    type: str
    meaning: str
    unit: str = ""
    pii: Literal["none", "key", "quasi", "content"] = "none"
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


class Columns(Frozen):
    """Every column of the house by name."""

    columns: dict[str, Column]


class Check(Frozen):
    """A rule an audit proves before publication; `expect` is a Great Expectations expectation."""

    expect: str
    columns: tuple[str, ...] = ()
    about: str
    kwargs: Mapping[str, object] = Field(default_factory=dict)


class Table(Frozen):
    """The contract of one Delta table."""

    table: str
    about: str
    written_by: str
    keys: tuple[str, ...]
    partition: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    landing: bool = False  # a landed log: append-only, one file of the landing contract feeds it
    published: bool = False  # what readers outside may rely on
    retention_days: int
    columns: dict[str, Need]
    checks: tuple[Check, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that may not be null."""
        return tuple(name for name, need in self.columns.items() if need == "required")

    @property
    def ddl(self) -> str:
        """The schema as Spark DDL, in contract order."""
        known = columns()
        return ", ".join(f"`{name}` {known[name].type}" for name in self.columns)


@cache
def columns() -> dict[str, Column]:
    """Every column's description."""
    return load_yaml(Columns, ROOT / "conf" / "columns.yaml").columns


@cache
def contract(name: str) -> Table:
    """The contract of a table by name; an unknown name lists the known ones."""
    path = FOLDER / f"{name}.yaml"
    if name not in table_names():
        raise UserMistake(f"unknown table {name!r}; the tables are: {', '.join(table_names())}")
    table = load_yaml(Table, path)
    unknown = [c for c in (*table.columns, *table.keys, *table.partition) if c not in columns()]
    if unknown or table.table != name:
        raise UserMistake(
            f"{path.name}: table is {table.table!r}, columns not in columns.yaml: {unknown}"
        )
    return table


@cache
def table_names() -> tuple[str, ...]:
    """Names of all tables, sorted."""
    return tuple(sorted(path.stem for path in Path(FOLDER).glob("*.yaml")))
