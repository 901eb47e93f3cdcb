"""The main function of every job: one run date or tick in, one line out, the right exit status."""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import NoReturn, TypeVar

from pyspark.sql import SparkSession

from conf.days import parse_day, parse_instant
from conf.errors import FrontrowError
from conf.plain_text import one_line
from conf.rights import umask_of
from conf.settings import tables_root
from conf.ticks import Tick, tick_of
from jobs.io.faults import known_error
from jobs.io.session import open_session

When = TypeVar("When", date, Tick)


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
            _leave(argv)
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
    _leave(argv)


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
    was killed into one line and an exit status. What is written meanwhile is read by whom
    `conf.rights` says.
    """
    try:
        os.umask(umask_of(tables_root()))
        yield
    except Exception as error:
        known = known_error(error)
        if known is None:
            raise
        _exit(known)


def _leave(argv: Sequence[str] | None) -> NoReturn:
    """End a job without Spark; a program of its own (`argv` None) at once.

    A thread of Arrow that asks for Python while this ends would end the work that is done with signal 6.
    """
    if argv is None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    sys.exit(0)


def _exit(error: FrontrowError) -> None:
    print(f"error: {one_line(error)}", file=sys.stderr)
    sys.exit(error.exit_status)
