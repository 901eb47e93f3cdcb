"""`frontrow experiment`: plan, start, report and stop what conf/experiments.yaml declares."""

# Tested by tests/jobs/test_analyse_experiments.py.

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import click

from conf.days import parse_day
from conf.errors import UserMistake
from conf.experiments import FILE, Experiment, load_experiments
from conf.settings import load_settings


@click.group()
def experiment() -> None:
    """Try a variant on some members, beside the control of the same night.

    An experiment is an entry of conf/experiments.yaml; docs/experiments.md has one to copy.

    Example: frontrow experiment plan trending_for_all
    """


@dataclass(frozen=True)
class Plan:
    """What a declared experiment can tell, by the units that it would have."""

    name: str
    declared: Experiment
    units: int
    told: float | None  # the smallest relative effect on its metric, None where nothing is known
    needed: int | None  # units in each cell that tell one tenth of the mean


@experiment.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def plan(name: str, as_json: bool) -> None:
    """Check a declaration, and tell which effect it could tell at 80 % power. Changes nothing.

    Example: frontrow experiment plan trending_for_all
    """
    made = _plan(name)
    record = {
        "experiment": name,
        "cells": {cell: each.changes for cell, each in made.declared.cells.items()},
        "units_now": made.units,
        "size": made.declared.size,
        "smallest_relative_effect": made.told,
        "units_in_a_cell_for_a_tenth": made.needed,
    }
    if as_json:
        click.echo(json.dumps(record, default=str))
        return
    days = (made.declared.end - made.declared.start).days
    click.echo(f"{name}: {made.declared.about}")
    click.echo(
        f"{days} days from {made.declared.start}, by {made.declared.unit}; {made.units} units could take part now"
    )
    for cell, each in made.declared.cells.items():
        changes = ", ".join(f"{path}: {value}" for path, value in each.changes.items())
        click.echo(f"  {cell} ({each.share:.0%}): {changes or 'as it is'}")
    if made.told is not None:
        click.echo(
            f"with {made.declared.size} units in each cell, a change of {made.declared.metric} by"
            f" {made.told:.1%} is told 4 times in 5; one of 10 % needs {made.needed}"
        )
    else:
        click.echo(f"what {made.declared.metric} varies by is not known yet: no plays, or no units")


@experiment.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def start(name: str, as_json: bool) -> None:
    """Start a declared experiment, or let a higher ramp of a running one hold from the next run on.

    The declaration is kept: while it runs, no night is built of another one.

    Example: frontrow experiment start trending_for_all
    """
    from jobs.declare_experiments import start as start_experiment

    say_decision(start_experiment(name), as_json)


@experiment.command()
@click.argument("name")
@click.option(
    "--winner", default="", metavar="CELL", help="From the next run on everybody gets this cell."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stop(name: str, winner: str, as_json: bool) -> None:
    """Stop a running experiment: the next run builds everybody's page without it.

    Pages that are published stay until then; `frontrow rollback --ds DAY` takes them back, and
    `frontrow rollback --experiment NAME` lets it run again.

    Example: frontrow experiment stop trending_for_all --winner for_all
    """
    from jobs.declare_experiments import stop as stop_experiment

    say_decision(stop_experiment(name, winner), as_json)


@experiment.command()
@click.argument("name")
@click.option(
    "--ds", default=None, metavar="DAY", help="Until this day; default: the last day with events."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def report(name: str, ds: str | None, as_json: bool) -> None:
    """Write what an experiment shows: a page of var/reports, and the table experiment_results.

    Example: frontrow experiment report trending_for_all
    """
    from cli.experiment_html import report_html
    from jobs.analyse_experiments import analyse_experiments
    from jobs.io.experiments.register import decisions

    decided = decisions()
    if name not in decided:
        raise UserMistake(f"{name} was not started; started: {', '.join(decided) or 'none'}")
    until = parse_day(ds) if ds else _last_day()
    found = next((each for each in analyse_experiments(until) if each.decision.name == name), None)
    if found is None:
        verdict = (
            f"Nobody is in it before {until}: nights from {decided[name].since} on build its pages."
        )
        told = {"experiment": name, "until": str(until), "verdict": verdict}
        click.echo(json.dumps(told | {"units": {}, "effects": []}) if as_json else verdict)
        return
    path = load_settings().home_path / "reports" / f"experiment-{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(report_html(found, datetime.now(UTC)), encoding="utf-8")
    if as_json:
        effects = [each._asdict() | {"role": found.role(each.metric)} for each in found.effects]
        record = {
            "experiment": name,
            "until": str(found.until),
            "units": dict(found.units),
            "sample_ratio_p": found.ratio_p,
            "alarm": found.is_mismatched,
            "verdict": found.verdict,
            "effects": effects,
            "page": str(path),
        }
        click.echo(json.dumps(record, default=str))
        return
    if found.is_mismatched:
        click.echo(f"alarm: sample ratio of {name}: p {found.ratio_p:.2g}")
    click.echo(found.verdict)
    for each in found.effects:
        if found.role(each.metric) != "other":
            click.echo(
                f"  {each.metric} of {each.cell} ({found.role(each.metric)}): {each.relative:+.2%}"
                f" ({each.relative_low:+.2%} to {each.relative_high:+.2%})"
            )
    click.echo(f"all of it: {path}")


def say_decision(decision: Any, as_json: bool) -> None:
    """Tell a decision on an experiment, and from which run date on it holds."""
    record = {
        "experiment": decision.name,
        "action": decision.action,
        "from_ds": str(decision.since),
        "winner": decision.winner,
    }
    if as_json:
        click.echo(json.dumps(record))
        return
    winner = f" of {decision.winner}" if decision.winner else ""
    click.echo(f"{decision.name}: {decision.action}{winner}, from the run of {decision.since} on")


def _plan(name: str) -> Plan:
    import numpy as np
    import pyarrow as pa

    from experiments.allocation import NOBODY, Units, allocation
    from experiments.analysis.planner import accounts_needed, effect_told
    from jobs.declare_experiments import refuse_impossible
    from jobs.io.experiments.units import plays_before, units_now

    declared = load_experiments()
    if name not in declared.experiments:
        known = ", ".join(declared.experiments) or "none"
        raise UserMistake(f"{FILE.name}: no experiment {name!r} is declared; there are: {known}")
    one = declared.experiments[name]
    refuse_impossible(name, one)
    profiles = units_now()
    if not profiles.num_rows:
        return Plan(name, one, 0, None, None)
    full = one.model_copy(update={"ramp": {}})
    units = Units.of(profiles)
    cells = allocation(declared, {name: full}, units, one.start)[name]
    ids = units.account_id if one.unit == "account" else units.profile_id
    members = set(ids.filter(pa.array(cells != NOBODY)).to_pylist())
    of = declared.metrics[one.metric]
    values = np.array(plays_before(ids, of.of, (one.end - one.start).days))
    if of.over is not None or len(members) < 2 or not values.any():
        return Plan(name, one, len(members), None, None)
    mean, variance = float(values.mean()), float(values.var(ddof=1))
    return Plan(
        name,
        one,
        len(members),
        effect_told(variance, one.size) / mean,
        accounts_needed(variance, mean / 10),
    )


def _last_day() -> date:
    from jobs.io.tables.arrow import written_at

    days = written_at("events")
    if not days:
        raise UserMistake("no events were landed; `frontrow land --help` says how")
    return max(days)
