"""The tables at a cutoff, by Spark."""

# Tested by tests/jobs/io/snapshot/test_snapshot.py.

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from features.asof import newest_versions
from jobs.io.snapshot.snapshot import Snapshot, TitleTables
from jobs.io.tables import spark as tables
from jobs.io.tables.dimensions import VERSIONED
from jobs.io.tables.partitions import Filter

CONDITIONS: dict[str, Callable[[Column, Any], Column]] = {
    "=": lambda column, value: column == F.lit(value),
    "<=": lambda column, value: column <= F.lit(value),
    "in": lambda column, values: column.isin(*values),
}


class SparkSnapshot(Snapshot):
    """The tables by Spark, collected to the driver."""

    def __init__(
        self, spark: SparkSession, cutoff: datetime, dimensions: "Dimensions | None" = None
    ) -> None:
        super().__init__(cutoff)
        self._spark = spark
        self._dimensions = dimensions

    def rows(
        self, table: str, filters: Sequence[Filter], columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of a table that pass every filter; none of a table that was never written."""
        frame = tables.read(self._spark, table)
        for column, operator, value in filters:
            frame = frame.where(CONDITIONS[operator](F.col(column), value))
        return frame.toArrow() if columns is None else frame.select(*columns).toArrow()

    def title_versions(self) -> TitleTables:
        """The newest version of each title, window and artwork."""
        dimensions = self._dimensions or Dimensions(self._spark)
        return dimensions.versions_at(self.cutoff)


class Dimensions:
    """The small log tables that describe titles.

    Most cutoffs see the same versions: from the newest `known_at` on nothing changes, so what was
    collected for one such cutoff serves the others.
    """

    def __init__(self, spark: SparkSession) -> None:
        self._logs = {name: tables.read(spark, name).persist() for name in VERSIONED}
        newest_known = [log.agg(F.max("known_at").alias("at")) for log in self._logs.values()]
        instants = [row["at"] for row in reduce(DataFrame.union, newest_known).collect()]
        never = datetime.min.replace(tzinfo=UTC)
        self._settled_at = max(
            (at.replace(tzinfo=UTC) for at in instants if at is not None), default=never
        )
        self._settled: TitleTables | None = None

    @property
    def titles(self) -> DataFrame:
        """The log of titles, all versions."""
        return self._logs["titles"]

    def versions_at(self, cutoff: datetime) -> TitleTables:
        """The newest versions by table, on the driver: titles are few enough."""
        if cutoff < self._settled_at:
            return self._collected(cutoff)
        if self._settled is None:
            self._settled = self._collected(cutoff)
        return self._settled

    def _collected(self, cutoff: datetime) -> TitleTables:
        versions = {}
        for name, (keys, columns) in VERSIONED.items():
            log = newest_versions(self._logs[name], keys, cutoff)
            versions[name] = log.select(*columns).toArrow()
        return versions
