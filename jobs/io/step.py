"""What every job's `main` is: one run date or tick in, one table out, one line on failure, the right exit status."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from conf.days import parse_day, parse_instant
from conf.errors import FrontrowError, Retryable
from conf.ticks import Tick, tick_of
from jobs.io.session import open_session

When = TypeVar("When", date, Tick)
_CONFLICTS = (
    "ConcurrentAppend",
    "ConcurrentWrite",
    "ConcurrentDelete",
    "ConcurrentTransaction",
    "DELTA_CONCURRENT",
)
_FULL = ("No space left on device", "Disk quota exceeded")


def day_job(
    name: str,
    about: str,
    step: Callable[[SparkSession, date], str],
    argv: Sequence[str] | None = None,
    idle: Callable[[date], str | None] | None = None,
) -> None:
    """Run `step` for `--ds DAY` in a session of its own and print the line it returns; never returns.

    `idle` is asked first, without Spark: what it says is printed instead, and None means that there is work.
    """
    parser = argparse.ArgumentParser(
        prog=name, description=about, epilog=f"example: python -m jobs.{name} --ds 1998-04-22"
    )
    parser.add_argument("--ds", required=True, help="run date, YYYY-MM-DD (UTC)")
    given = parser.parse_args(argv)
    with one_line_errors():
        ds = parse_day(given.ds)
        if idle and (said := idle(ds)):
            print(f"{name} {ds}: {said}")
            sys.exit(0)
        _run(name, ds, step)
    sys.exit(0)


def tick_job(
    name: str,
    about: str,
    step: Callable[[SparkSession, Tick], str],
    argv: Sequence[str] | None = None,
) -> None:
    """Run `step` for `--until INSTANT` in a session of its own and print the line it returns; never returns."""
    with _asked_tick(name, about, argv) as tick:
        _run(name, tick, step)
    sys.exit(0)


def plain_tick_job(
    name: str, about: str, step: Callable[[Tick], str], argv: Sequence[str] | None = None
) -> None:
    """The same for a job without Spark."""
    with _asked_tick(name, about, argv) as tick:
        print(f"{name} {tick}: {step(tick)}")
    sys.exit(0)


def _run(name: str, when: When, step: Callable[[SparkSession, When], str]) -> None:
    """Run a step for a run date or a tick in a session of its own, and print the line it returns."""
    spark = open_session(name)
    try:
        print(f"{name} {when}: {step(spark, when)}")
    finally:
        spark.stop()


@contextlib.contextmanager
def _asked_tick(name: str, about: str, argv: Sequence[str] | None) -> Iterator[Tick]:
    example = f"example: python -m jobs.{name} --until 1998-04-22T21:10Z"
    parser = argparse.ArgumentParser(prog=name, description=about, epilog=example)
    parser.add_argument("--until", required=True, help="end of the tick, ISO 8601 with zone")
    given = parser.parse_args(argv)
    with one_line_errors():
        yield tick_of(parse_instant(given.until, "--until"))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn an error of ours, a Delta conflict or a full disk into one line and the exit status that says what it is."""
    try:
        yield
    except FrontrowError as error:
        _leave(error)
    except (PySparkException, OSError) as error:
        text = str(error)
        if any(mark in text for mark in _CONFLICTS):
            _leave(Retryable("another run wrote the same day at the same time; run this again"))
        if any(mark in text for mark in _FULL):
            _leave(Retryable("the disk is full; free some space and run this again"))
        raise


def _leave(error: FrontrowError) -> None:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(error.exit_status)
