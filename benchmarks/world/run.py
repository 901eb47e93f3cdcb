"""`frontrow bench world`: play rates of the pipeline in a simulated service, and its speed."""

import time
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial

import click
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F
from rich.console import Console

from benchmarks.page.facts import by_tables
from benchmarks.report import report
from benchmarks.worlds import folder_of_world
from closed_loop import figures
from closed_loop import folder as world_folder
from closed_loop.days import ARMS, SimulatedService
from closed_loop.homes import bench_home
from closed_loop.loop import next_day, simulate_days
from closed_loop.outcome import checks_of_world, last_days
from closed_loop.validation import RealityCheck, ranges_kept
from conf.days import end_of
from conf.errors import Rejected, UserMistake
from conf.settings import load_settings
from conf.world import WORLDS, world_settings
from experiments.metrics.rates import Rate
from jobs import direct
from jobs.io.progress import progress_printer
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables

Figures = dict[str, object]


@click.command()
@click.option(
    "--members",
    type=click.IntRange(1),
    default=2000,
    show_default=True,
    help="Accounts of the closed loop.",
)
@click.option(
    "--days", type=click.IntRange(3), default=10, show_default=True, help="Days of the closed loop."
)
@click.option(
    "--scale", default="10000,50000,200000", show_default=True, help="Accounts whose day is timed."
)
@click.option(
    "--keep",
    type=click.Path(),
    help="Keep the world and its tables in this folder, and go on from there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def world(members: int, days: int, scale: str, keep: str | None, as_json: bool) -> None:
    """Simulate both worlds with the pipeline's pages and others to compare; then time larger ones.

    The others are popular, random and oracle pages. Figures of the second world stand under
    `world2.`. Ends with status 65 where a figure lies outside its range in conf/reality.yaml.

    Example: frontrow bench world --members 300 --days 3 --scale 2000,4000
    """
    sizes = _sizes(scale)
    say = progress_printer(Console(stderr=as_json), time.monotonic())
    results: Figures = {}
    checks: dict[str, dict[str, RealityCheck]] = {}
    for name in WORLDS:
        with bench_home(folder_of_world(keep, name)):
            figures_of_world, checks[name] = _lived(name, members, days, sizes, say)
        if name == WORLDS[0]:
            results |= figures_of_world
        else:
            results[name] = figures_of_world
        sizes = []  # one world is enough to tell the speed
    reality_figures, outside = reality_of(checks)
    report("world", results | reality_figures, as_json)
    refuse_outside(outside)


def refuse_outside(outside: list[str]) -> None:
    """Raise Rejected, which names them, if any figures lie outside their range."""
    if outside:
        raise Rejected(
            f"figures of the simulated worlds outside their range: {', '.join(outside)};"
            " conf/reality.yaml says the ranges, docs/world.md the laws"
        )


def _lived(
    name: str, members: int, days: int, sizes: list[int], say: Callable[[str], None]
) -> tuple[Figures, dict[str, RealityCheck]]:
    """The figures of one world, and each beside its real one."""
    settings = world_folder.settings_of_world(world_settings(name), {"accounts": members})
    spark = open_session("bench world")
    try:
        truth = world_folder.true_world(settings, load_settings())
        life = SimulatedService(spark, settings, truth)
        missing_days = days - max(0, next_day(settings))
        build_pages = partial(direct.run_dag, spark, say=say)
        simulate_days(life, missing_days, ARMS, build_pages, say)
        measures = world_folder.all_measures()
        results = _closed_loop(measures, members, days)
        results |= _judged_pages(world_folder.date_of(settings, next_day(settings) - 1))
        if sizes:
            results |= _scaling(life, sizes, say)
        results["deterministic"] = _deterministic(life)
        return results, checks_of_world(measures, settings, truth)
    finally:
        spark.stop()


def reality_of(checks: Mapping[str, Mapping[str, RealityCheck]]) -> tuple[Figures, list[str]]:
    """The simulated figures by world, how many have a range and keep it, and those that do not."""
    ranges: int = 0
    outside: list[str] = []
    for name, checks_of_one in checks.items():
        count, missed = ranges_kept(checks_of_one)
        ranges += count
        outside += [f"{name}.{key}" for key in missed]
    simulated = {
        name: {key: check.simulated for key, check in checks_of_one.items()}
        for name, checks_of_one in checks.items()
    }
    figures_of_reality: Figures = {
        "ranges": ranges,
        "ranges_kept": ranges - len(outside),
        "outside_range": outside,
        "reality": simulated,
    }
    return figures_of_reality, outside


def _sizes(text: str) -> list[int]:
    try:
        sizes = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise UserMistake(
            f"--scale {text!r}: give numbers of accounts, for example 10000,50000,200000"
        ) from None
    if len(sizes) == 1 or any(size < 1 for size in sizes):
        raise UserMistake(f"--scale {text!r}: give two sizes or more, each at least 1, or nothing")
    return sizes


def _closed_loop(measures: pa.Table, members: int, days: int) -> Figures:
    """Play rates of the last three days by arm, their differences, and the gap closed."""
    last = last_days(measures)
    recent = pa.concat_tables(last.values())
    rates = {
        f"play_rate_{arm}": _share(figures.figure_rate(figures.PLAY_RATE, rows))
        for arm, rows in last.items()
    }
    rates["popular_above_random"] = figures.play_rate_difference(recent, "popular", "random")
    rates["pipeline_above_popular"] = figures.play_rate_difference(recent, "pipeline", "popular")
    rates["gap_closed"] = figures.gap(recent)
    profiles = pc.count_distinct(recent["profile_id"]).as_py()
    results: Figures = {"members": members, "days": days, "profiles": profiles}
    for name, figure in rates.items():
        results |= figure.named(name)
    return results


def _judged_pages(ds: date) -> Figures:
    """What the judge finds on the pages published last, as they were built."""
    pages = arrow_tables.open_table("homepage_rows")
    assert pages is not None
    rows = pa.table(pages.to_pyarrow_table(filters=[("ds", "=", ds)]))
    found = by_tables(rows, end_of(ds), "as published")
    return {
        "cells_judged": found.cells,
        "violations": sum(found.offences.values()),
        "broken": found.offences,
    }


def _share(percent: Rate) -> Rate:
    return Rate(*(end / figures.PLAY_RATE.scale for end in percent))


def _scaling(life: SimulatedService, sizes: list[int], say: Callable[[str], None]) -> Figures:
    """Seconds for a day of ever more members, all with a page; exponent 1 is linear in members."""
    life.first_day(sizes[0] // 10 + 1).count()  # compiled and warm
    seconds = []
    profiles = []
    for size in sizes:
        began = time.monotonic()
        counts = life.first_day(size).agg(F.count("*"), F.sum(F.size("events"))).collect()[0]
        profiles.append(counts[0])
        seconds.append(time.monotonic() - began)
        say(f"a day of {size:,} accounts, {profiles[-1]:,} profiles: {seconds[-1]:.1f} s")
    slope = np.polyfit(np.log(profiles), np.log(seconds), 1)[0]
    return {
        "sim_sizes": profiles,
        "sim_seconds": [round(s, 2) for s in seconds],
        "sim_member_days_per_s": round(profiles[-1] / seconds[-1], 1),
        "sim_scaling_exponent": float(slope),
    }


def _deterministic(life: SimulatedService, accounts: int = 300) -> bool:
    """Whether a day is the same in one partition as in seven, in batches of another size."""
    one_partition = tables.content_hash(life.first_day(accounts, 1))
    seven_partitions = tables.content_hash(life.first_day(accounts, 7, 31))
    return one_partition == seven_partitions
