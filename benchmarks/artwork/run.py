"""`frontrow bench artwork`: are pictures learned, how fast, at what cost, and can a log judge another policy."""

import time
from collections.abc import Mapping

import click
import numpy as np
from rich.console import Console

from benchmarks.artwork.days import Life, lived, regret_by_interval
from benchmarks.artwork.offpolicy import coverage
from benchmarks.artwork.open_bandit import obp_difference, random_from_bts
from benchmarks.artwork.pages import evidence_figures
from benchmarks.artwork.population import Town, places, town_of
from benchmarks.report import report
from conf.artwork import artwork as artwork_settings
from conf.settings import load_settings
from experiments.metrics.rates import Rate
from jobs.io.progress import teller

ARMS = (
    "random",
    "best_single",
    "contextual",
    "without_chance",
    "without_variety",
    "trees",
    "knowable",
    "oracle",
)
Figures = dict[str, object]


@click.command()
@click.option(
    "--members",
    type=click.IntRange(50),
    default=4000,
    show_default=True,
    help="Accounts of the town.",
)
@click.option(
    "--days", type=click.IntRange(2), default=14, show_default=True, help="Days of learning."
)
@click.option(
    "--judged",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Days after them, to judge by.",
)
@click.option(
    "--intervals",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Accounts of the town that learns by the hour, the day and the week; 0 leaves it out.",
)
@click.option(
    "--replications",
    type=click.IntRange(1),
    default=600,
    show_default=True,
    help="Logs of each question.",
)
@click.option(
    "--obp/--no-obp",
    default=True,
    show_default=True,
    help="Hold off-policy estimates against obp's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def artwork(
    members: int,
    days: int,
    judged: int,
    intervals: int,
    replications: int,
    obp: bool,
    as_json: bool,
) -> None:
    """Pictures chosen by chance, by the best for everybody, by what a member is like, and by an oracle, side by side.

    Example: frontrow bench artwork --members 500 --days 4 --intervals 0 --replications 100 --no-obp
    """
    say, settings = teller(Console(stderr=True), time.monotonic()), artwork_settings()
    say(f"a town of {members} accounts and its past")
    town = town_of(members)
    life = lived(town, days, judged, settings, say)
    found: Figures = {
        "members": members,
        "profiles": town.size,
        "days": days,
        "judged_days": judged,
    }
    found |= _takes(life, days, judged)
    say(f"{replications} logs of each off-policy question")
    found |= _coverage(town, life, replications)
    say("pages with the reasons of their cells")
    found |= evidence_figures(town, life.contextual, life.days)
    if intervals:
        found["regret_by_interval"] = {
            name: _interval(rate)
            for name, rate in regret_by_interval(town_of(intervals), days, settings, say).items()
        }
    if obp:
        bounds = settings.offpolicy
        found["obp_max_abs_diff"] = obp_difference(load_settings(), bounds.switch_at, say)
        found["open_bandit"] = random_from_bts(
            load_settings(), bounds.least_effective, bounds.switch_at
        )
    report("artwork", found, as_json)


def _takes(life: Life, days: int, judged: int) -> Figures:
    last, takes = range(days, days + judged), life.takes
    found: Figures = {}
    for arm in ARMS:
        found |= takes.take(arm, last).named(f"take_{arm}")
    found |= takes.above("contextual", "best_single", last).named("contextual_above_best_single")
    found |= takes.above("best_single", "random", last).named("best_single_above_random")
    found |= takes.closed("contextual", last).named("regret_closed")
    for arm in ("best_single", "trees", "knowable", "without_chance", "without_variety"):
        found |= takes.closed(arm, last).named(f"regret_closed_{arm}")
    found["by_day"] = {
        str(day + 1): {
            f"take_{arm}": takes.take(arm, range(day, day + 1)).value
            for arm in ARMS
            if (arm, day) in takes.taken
        }
        | {"regret_closed": takes.closed("contextual", range(day, day + 1)).value}
        for day in range(days + judged)
    }
    found |= {"flips_per_30d": life.flips_per_30d}
    chance, all_in = (takes.take(arm, last).value for arm in ("without_chance", "contextual"))
    found |= {"explore_cost": 1 - all_in / chance}  # measured; below as each policy predicted it
    found |= {"explore_cost_predicted": [m["explore_cost"] for m in life.contextual.metrics]}
    cells = {
        "cells": life.cells,
        "cells_without_picture": life.cells_without_picture,
        "title_cards": life.title_cards,
    }
    return found | cells


def _coverage(town: Town, life: Life, replications: int) -> Figures:
    day = town.day(life.days)
    told = coverage(town, day, places(day), life.contextual, replications, artwork_settings())
    questions = list(told.values())
    dr = {}
    for part in ("coverage", "bias"):
        dr[part] = [question[part]["dr"] for question in questions]  # type: ignore[index]
    return {
        "ope_coverage": float(np.mean(dr["coverage"])),
        "ope_bias": float(np.mean(dr["bias"])),
        "ope_replications": replications,
        "ope": told,
    }


def _interval(rate: Rate) -> Mapping[str, float]:
    return {"regret": rate.value, "low": rate.low, "high": rate.high}
