"""The main function of every job: one run date or tick in, one line out, the right exit status."""

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from conf.days import parse_day, parse_instant
from conf.errors import FrontrowError, Rejected, Retryable, UserMistake
from conf.plain_text import one_line
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
_DISK_FULL = (
    "No space left on device",
    "Disk quota exceeded",
    "database or disk is full",  # SQLite
    "not enough space",
    "os error 28",  # Rust
)
_LOST = (
    "Answer from Java side is empty",
    "Error while sending or receiving",
    "JAVA_GATEWAY_EXITED",
    "ExecutorLostFailure",
    "java.lang.OutOfMemoryError",
    "Python worker exited unexpectedly",
)
PRIVATE = 0o077


def day_job(
    name: str,
    about: str,
    step: Callable[[SparkSession, date], str],
    argv: Sequence[str] | None = None,
    idle: Callable[[date], str | None] | None = None,
) -> None:
    """Run `step` for `--ds DAY` in a session of its own and print the line it returns.

    Never returns.

    `idle` is asked first, without Spark: the reason that it returns is printed instead; None means
    that there is work.
    """
    parser = argparse.ArgumentParser(
        prog=name, description=about, epilog=f"example: python -m jobs.{name} --ds 1998-04-22"
    )
    parser.add_argument("--ds", required=True, help="run date, YYYY-MM-DD (UTC)")
    arguments = parser.parse_args(argv)
    with one_line_errors():
        ds = parse_day(arguments.ds)
        reason = idle(ds) if idle else None
        if reason:
            print(f"{name} {ds}: {reason}")
            sys.exit(0)
        _run(name, ds, step)
    sys.exit(0)


def tick_job(
    name: str,
    about: str,
    step: Callable[[SparkSession, Tick], str],
    argv: Sequence[str] | None = None,
) -> None:
    """Run `step` for `--until INSTANT` in a session of its own and print the line it returns.

    Never returns.
    """
    with _tick_argument(name, about, argv) as tick:
        _run(name, tick, step)
    sys.exit(0)


def plain_tick_job(
    name: str, about: str, step: Callable[[Tick], str], argv: Sequence[str] | None = None
) -> None:
    """Run `step` for `--until INSTANT` without Spark and print its line; never returns."""
    with _tick_argument(name, about, argv) as tick:
        print(f"{name} {tick}: {step(tick)}")
    sys.exit(0)


def _run(name: str, when: When, step: Callable[[SparkSession, When], str]) -> None:
    """Run a step for a run date or a tick in a session of its own, and print its line."""
    spark = open_session(name)
    try:
        print(f"{name} {when}: {step(spark, when)}")
    finally:
        spark.stop()


@contextlib.contextmanager
def _tick_argument(name: str, about: str, argv: Sequence[str] | None) -> Iterator[Tick]:
    """The tick that the command line names; errors in the body are one line."""
    example = f"example: python -m jobs.{name} --until 1998-04-22T21:10Z"
    parser = argparse.ArgumentParser(prog=name, description=about, epilog=example)
    parser.add_argument("--until", required=True, help="end of the tick, ISO 8601 with zone")
    arguments = parser.parse_args(argv)
    with one_line_errors():
        yield tick_of(parse_instant(arguments.until, "--until"))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn a FrontrowError, also one of a Spark worker, a Delta conflict, a full disk or a JVM that
    was killed into one line and an exit status. What is written meanwhile is its owner's alone.
    """
    os.umask(PRIVATE)
    try:
        yield
    except Exception as error:
        known = known_error(error)
        if known is None:
            raise
        _exit(known)


def known_error(error: BaseException) -> FrontrowError | None:
    """The error of ours that an exception is, or stands for; None for one that nobody expected."""
    if isinstance(error, FrontrowError):
        return error
    texts = []
    link: BaseException | None = error
    while link is not None:
        texts.append(str(link))
        link = link.__cause__ or link.__context__
    text = "\n".join(texts)
    if any(mark in text for mark in _DISK_FULL):
        return Retryable("the disk is full; free some space and run this again")
    if any(mark in text for mark in _CONFLICTS):
        return Retryable("another run wrote the same day at the same time; run this again")
    if isinstance(error, PySparkException | Py4JError):
        for kind in (Rejected, Retryable, UserMistake):  # of a worker, as its traceback names it
            if match := re.search(rf"\bconf\.errors\.{kind.__name__}: (.+)", text):
                return kind(match[1])
    if any(mark in text for mark in _LOST) or isinstance(error, Py4JNetworkError):
        return Retryable("Spark's process ended, most likely killed for memory; run this again")
    return None


def _exit(error: FrontrowError) -> None:
    print(f"error: {one_line(error)}", file=sys.stderr)
    sys.exit(error.exit_status)
