"""A made service in a folder of its own: written, its day before built, its night measured."""

# Tested by tests/benchmarks/scale/test_service.py.

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from benchmarks.scale import rankers
from benchmarks.scale.figures import Night
from benchmarks.scale.night import (
    DAY_BEFORE,
    NIGHT,
    TICK,
    Stage,
    measured_job,
    measured_night,
    stored,
)
from benchmarks.scale.plays import Service
from benchmarks.scale.process_tree import places_of
from benchmarks.scale.service import write_service, write_tick
from closed_loop.homes import environment_variables
from conf.compiled import folder_for
from conf.job_size import job_size
from conf.settings import ROOT, load_settings
from jobs import direct
from jobs.io.session import open_session

TOUCHED = 0.01  # of the profiles, by the tick
Say = Callable[[str], None]


@dataclass(frozen=True)
class Bench:
    """Where services are made, and the rankers that all of them have."""

    home: Path
    rankers: pa.Table
    say: Say


@contextmanager
def session(home: Path) -> Iterator[SparkSession]:
    """A Spark session of the bench for tables and scratch files below `home`."""
    with environment_variables(**places_of(home)):
        spark = open_session("bench scale")
        try:
            yield spark
        finally:
            spark.stop()


def bench_of(home: Path, like: Service, say: Say) -> Bench:
    """The bench in a folder, with its rankers trained unless they are there from an earlier run."""
    with session(home) as spark:
        bench = Bench(home, rankers.trained_rankers(spark, home, like, say), say)
        compile_loops(spark, bench, like.ds)
    return bench


def compile_loops(spark: SparkSession, bench: Bench, ds: date) -> None:
    """Run the night of the service that rankers were trained on, once for each state of the sources.

    Compiled loops are kept on disk after it: else the first service alone would pay for them, and
    the slope to the next would be too low.
    """
    folder = folder_for(ROOT)
    mark = bench.home / "rankers" / (folder.name if folder else "compiled")
    if mark.exists():
        return
    with rankers.tables_of(bench.home):
        rankers.serve(spark, bench.rankers)
        for job in NIGHT:
            bench.say(f"once, unmeasured: {job}: {direct.run_step(spark, job, ds)}")
    mark.touch()


@contextmanager
def made(bench: Bench, service: Service, keep: bool) -> Iterator[Path]:
    """The folder of a service that was just written; removed afterwards unless it is to be kept."""
    home = bench.home / service.name
    shutil.rmtree(home, ignore_errors=True)
    bench.say(f"{service.members:,} members, {service.titles:,} titles, {service.days} days")
    with session(home) as spark:
        write_service(spark, service, bench.say)
        rankers.serve(spark, bench.rankers)
        for job in DAY_BEFORE:
            direct.run_step(spark, job, service.ds - timedelta(days=1))
    try:
        yield home
    finally:
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


def night_of(bench: Bench, service: Service, home: Path) -> Night:
    """The measured night of a service."""
    log_bytes, _ = stored(home / "tables")
    size = job_size(load_settings().spark_master, str(home / "tables")).section
    stages = measured_night(service, home, bench.say)
    return Night(service.members, service.titles, service.days, stages, size, log_bytes)


def tick_of(bench: Bench, service: Service, home: Path) -> Stage:
    """The measured tick after a service's night, with TOUCHED of its profiles in it."""
    with session(home) as spark:
        tick = write_tick(spark, service, TOUCHED)
    touched = max(1, round(TOUCHED * service.members))
    return measured_job(TICK, str(tick), home, touched, bench.say)


def processor() -> str:
    """The CPU's model name: speeds are of one machine."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine
