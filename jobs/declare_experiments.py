"""conf/experiments.yaml -> experiments: a person's decisions, which take effect with the next run."""

# Tested by tests/jobs/io/experiments/test_register.py.

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from conf import experiments as conf_experiments
from conf.errors import UserMistake
from conf.experiments import (
    NONE,
    SERVING,
    Experiment,
    Experiments,
    added_kinds,
    line_of,
    load_experiments,
    other_term,
)
from jobs.io.code_version import code_version
from jobs.io.experiments.added_kinds import kinds_of_variants
from jobs.io.experiments.register import (
    RAMP,
    START,
    STOP,
    TABLE,
    WINNER,
    Decision,
    decisions,
    decisions_of,
    declaration,
    next_run,
    refuse_changed,
)
from jobs.io.tables import arrow_writes
from jobs.io.tables.arrow import filtered_rows


def decide(name: str, action: str, since: date, kept: Mapping[str, Any], winner: str = "") -> None:
    """Keep a decision that holds from a run date on."""
    record = {
        "experiment": name,
        "action": action,
        "winner": winner or None,
        "declaration": json.dumps(kept, sort_keys=True),
        "decided_at": datetime.now(UTC),
        "code_version": code_version(),
        "ds": since,
    }
    arrow_writes.append(TABLE, [record])


def start(name: str) -> Decision:
    """Start a declared experiment, or take over the ramp of one that runs (UserMistake).

    One that runs as it is declared is left as it is.
    """
    declared = load_experiments()
    if name not in declared.experiments:
        known = ", ".join(declared.experiments) or "none"
        raise UserMistake(
            f"{conf_experiments.FILE.name}: no experiment {name!r} is declared; there are: {known}"
        )
    kept, held = declaration(declared, name), decisions().get(name)
    since = declared.experiments[name].start
    if held is None:
        _refuse_past(name, since)
        refuse_impossible(name, declared.experiments[name])
        decide(name, START, since, kept)
    elif not held.is_running:
        raise UserMistake(
            f"{name} was stopped on {held.since}: cells are drawn by name, declare it under another one"
        )
    elif held.kept != kept:
        since = _refuse_lower_ramp(declared, held)
        decide(name, RAMP, since, kept)
    return decisions()[name]


def stop(name: str, winner: str = "") -> Decision:
    """Stop a running experiment from the next run on; with a winner everybody gets its cell."""
    held = decisions().get(name)
    if held is None or not held.is_running:
        running_now = [other for other, each in decisions().items() if each.is_running]
        raise UserMistake(f"{name} does not run; running: {', '.join(running_now) or 'none'}")
    if winner and winner not in held.experiment.cells:
        raise UserMistake(
            f"{name} has no cell {winner!r}; its cells: {', '.join(held.experiment.cells)}"
        )
    since = max(next_run() or held.since, held.since)
    decide(name, WINNER if winner else STOP, since, held.kept, winner)
    return decisions()[name]


def undo(name: str) -> Decision:
    """Let the decision before the last one hold again, from the next run on; a start is stopped.

    Raises UserMistake where nothing was decided, or where what would run again is declared otherwise.
    """
    made = decisions_of(name)
    if not made:
        raise UserMistake(
            f"nothing was decided of {name!r}; decided: {', '.join(decisions()) or 'none'}"
        )
    last = made[-1]
    holds = made[-2] if len(made) > 1 else replace(last, action=STOP)
    if holds.is_running:
        refuse_changed(load_experiments(), holds)
    since = max(next_run() or last.since, last.since)
    decide(name, holds.action, since, holds.kept, holds.winner or "")
    return decisions()[name]


def _refuse_past(name: str, start_day: date) -> None:
    soonest = next_run()
    if soonest and start_day < soonest:
        where = line_of(("experiments", name, "start"))
        raise UserMistake(
            f"{where}: {name}: start {start_day} is published already; the next run date is {soonest}"
        )


def refuse_impossible(name: str, experiment: Experiment) -> None:
    """Refuse what the file alone does not tell to be wrong: its rankers and added kinds of row."""
    _refuse_unknown_rankers(name, experiment)
    _refuse_other_kind(name, experiment)


def _refuse_unknown_rankers(name: str, experiment: Experiment) -> None:
    """Refuse a cell that is to have a ranker of an id that none was promoted under (UserMistake)."""
    for cell, of_cell in experiment.cells.items():
        for path, ranker_id in of_cell.changes.items():
            file, _, ranker = path.partition(".")
            if file != SERVING or ranker_id == NONE:
                continue
            columns = ["ranker_id", "promoted"]
            trained = filtered_rows("rankers", [("ranker", "=", ranker)], columns).to_pylist()
            known = sorted(row["ranker_id"] for row in trained if row["promoted"])
            if ranker_id not in known:
                where = line_of(("experiments", name, "cells", cell, "changes", path))
                raise UserMistake(
                    f"{where}: {name}: no {ranker} was promoted as {ranker_id!r};"
                    f" promoted: {', '.join(known) or 'none'}"
                )


def _refuse_other_kind(name: str, experiment: Experiment) -> None:
    """Refuse a kind of row whose name another experiment gave to rows that readers place otherwise."""
    known = kinds_of_variants()
    for kind_name, kind in added_kinds(experiment).items():
        first, before = known.get(kind_name, (name, kind))
        if term := other_term(kind, before):
            raise UserMistake(
                f"{line_of(('experiments', name, 'cells'))}: {name}: kind of row {kind_name} had another"
                f" {term} in {first}, whose pages may still be read; give it another name"
            )


def _refuse_lower_ramp(declared: Experiments, held: Decision) -> date:
    """The run date from which another ramp holds; what else was changed, or a lower ramp, is refused."""
    name, before = held.name, held.experiment
    experiment = declared.experiments[name]
    same = experiment.model_copy(update={"ramp": before.ramp})
    as_before = Experiments.model_validate(
        declared.model_dump() | {"experiments": {name: same.model_dump()}}
    )
    refuse_changed(as_before, held)
    since = max(next_run() or before.start, before.start)
    days = {since, *(day for day in (*before.ramp, *experiment.ramp) if day >= since)}
    if any(experiment.ramp_on(day) < before.ramp_on(day) for day in days):
        where = line_of(("experiments", name, "ramp"))
        raise UserMistake(
            f"{where}: {name}: a ramp only rises; it was {before.ramp_on(since):g} on {since}"
        )
    return since
