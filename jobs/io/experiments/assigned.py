"""Who is in which cell on a day, as rows of `assignments`."""

# Tested by tests/jobs/io/experiments/test_register.py.

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.days import end_of
from conf.experiments import CELLS, Experiment, Experiments
from experiments.allocation import NOBODY, Units, allocation
from features.asof import newest_versions
from jobs.io.experiments import register
from jobs.io.tables import spark as tables
from jobs.io.tables.arrow import filtered_rows

TABLE = "assignments"
COLUMNS = "profile_id string, account_id string, experiment string, cell string, unit_id string, fell_back boolean"


def write_assignments(
    spark: SparkSession, ds: date, profiles: DataFrame, without: Collection[str] = ()
) -> DataFrame:
    """Replace the day of `assignments`; returns the profiles with CELLS, as they are where nothing runs.

    `profiles` are of `profile_features`. Members of a cell of `without` fall back to the control.
    """
    declared, experiments = register.running(ds)
    if not experiments:
        tables.forget_day(spark, TABLE, ds)
        return with_cells(spark, ds, profiles, without)
    accounts = newest_versions(tables.read(spark, "profiles"), ["profile_id"], end_of(ds))
    units = profiles.select(
        "profile_id", "kids", F.col("profile_first_play_age_days").alias("tenure_days")
    ).join(accounts.select("profile_id", "account_id"), "profile_id", "left")
    assign = Assignment(declared, experiments, ds, frozenset(without))
    assigned = units.mapInArrow(lambda batches: assign(batches), COLUMNS)
    try:
        tables.replace_day(spark, TABLE, ds, assigned)
    except tables.NothingToWrite:
        tables.forget_day(spark, TABLE, ds)
    return with_cells(spark, ds, profiles, without)


def with_cells(
    spark: SparkSession, ds: date, profiles: DataFrame, without: Collection[str] = ()
) -> DataFrame:
    """The profiles with CELLS: what they were assigned on a run date, and every cell that has won."""
    of_all = sorted(register.changes_of_winners(ds).keys() - set(without))
    if not register.running(ds)[1] and not of_all:
        return profiles
    assigned = tables.read(spark, TABLE).where((F.col("ds") == F.lit(ds)) & ~F.col("fell_back"))
    cell = F.concat_ws(":", "experiment", "cell")
    own = assigned.groupBy("profile_id").agg(F.collect_list(cell).alias(CELLS))
    cells = F.coalesce(CELLS, F.array().cast("array<string>"))
    cells = F.sort_array(F.concat(cells, F.array(*map(F.lit, of_all)).cast("array<string>")))
    joined = profiles.join(own, "profile_id", "left")
    return joined.withColumn(CELLS, F.when(F.size(cells) > 0, cells))


def cell_sets(ds: date, changing: Collection[str]) -> set[tuple[str, ...]]:
    """The sets of cells, of those that change something, that some page of a run date has."""
    of_all = set(register.changes_of_winners(ds)) & set(changing)
    columns = ["profile_id", "experiment", "cell", "fell_back"]
    own: dict[str, set[str]] = {}
    for row in filtered_rows(TABLE, [("ds", "=", ds)], columns).to_pylist():
        cell = f"{row['experiment']}:{row['cell']}"
        if cell in changing and not row["fell_back"]:
            own.setdefault(row["profile_id"], set()).add(cell)
    return {tuple(sorted(cells | of_all)) for cells in (set(), *own.values())} | {()}


def fell_back(ds: date) -> set[str]:
    """The cells whose members have the control's pages on a run date."""
    rows = filtered_rows(TABLE, [("ds", "=", ds), ("fell_back", "=", True)], ["experiment", "cell"])
    return {f"{row['experiment']}:{row['cell']}" for row in rows.to_pylist()}


@dataclass(frozen=True)
class Assignment:
    """Turns batches of units into rows of `assignments` without ds; sent to the workers."""

    declared: Experiments
    experiments: Mapping[str, Experiment]
    ds: date
    without: frozenset[str]

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """For mapInArrow: a row for each profile and experiment that it takes part in."""
        for batch in batches:
            units = Units.of(pa.Table.from_batches([batch]))
            cells = allocation(self.declared, self.experiments, units, self.ds)
            for name, drawn in cells.items():
                members = pa.array(np.flatnonzero(drawn != NOBODY))
                cell = drawn[members]
                by_account = self.experiments[name].unit == "account"
                unit = units.account_id if by_account else units.profile_id
                fell_back = [f"{name}:{each}" in self.without for each in cell]
                columns = {
                    "profile_id": units.profile_id.take(members),
                    "account_id": units.account_id.take(members),
                    "experiment": pa.array([name] * len(cell), pa.string()),
                    "cell": pa.array(cell, pa.string()),
                    "unit_id": unit.take(members),
                    "fell_back": pa.array(fell_back, pa.bool_()),
                }
                yield pa.RecordBatch.from_pydict(columns)
