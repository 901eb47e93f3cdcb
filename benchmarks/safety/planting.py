"""Defects planted one at a time in a day's drafts, and whether the audit stops each."""
# Tested by tests/benchmarks/safety/test_defects.py.

import contextlib
import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import SparkSession

from benchmarks.safety.defects import DAY_DEFECTS, PAGE_DEFECTS, Plant
from benchmarks.safety.drafts import DayDrafts, Record
from conf.days import end_of
from conf.errors import FrontrowError
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.snapshot import TitleTables
from jobs.io.tables import spark as tables
from jobs.io.tables.arrow import filtered_rows
from jobs.io.tables.schemas import arrow_schema
from jobs.run_audits import run_audits

Say = Callable[[str], None]
PAGES_AT_ONCE = 5  # as many examples as a finding of the audit gives


NOTHING = "nothing of the day to plant it in"


class Outcome(NamedTuple):
    """What became of a day with a defect."""

    defect: str
    stopped_by: str  # the first line of what stopped it; empty where nothing did

    @property
    def is_planted(self) -> bool:
        """Whether the day had what the defect changes."""
        return self.stopped_by != NOTHING


def drafts_of_day(ds: date) -> DayDrafts:
    """The drafts of a day as records, and what was known of titles and profiles at its end."""
    versions = ArrowSnapshot(end_of(ds)).title_versions()
    return DayDrafts(
        rows=_day("drafts", ds),
        yesterday=_day("homepage_rows", ds - timedelta(days=1)),
        titles=_titles(versions, end_of(ds)),
        pictures=_pictures(versions),
        profiles={row["profile_id"]: row for row in _day("profile_features", ds)},
    )


def planted(
    spark: SparkSession,
    ds: date,
    say: Say,
    of_pages: Mapping[str, Plant] = PAGE_DEFECTS,
    of_days: Mapping[str, Plant] = DAY_DEFECTS,
) -> list[Outcome]:
    """Audit the day with each defect; at last its drafts are as they were.

    Defects of one page are planted some at a time, each in a page of its own: one is stopped where
    a broken rule names its page. What no rule names is planted again alone.
    """
    sound = drafts_of_day(ds)
    outcomes = []
    try:
        for names in batched(of_pages, PAGES_AT_ONCE):
            some = {name: of_pages[name] for name in names}
            outcomes += _of_pages(spark, ds, sound, some)
            for outcome in outcomes[-len(some) :]:
                say(_line(outcome))
        for name, plant in of_days.items():
            outcomes.append(_of_day(spark, ds, sound, name, plant))
            say(_line(outcomes[-1]))
    finally:
        _write(spark, ds, sound.rows)
    return outcomes


def _of_pages(
    spark: SparkSession, ds: date, sound: DayDrafts, defects: Mapping[str, Plant]
) -> list[Outcome]:
    """Outcomes of defects that are planted together, each among the pages of other profiles."""
    day = _copy(sound)
    groups = [day.page_owners[first :: len(defects)] for first in range(len(defects))]
    pages: dict[str, set[str]] = {}
    for (name, plant), group in zip(defects.items(), groups, strict=True):
        part = day.of_profiles(group)
        before = {id(row): copy.deepcopy(row) for row in part.rows}
        with contextlib.suppress(LookupError, StopIteration):
            plant(part)
            pages[name] = {row["profile_id"] for row in part.rows if row != before.get(id(row))}
            day.rows.extend(row for row in part.rows if id(row) not in before)
    stopped = _what_stops(spark, ds, day.rows)
    named = _named_profiles(ds) if stopped else {}
    outcomes = []
    for name, plant in defects.items():
        rules = {named[profile_id] for profile_id in pages.get(name, ()) if profile_id in named}
        if rules:
            outcomes.append(Outcome(name, f"rule {sorted(rules)[0]}"))
        else:
            outcomes.append(_of_day(spark, ds, sound, name, plant))
    return outcomes


def _of_day(spark: SparkSession, ds: date, sound: DayDrafts, name: str, plant: Plant) -> Outcome:
    """What becomes of the day with one defect alone."""
    day = _copy(sound)
    with contextlib.suppress(LookupError, StopIteration):
        plant(day)
    if day.rows == sound.rows:
        return Outcome(name, NOTHING)
    return Outcome(name, _what_stops(spark, ds, day.rows))


def _copy(day: DayDrafts) -> DayDrafts:
    return replace(day, rows=copy.deepcopy(day.rows))


def _named_profiles(ds: date) -> dict[str, str]:
    """The profiles that the day's newest audit gives as examples, each with a rule that it breaks."""
    named: dict[str, str] = {}
    for finding in _day("audits", ds):
        for example in () if finding["passed"] else finding["examples"]:
            for profile_id in re.findall(r"profile_id=(\S+)", example):
                named[profile_id] = finding["rule"]
    return named


def batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    """Names, so many at a time."""
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some


def _line(outcome: Outcome) -> str:
    return f"{outcome.defect}: {outcome.stopped_by or 'PUBLISHED'}"


def _what_stops(spark: SparkSession, ds: date, rows: list[Record]) -> str:
    """What keeps the rows from being published; empty where nothing does."""
    try:
        _write(spark, ds, rows)
        run_audits(spark, ds)
    except FrontrowError as error:
        return str(error).split(";")[0]
    except pa.ArrowException as error:
        return f"not written: {error}"
    finally:
        spark.catalog.clearCache()
    return ""


def _write(spark: SparkSession, ds: date, rows: list[Record]) -> None:
    frame = spark.createDataFrame(
        pa.Table.from_pylist(rows, arrow_schema("drafts")), tables.schema_of(spark, "drafts")
    )
    tables.replace_day(spark, "drafts", ds, frame)


def _day(name: str, ds: date) -> list[Record]:
    records: list[Record] = filtered_rows(name, [("ds", "=", ds)]).to_pylist()
    return records


def _titles(versions: TitleTables, at: datetime) -> dict[str, Record]:
    """The newest titles by id, each with `open_in`: the countries in which it may be shown."""
    titles = {row["title_id"]: {**row, "open_in": set()} for row in versions["titles"].to_pylist()}
    for window in versions["availability"].to_pylist():
        is_open = window["from_at"] <= at and (
            window["until_at"] is None or window["until_at"] > at
        )
        if is_open and window["title_id"] in titles:
            titles[window["title_id"]]["open_in"].add(window["country"])
    return titles


def _pictures(versions: TitleTables) -> dict[str, list[Record]]:
    pictures: dict[str, list[Record]] = {}
    for row in versions["artwork"].to_pylist():
        pictures.setdefault(row["title_id"], []).append(row)
    return pictures
