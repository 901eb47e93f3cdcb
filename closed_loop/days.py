"""Days of the simulated world on Spark: members stream through in batches, and nothing of them stays on the driver."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyspark import Broadcast
from pyspark.sql import DataFrame, SparkSession
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
KNOWN = pa.field("known_at", pa.timestamp("us", "UTC"))


class SimulatedService:
    """The world, its settings and the session in which its days are lived."""

    def __init__(self, spark: SparkSession, settings: WorldSettings, truth: World) -> None:
        self.spark, self.settings, self.truth = spark, settings, truth
        self._shared: Broadcast[World] = spark.sparkContext.broadcast(truth)

    def simulate_past(self) -> None:
        """Everybody's life before the first page; nothing where it was lived already."""
        if world_folder.outcome_path(world_folder.PAST).exists():
            return
        shared, settings = self._shared, self.settings
        step = _each_range(
            lambda first, count: days.past_outcome(shared.value, settings, first, count),
            settings.accounts,
        )
        self._keep(world_folder.PAST, self._ranges().mapInArrow(step, from_arrow_schema(OUTCOME)))

    def simulate_day(self, day: int, arms: tuple[str, ...] = ARMS) -> None:
        """A day with the pages published for the day before; a day that was lived already is left as it is."""
        if world_folder.outcome_path(day).exists():
            return
        before = self.spark.read.parquet(str(world_folder.outcome_path(day - 1))).select(
            "index", "profile_id", "state"
        )
        shown = before.join(self._published(day - 1), "profile_id", "left").select(
            "index", "state", "rows"
        )
        shared, settings, popular = self._shared, self.settings, self.observed_plays(day)
        step = _day(shared, settings, day, popular, arms)
        self._keep(day, shown.mapInArrow(step, from_arrow_schema(OUTCOME)))

    def first_day(
        self, accounts: int, slices: int = 0, at_once: int = ACCOUNTS_AT_ONCE
    ) -> DataFrame:
        """The first day of as many accounts as asked, with nothing behind them and one page before all of them."""
        shared, settings = self._shared, self.settings
        step = _each_range(
            lambda first, count: _first_day(shared.value, settings, first, count), accounts, at_once
        )
        chunks = -(-accounts // at_once)
        ranges = self.spark.range(0, accounts, at_once, slices or min(chunks, MOST_SLICES))
        return ranges.mapInArrow(step, from_arrow_schema(OUTCOME))

    def deliver(self, day: int) -> None:
        """Write what reaches us by the end of a day as a directory of the landing contract, broken records included."""
        if world_folder.delivery_path(day).exists():
            return
        with world_folder.complete_path(world_folder.delivery_path(day)) as folder:
            folder.mkdir(parents=True)
            if day == world_folder.PAST:
                pq.write_table(
                    client_view.titles_table(self.truth, self.settings), folder / "titles.parquet"
                )
                pq.write_table(
                    client_view.availability_table(self.truth, self.settings),
                    folder / "availability.parquet",
                )
                pq.write_table(
                    client_view.artwork_table(self.truth, self.settings), folder / "artwork.parquet"
                )
            for name, kind in (("events", EVENT), ("impressions", IMPRESSION)):
                self._send_log(day, name, pa.schema(list(kind)), str(folder / name))
            self._send_profiles(day, str(folder / "profiles"))
            world_folder.drop_empty(folder)

    def _keep(self, day: int, outcome: DataFrame) -> None:
        with world_folder.complete_path(world_folder.outcome_path(day)) as path:
            outcome.write.parquet(str(path))
            if day != world_folder.PAST:
                self._measure(day, str(path))

    def _measure(self, day: int, lived: str) -> None:
        """One row for each profile and arm with a session on the day."""
        entry = self.spark.read.parquet(lived).select(
            "profile_id", "account_id", F.explode("measures").alias("m")
        )
        rows = entry.where("m.sessions > 0").select(
            F.lit(day).alias("day"), "profile_id", "account_id", "m.*"
        )
        with world_folder.complete_path(world_folder.measures_path(day)) as path:
            pq.write_table(rows.orderBy("profile_id", "arm").toArrow(), path)

    def _ranges(self) -> DataFrame:
        """The first accounts of ranges that cover all of them."""
        chunks = -(-self.settings.accounts // ACCOUNTS_AT_ONCE)
        return self.spark.range(
            0, self.settings.accounts, ACCOUNTS_AT_ONCE, min(chunks, MOST_SLICES)
        )

    def _published(self, day: int) -> DataFrame:
        """The pages of the run date of `day`, as a client reads them: a list of rows for each profile."""
        page = tables.read(self.spark, "homepage_rows").where(
            F.col("ds") == F.lit(world_folder.date_of(self.settings, day))
        )
        cells = F.transform(
            "cells",
            lambda c: F.struct(
                *(
                    c[n].alias(n)
                    for n in ("column_position", "title_id", "artwork_id", "policy", "propensity")
                )
            ),
        ).alias("cells")
        rows = page.select(
            "profile_id", F.struct("row_id", "row_position", "page_id", cells).alias("row")
        )
        return rows.groupBy("profile_id").agg(F.collect_list("row").alias("rows"))

    def observed_plays(self, day: int) -> NDArray[np.float32]:
        """(countries, titles) plays that were known at the end of the day before, in its last 30 days."""
        until = world_folder.date_of(self.settings, day - 1)
        found = arrow_tables.sql(
            "SELECT country, title_id, count(*) AS plays FROM events WHERE kind = 'play' AND"
            f" known_at <= TIMESTAMP '{end_of(until)}' AND event_at > TIMESTAMP '{end_of(until)}'"
            f" - INTERVAL '{POPULAR_DAYS} days' GROUP BY country, title_id"
        )
        places = [
            pc.index_in(
                found[name].combine_chunks().cast(pa.string()),
                value_set=pa.array(list(known), pa.string()),
            )
            for name, known in (
                ("country", self.settings.countries),
                ("title_id", self.truth.title_ids),
            )
        ]
        plays = np.zeros((len(self.settings.countries), len(self.truth.title_ids)), np.float32)
        plays[tuple(place.to_numpy() for place in places)] = found["plays"].to_numpy()
        return plays

    def _send_log(self, day: int, name: str, schema: pa.Schema, folder: str) -> None:
        """The records of a log that are learned on the day, or with the past all that are learned by then."""
        earliest = max(world_folder.PAST, day - self.settings.mess.most_late_days)
        lived = [str(world_folder.outcome_path(d)) for d in range(earliest, day + 1)]
        facts = (
            self.spark.read.parquet(*lived).select(F.explode(name).alias("fact")).select("fact.*")
        )
        records = facts.mapInArrow(
            _delivered(self.settings, name, schema), from_arrow_schema(schema.append(KNOWN))
        )
        learned, today = F.to_date("known_at"), F.lit(world_folder.date_of(self.settings, day))
        mine = records.where(learned <= today if day == world_folder.PAST else learned == today)
        mine.write.parquet(folder)

    def _send_profiles(self, day: int, folder: str) -> None:
        """Profiles made on the day, or with the past all that were made by then."""
        settings, shared = self.settings, self._shared
        schema = client_view.profiles_table(
            self.truth, settings, members(self.truth, settings, 0, 1)
        ).schema
        step = _each_range(
            lambda first, count: client_view.profiles_table(
                shared.value, settings, members(shared.value, settings, first, count)
            ),
            settings.accounts,
        )
        made, today = F.to_date("created_at"), F.lit(world_folder.date_of(settings, day))
        found = self._ranges().mapInArrow(step, from_arrow_schema(schema))
        found.where(made <= today if day == world_folder.PAST else made == today).coalesce(
            1
        ).write.parquet(folder)


def _each_range(
    rows_of: Callable[[int, int], pa.Table], accounts: int, at_once: int = ACCOUNTS_AT_ONCE
) -> Step:
    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for first in batch.column(0).to_pylist():
                yield from rows_of(first, min(at_once, accounts - first)).to_batches()

    return run


def _day(
    shared: "Broadcast[World]",
    settings: WorldSettings,
    day: int,
    popular: NDArray[np.float32],
    arms: tuple[str, ...],
) -> Step:
    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = pa.Table.from_batches([batch])
            pages = rows.select(["index", "rows"]).filter(pc.is_valid(rows["rows"]))
            lived = days.day_outcome(
                shared.value, settings, day, rows.select(["index", "state"]), pages, popular, arms
            )
            yield from lived.to_batches()

    return run


def _first_day(world: World, settings: WorldSettings, first: int, count: int) -> pa.Table:
    """Day 0 of some accounts with the page of what is played most in reality."""
    index = members(world, settings, first, count).index
    order, width = (
        np.argsort(-world.titles.attraction, kind="stable").tolist(),
        settings.pages.columns,
    )
    page = [
        {
            "row_id": f"r{row}",
            "row_position": row + 1,
            "page_id": "p",
            "cells": [
                {
                    "column_position": column + 1,
                    "title_id": world.title_ids[title],
                    "propensity": 1.0,
                }
                for column, title in enumerate(order[row * width : (row + 1) * width])
            ],
        }
        for row in range(settings.pages.rows)
    ]
    rows = pa.array([page], PAGES.field("rows").type).take(pa.array(np.zeros(len(index), np.int64)))
    states = pa.table({"index": index, "state": pa.nulls(len(index), STATE)})
    pages = pa.table({"index": index, "rows": rows})
    popular = np.zeros((len(settings.countries), len(world.title_ids)), np.float32)
    return days.day_outcome(world, settings, 0, states, pages, popular, ARMS[:1])


def _delivered(settings: WorldSettings, name: str, schema: pa.Schema) -> Step:
    def run(batches: Batches) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            records = pa.Table.from_batches([batch]).cast(schema)
            found = delivery_faults.delivery(
                records, settings.mess, settings.seed, table=name
            ).records
            yield from found.to_batches()

    return run
