"""Table contracts: `conf/tables/<table>.yaml`, with each column described once.

A column that several tables have is described in `conf/columns.yaml`, a feature in the contract of
the table that it is built for.
"""

from functools import cache
from importlib import resources
from typing import Any, Literal

from pydantic import Field, model_validator

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen, load_yaml

FOLDER = ROOT / "conf" / "tables"
Need = Literal["required", "optional"]


class Column(Frozen):
    """What a column holds, wherever it appears. `type` is Spark DDL; `pii` says how personal it is.

    `words` are the only texts that a landed field may hold, by table; `vocabulary` names what it is
    read by (conf/vocabularies.yaml).
    """

    type: str
    meaning: str
    unit: str = ""
    pii: Literal["none", "key", "quasi", "content"] = "none"
    values: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    vocabulary: Literal["", "countries", "ratings"] = ""
    minimum: float | None = None
    maximum: float | None = None


class Columns(Frozen):
    """Every column of the house by name."""

    columns: dict[str, Column]


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
    retention_days: int | None = None  # none: kept for good
    looked_up_by: str = (
        ""  # the column by which single rows are read: sorted by it, in small groups
    )
    like: str = ""  # a table whose columns, but for its partition, come first
    columns: dict[str, Need]
    own_columns: dict[str, Column] = Field(default_factory=dict)  # those described in this contract
    rules: dict[str, str] = Field(
        default_factory=dict
    )  # verdicts that are true, and what each says

    @model_validator(mode="before")
    @classmethod
    def _take_out_descriptions(cls, contract: dict[str, Any]) -> dict[str, Any]:
        """Of `name: {need: optional, type: ..., meaning: ...}` the need, and the rest apart."""
        needs: dict[str, Any] = {}
        descriptions: dict[str, Any] = {}
        for name, entry in contract.get("columns", {}).items():
            if isinstance(entry, dict):
                description = dict(entry)
                needs[name] = description.pop("need", "optional")
                descriptions[name] = description
            else:
                needs[name] = entry
        return {**contract, "columns": needs, "own_columns": descriptions}

    @property
    def kept(self) -> str:
        """How long its rows are kept, for people."""
        return "for good" if self.retention_days is None else f"for {self.retention_days:,} days"

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
    descriptions = dict(load_yaml(Columns, ROOT / "conf" / "columns.yaml").columns)
    for name in table_names():
        own_columns = _table_file(name).own_columns
        twice = sorted(own_columns.keys() & descriptions.keys())
        if twice:
            raise UserMistake(f"{name}.yaml: columns {twice} are described elsewhere already")
        descriptions |= own_columns
    return descriptions


@cache
def contract(name: str) -> Table:
    """The contract of a table by name; an unknown name lists the known ones."""
    if name not in table_names():
        raise UserMistake(f"unknown table {name!r}; the tables are: {', '.join(table_names())}")
    table = _table_file(name)
    if table.like:
        pattern = _table_file(table.like)
        first = {c: need for c, need in pattern.columns.items() if c not in pattern.partition}
        table = table.model_copy(update={"columns": first | table.columns})
    unknown = [c for c in (*table.columns, *table.keys, *table.partition) if c not in columns()]
    if unknown or table.table != name:
        raise UserMistake(
            f"{name}.yaml: table is {table.table!r}, columns without a description: {unknown}"
        )
    return table


@cache
def _table_file(name: str) -> Table:
    return load_yaml(Table, FOLDER / f"{name}.yaml")


@cache
def table_names() -> tuple[str, ...]:
    """Names of all tables, sorted."""
    # as a resource, since a cluster's workers import us from a zip
    files = [file.name for file in resources.files("conf").joinpath("tables").iterdir()]
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))
