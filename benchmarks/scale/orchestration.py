"""One night by Airflow beside the same jobs in one process: `python -m benchmarks.scale.orchestration`.

Each way runs in a process of its own. Airflow starts a JVM for each job, the one process has one;
neither the start of Airflow nor that of Python is on the clock, the start of each JVM is.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks.scale.night import require_success
from benchmarks.scale.process_tree import measured, places_of
from conf.days import parse_day
from conf.settings import load_settings
from jobs import direct
from jobs.io.airflow.backfill import at_hand, build
from jobs.io.airflow.progress import require_success as require_runs
from jobs.io.session import open_session

DAG = "homepage_daily"


def both_ways(home: Path, ds: date, say: Callable[[str], None]) -> dict[str, float]:
    """Seconds on the clock and of CPU of a night in one process, and by Airflow."""
    figures = {}
    for way in WAYS:
        result = home / f"{way}.json"
        argv = [sys.executable, "-m", "benchmarks.scale.orchestration", way, str(ds), str(result)]
        usage = measured(argv, places_of(home))
        require_success(way, usage)
        figures[f"{way}_wall_s"] = float(json.loads(result.read_text()))
        figures[f"{way}_cpu_s"] = usage.cpu_s
        say(f"{way}: {figures[f'{way}_wall_s']:.0f} s, {usage.cpu_s:.0f} CPU-s")
    return figures


def in_one_process(ds: date) -> float:
    """Seconds of all jobs of the night in one session, its start included."""
    began = time.monotonic()
    spark = open_session("bench scale: one process")
    try:
        direct.run_dag(spark, DAG, ds)
    finally:
        spark.stop()
    return time.monotonic() - began


def by_airflow(ds: date) -> float:
    """Seconds from the order of a run until it has ended, by an Airflow that is up."""
    settings = load_settings()
    with at_hand(settings, ds, print) as airflow:
        began = time.monotonic()
        runs = build(airflow, DAG, [ds], 1, True, Console())
        took = time.monotonic() - began
        require_runs(airflow.api(), DAG, runs)
    return took


WAYS: dict[str, Callable[[date], float]] = {"process": in_one_process, "airflow": by_airflow}


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(WAYS[sys.argv[1]](parse_day(sys.argv[2]))))
