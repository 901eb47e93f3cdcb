"""What was decided of experiments: the table `experiments`, and which of them run on a day.

A decision holds from a run date on that was not published when it was taken, so a day built again
has the experiments that it had.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from conf.changes import Changes
from conf.errors import UserMistake
from conf.experiments import Experiment, Experiments, line_of, load_experiments
from jobs.io.published.homepage import publication_receipts
from jobs.io.published.receipts import published_days
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.arrow import filtered_rows

TABLE = "experiments"
START, RAMP, STOP, WINNER = "start", "ramp", "stop", "winner"  # actions


@dataclass(frozen=True)
class Decision:
    """The newest decision on an experiment, and the declaration that was kept with it."""

    name: str
    action: str
    winner: str | None
    since: date  # the first run date that it holds for
    kept: Mapping[str, Any]

    @property
    def experiment(self) -> Experiment:
        """The experiment as it was declared."""
        return Experiment.model_validate(self.kept["experiment"])

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped; whether its days are over it does not know."""
        return self.action in (START, RAMP)


def declaration(declared: Experiments, name: str) -> dict[str, Any]:
    """Everything that decides an experiment, as plain values: what is kept of it."""
    experiment = declared.experiments[name]
    metrics = {each: declared.metrics[each] for each in (experiment.metric, *experiment.guardrails)}
    return {
        "experiment": experiment.model_dump(mode="json"),
        "metrics": {each: metric.model_dump(mode="json") for each, metric in metrics.items()},
        "exclusive": declared.layers[experiment.layer].exclusive,
        "holdout": declared.holdout,
    }


def decisions(until: date | None = None) -> dict[str, Decision]:
    """The newest decision on each experiment that holds on a run date; without one, of all."""
    filters = [("ds", "<=", until)] if until else []
    records = sorted(filtered_rows(TABLE, filters).to_pylist(), key=itemgetter("decided_at"))
    newest = {record["experiment"]: record for record in records}
    return {name: _decision(record) for name, record in sorted(newest.items())}


def decisions_of(name: str) -> list[Decision]:
    """All decisions on an experiment, in the order in which they were taken."""
    records = filtered_rows(TABLE, [("experiment", "=", name)]).to_pylist()
    return [_decision(record) for record in sorted(records, key=itemgetter("decided_at"))]


def _decision(record: Mapping[str, Any]) -> Decision:
    kept = json.loads(record["declaration"])
    return Decision(record["experiment"], record["action"], record["winner"], record["ds"], kept)


def running(ds: date) -> tuple[Experiments, dict[str, Experiment]]:
    """What is declared, and the experiments that run on a run date, as they were started.

    Raises UserMistake, with file and line, where the file is wrong or a running one was changed.
    """
    declared = load_experiments()
    held = [decision for decision in decisions(ds).values() if decision.is_running]
    for decision in held:
        refuse_changed(declared, decision)
    experiments = {decision.name: decision.experiment for decision in held}
    return declared, {name: each for name, each in experiments.items() if each.runs_on(ds)}


def changes_of_winners(ds: date) -> dict[str, Changes]:
    """What each cell that has won changes, which everybody has on a run date."""
    return {
        f"{decision.name}:{decision.winner}": decision.experiment.cells[decision.winner].changes
        for decision in decisions(ds).values()
        if decision.winner
    }


def changes(ds: date) -> dict[str, Changes]:
    """What each cell changes that has members on a run date, of those that change something.

    Raises UserMistake where an experiment that runs was changed in the file.
    """
    running(ds)
    return changes_as_started(ds)


def changes_as_started(ds: date) -> dict[str, Changes]:
    """The same by what was kept as experiments were started, whatever the file says by now."""
    by_cell = changes_of_winners(ds)
    for decision in decisions(ds).values():
        if decision.is_running and decision.experiment.runs_on(ds):
            cells = decision.experiment.cells.items()
            by_cell |= {f"{decision.name}:{cell}": each.changes for cell, each in cells}
    return {cell: own for cell, own in by_cell.items() if own}


def refuse_changed(declared: Experiments, decision: Decision) -> None:
    """Refuse a declaration that is not the one that runs (UserMistake)."""
    name = decision.name
    way_out = f"put it back, or run `frontrow experiment stop {name}`"
    if name not in declared.experiments:
        where = line_of(("experiments",))
        raise UserMistake(f"{where}: {name} runs and is not declared any more; {way_out}")
    now = declaration(declared, name)
    for part, value in decision.kept.items():
        if now[part] == value:
            continue
        if part != "experiment":
            raise UserMistake(
                f"{_line(part, name)}: {part} was changed while {name} runs; {way_out}"
            )
        for term in sorted(value):
            if now[part][term] == value[term]:
                continue
            gone = sorted(set(value["cells"]) - set(now[part]["cells"]))
            lost = (
                f"cell {', '.join(gone)} has gone"
                if term == "cells" and gone
                else f"{term} was changed"
            )
            where = line_of(("experiments", name, term))
            raise UserMistake(f"{where}: {name}: {lost} while it runs; {way_out}")


def _line(part: str, name: str) -> str:
    return line_of({"metrics": ("metrics",), "holdout": ("holdout",)}.get(part, ("layers",)))


def next_run() -> date | None:
    """The run date after the newest published one; None where nothing is published."""
    if not arrow_tables.was_written("publications"):
        return None
    days = published_days(publication_receipts())
    return max(days) + timedelta(days=1) if days else None
