"""Days of the simulated world on Spark.

Members stream through in batches, and nothing of them stays on the driver.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import from_arrow_schema

from closed_loop import folder as world_folder
from conf.days import end_of
from conf.world import ACCOUNTS_AT_ONCE, WorldSettings
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from simulator import client_view, days, delivery_faults
from simulator.members import members
from simulator.records import EVENT, IMPRESSION, OUTCOME, STATE
from simulator.served_pages import PAGES
from simulator.truth import World

MOST_SLICES = 64  # a slice is a Spark task
POPULAR_DAYS = 30  # of plays that the page of the same name goes by
ARMS = ("pipeline", "popular", "random", "oracle")
Batches = Iterable[pa.RecordBatch]
Step = Callable[[Batches], Iterator[pa.RecordBatch]]
KNOWN_AT = pa.field("known_at", pa.timestamp("us", "UTC"))
CELL_FIELDS = ("column_position", "title_id", "artwork_id", "policy", "propensity")


class SimulatedService:
    """The world, its settings and the Spark session in which its days are simulated."""

    def __init__(self, spark: SparkSession, settings: WorldSettings, truth: World) -> None:
        self.spark = spark
        self.settings = settings
        self.truth = truth
        self._shared: Broadcast[World] = spark.sparkContext.broadcast(truth)

    def simulate_past(self) -> None:
        """Simulate everybody's days before the first page; a past that exists is left as it is."""
        if world_folder.outcome_path(world_folder.PAST).exists():
            return
        shared = self._shared
        settings = self.settings
        step = _each_range(
            lambda first, count: days.past_outcome(shared.value, settings, first, count),
            settings.accounts,
        )
        outcome = self._ranges().mapInArrow(step, from_arrow_schema(OUTCOME))
        self._keep(world_folder.PAST, outcome)

    def simulate_day(self, day: int, arms: tuple[str, ...] = ARMS) -> None:
        """Simulate a day with the pages of the day before; a day that exists is left as it is."""
        if world_folder.outcome_path(day).exists():
            return
        day_before = self.spark.read.parquet(str(world_folder.outcome_path(day - 1)))
        states = day_before.select("index", "profile_id", "state")
        states_and_pages = states.join(self._published(day - 1), "profile_id", "left")
        step = _day(self._shared, self.settings, day, self.observed_plays(day), arms)
        outcome = states_and_pages.select("index", "state", "rows").mapInArrow(
            step, from_arrow_schema(OUTCOME)
        )
        self._keep(day, outcome)

    def first_day(
        self, accounts: int, slices: int = 0, at_once: int = ACCOUNTS_AT_ONCE
    ) -> DataFrame:
        """The first day of `accounts` accounts without a past, all with the same page."""
        shared = self._shared
        settings = self.settings
        step = _each_range(
            lambda first, count: _first_day(shared.value, settings, first, count), accounts, at_once
        )
        chunks = -(-accounts // at_once)
        ranges = self.spark.range(0, accounts, at_once, slices or min(chunks, MOST_SLICES))
        return ranges.mapInArrow(step, from_arrow_schema(OUTCOME))

    def deliver(self, day: int) -> None:
        """Write what reaches us by the end of a day as a directory of the landing contract.

        Broken records are among it.
        """
        if world_folder.delivery_path(day).exists():
            return
        with world_folder.complete_path(world_folder.delivery_path(day)) as folder:
            folder.mkdir(parents=True)
            if day == world_folder.PAST:
                self._write_catalogue(folder)
            for name, kind in (("events", EVENT), ("impressions", IMPRESSION)):
                self._send_log(day, name, pa.schema(list(kind)), str(folder / name))
            self._send_profiles(day, str(folder / "profiles"))
            world_folder.drop_empty(folder)

    def _write_catalogue(self, folder: Path) -> None:
        catalogue_tables = {
            "titles": client_view.titles_table,
            "availability": client_view.availability_table,
            "artwork": client_view.artwork_table,
        }
        for name, table_of in catalogue_tables.items():
            pq.write_table(table_of(self.truth, self.settings), folder / f"{name}.parquet")

    def _keep(self, day: int, outcome: DataFrame) -> None:
        with world_folder.complete_path(world_folder.outcome_path(day)) as path:
            outcome.write.parquet(str(path))
            if day != world_folder.PAST:
                self._measure(day, str(path))

    def _measure(self, day: int, outcome_path: str) -> None:
        """One row for each profile and arm with a session on the day."""
        outcome = self.spark.read.parquet(outcome_path)
        by_arm = outcome.select("profile_id", "account_id", F.explode("measures").alias("m"))
        with_session = by_arm.where("m.sessions > 0")
        measures = with_session.select(
            F.lit(day).alias("day"), "profile_id", "account_id", "m.*"
        ).orderBy("profile_id", "arm")
        with world_folder.complete_path(world_folder.measures_path(day)) as path:
            pq.write_table(measures.toArrow(), path)

    def _ranges(self) -> DataFrame:
        """The first accounts of ranges that cover all of them."""
        accounts = self.settings.accounts
        chunks = -(-accounts // ACCOUNTS_AT_ONCE)
        return self.spark.range(0, accounts, ACCOUNTS_AT_ONCE, min(chunks, MOST_SLICES))

    def _published(self, day: int) -> DataFrame:
        """The pages of the run date of `day` as clients read them: a list of rows per profile."""
        ds = world_folder.date_of(self.settings, day)
        homepage_rows = tables.read(self.spark, "homepage_rows").where(F.col("ds") == F.lit(ds))
        cells = F.transform("cells", _client_cell).alias("cells")
        client_row = F.struct("row_id", "row_position", "page_id", cells).alias("row")
        rows = homepage_rows.select("profile_id", client_row)
        return rows.groupBy("profile_id").agg(F.collect_list("row").alias("rows"))

    def observed_plays(self, day: int) -> NDArray[np.float32]:
        """(countries, titles) plays of the 30 days to the end of the day before, known by then."""
        end = end_of(world_folder.date_of(self.settings, day - 1))
        counts = arrow_tables.sql(
            "SELECT country, title_id, count(*) AS plays FROM events WHERE kind = 'play' AND"
            f" known_at <= TIMESTAMP '{end}' AND event_at > TIMESTAMP '{end}'"
            f" - INTERVAL '{POPULAR_DAYS} days' GROUP BY country, title_id"
        )
        country = _index_in(counts["country"], self.settings.countries)
        title = _index_in(counts["title_id"], self.truth.title_ids)
        plays = np.zeros((len(self.settings.countries), len(self.truth.title_ids)), np.float32)
        plays[country, title] = counts["plays"].to_numpy()
        return plays

    def _send_log(self, day: int, name: str, schema: pa.Schema, folder: str) -> None:
        """Write the records of a log that become known on the day (with the past: by its end)."""
        earliest = max(world_folder.PAST, day - self.settings.mess.most_late_days)
        outcome_paths = [str(world_folder.outcome_path(d)) for d in range(earliest, day + 1)]
        outcomes = self.spark.read.parquet(*outcome_paths)
        facts = outcomes.select(F.explode(name).alias("fact")).select("fact.*")
        records = facts.mapInArrow(
            _delivered(self.settings, name, schema), from_arrow_schema(schema.append(KNOWN_AT))
        )
        records.where(self._is_on_day("known_at", day)).write.parquet(folder)

    def _send_profiles(self, day: int, folder: str) -> None:
        """Write the profiles created on the day (with the past: by its end)."""
        settings = self.settings
        shared = self._shared

        def profiles_of(world: World, first: int, count: int) -> pa.Table:
            return client_view.profiles_table(
                world, settings, members(world, settings, first, count)
            )

        schema = profiles_of(self.truth, 0, 1).schema
        step = _each_range(
            lambda first, count: profiles_of(shared.value, first, count), settings.accounts
        )
        profiles = self._ranges().mapInArrow(step, from_arrow_schema(schema))
        newcomers = profiles.where(self._is_on_day("created_at", day))
        newcomers.coalesce(1).write.parquet(folder)

    def _is_on_day(self, column: str, day: int) -> Column:
        """Whether a time is on the day; of the past, on any day up to its end."""
        date = F.to_date(column)
        today = F.lit(world_folder.date_of(self.settings, day))
        return date <= today if day == world_folder.PAST else date == today


def _client_cell(cell: Column) -> Column:
    return F.struct(*(cell[field].alias(field) for field in CELL_FIELDS))


def _index_in(values: pa.ChunkedArray, known_values: Iterable[str]) -> NDArray[np.int32]:
    """The index of each value in `known_values`; nan where it is not there."""
    texts = values.combine_chunks().cast(pa.string())
    index = pc.index_in(texts, value_set=pa.array(list(known_values), pa.string()))
    return index.to_numpy()


def _each_range(
    rows_of: Callable[[int, int], pa.Table], accounts: int, at_once: int = ACCOUNTS_AT_ONCE
) -> Step:
    def outcome_of_ranges(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for first in batch.column(0).to_pylist():
                yield from rows_of(first, min(at_once, accounts - first)).to_batches()

    return outcome_of_ranges


def _day(
    shared: "Broadcast[World]",
    settings: WorldSettings,
    day: int,
    popular: NDArray[np.float32],
    arms: tuple[str, ...],
) -> Step:
    def outcome_of_batches(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            profiles = pa.Table.from_batches([batch])
            states = profiles.select(["index", "state"])
            has_page = pc.is_valid(profiles["rows"])
            pages = profiles.select(["index", "rows"]).filter(has_page)
            outcome = days.day_outcome(shared.value, settings, day, states, pages, popular, arms)
            yield from outcome.to_batches()

    return outcome_of_batches


def _first_day(world: World, settings: WorldSettings, first: int, count: int) -> pa.Table:
    """Day 0 of some accounts, all with the page of the titles with the highest attraction."""
    index = members(world, settings, first, count).index
    page = _page_by_attraction(world, settings)
    one_page = pa.array([page], PAGES.field("rows").type)
    rows = one_page.take(pa.array(np.zeros(len(index), np.int64)))
    states = pa.table({"index": index, "state": pa.nulls(len(index), STATE)})
    pages = pa.table({"index": index, "rows": rows})
    popular = np.zeros((len(settings.countries), len(world.title_ids)), np.float32)
    return days.day_outcome(world, settings, 0, states, pages, popular, ARMS[:1])


def _page_by_attraction(world: World, settings: WorldSettings) -> list[dict[str, object]]:
    """The rows of a page, the title with the highest attraction first."""
    order = np.argsort(-world.titles.attraction, kind="stable").tolist()
    columns = settings.pages.columns
    page: list[dict[str, object]] = []
    for row in range(settings.pages.rows):
        titles = order[row * columns : (row + 1) * columns]
        cells = [
            {"column_position": position, "title_id": world.title_ids[title], "propensity": 1.0}
            for position, title in enumerate(titles, start=1)
        ]
        page.append({"row_id": f"r{row}", "row_position": row + 1, "page_id": "p", "cells": cells})
    return page


def _delivered(settings: WorldSettings, name: str, schema: pa.Schema) -> Step:
    def records_on_their_way(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            records = pa.Table.from_batches([batch]).cast(schema)
            delivery = delivery_faults.delivery(records, settings.mess, settings.seed, table=name)
            yield from delivery.records.to_batches()

    return records_on_their_way
