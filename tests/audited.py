"""A day's audit over records: no Spark, no disk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from conf.days import end_of
from features.audit.day import AuditedDay, audited_day
from features.audit.makers import Makers
from features.audit.tables import Database
from jobs.io.tables.schemas import arrow_schema
from tests import drafts

Records = Sequence[Mapping[str, Any]]
POLICY = "artwork-1"
MAKERS = Makers(("test",), ("template",))  # of the pages of `drafts`
AS_OF = end_of(drafts.DS)


def arrow(table: str, records: Records) -> pa.Table:
    """Records as a table of a contract; fields left out are null."""
    return pa.Table.from_pylist([dict(record) for record in records], arrow_schema(table))


def day_of(
    known: Mapping[str, Records],
    as_of: datetime = AS_OF,
    usual_places: Mapping[str, float] | None = None,
) -> AuditedDay:
    """What the records of some tables say of a day."""
    tables = {name: arrow(name.removesuffix("_before"), rows) for name, rows in known.items()}
    return audited_day(as_of, tables, (POLICY,), MAKERS, usual_places)


def day_of_drafts() -> AuditedDay:
    """The day that the pages of `drafts` are of."""
    titles, availability = drafts.log_records()
    features = drafts.title_feature_records()
    return day_of({"titles": titles, "availability": availability, "title_features": features})


def judged(day: AuditedDay, rows: Records, profiles: Records) -> Database:
    """The verdicts on rows of pages, in tables `row_verdicts` and `page_verdicts`."""
    return day.judged(arrow("drafts", rows), arrow("profile_features", profiles))


def broken(database: Database, table: str, keys: Sequence[str]) -> dict[Any, set[str]]:
    """The rules that are broken by key; those of records of one key together."""
    found: dict[Any, set[str]] = {}
    for record in database.sql(f"FROM {table}").to_arrow_table().to_pylist():
        values = tuple(record[key] for key in keys)
        rules = {name for name, value in record.items() if value is False}
        assert None not in [value for name, value in record.items() if name not in NOT_RULES]
        found.setdefault(values[0] if len(values) == 1 else values, set()).update(rules)
    return found


NOT_RULES = ("profile_id", "row_position", "page_no")
