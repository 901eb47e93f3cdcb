"""experiments, assignments, events, impressions -> experiment_results: what each cell changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conf.errors import UserMistake
from conf.experiments import Metric as DeclaredMetric
from conf.experiments import load_experiments
from experiments.analysis.accounts import Metric
from experiments.analysis.effects import Effect, effects
from experiments.analysis.sample_ratio import ALARM, sample_ratio_p
from jobs.io.experiments.measured import measured_units
from jobs.io.experiments.register import Decision, decisions
from jobs.io.tables import arrow_writes
from jobs.io.tables.arrow import filtered_rows

TABLE = "experiment_results"


@dataclass(frozen=True)
class Analysis:
    """What one experiment showed until a day."""

    decision: Decision
    until: date
    units: Mapping[str, int]  # by cell, the control first
    ratio_p: float  # of the declared shares of cells
    effects: tuple[Effect, ...]

    @property
    def is_mismatched(self) -> bool:
        """Whether the cells have not the sizes they were drawn with: then no figure counts."""
        return self.ratio_p < ALARM

    def role(self, metric: str) -> str:
        """What a metric is to the experiment."""
        experiment = self.decision.experiment
        if metric == experiment.metric:
            return "metric"
        return "guardrail" if metric in experiment.guardrails else "other"

    @property
    def verdict(self) -> str:
        """What the declared metric, guardrails and size say together, in one sentence."""
        experiment = self.decision.experiment
        if self.is_mismatched:
            return "The cells have not the declared shares: find out who is missing before anything else."
        fallen = [
            f"{each.metric} of {each.cell}"
            for each in self.effects
            if self.role(each.metric) == "guardrail" and each.relative_high < 0
        ]
        if fallen:
            return f"A guardrail fell: {', '.join(fallen)}."
        small = [cell for cell, units in self.units.items() if units < experiment.size]
        if small:
            return f"Too small to decide: {experiment.size} units a cell were declared; {', '.join(small)} has fewer."
        if self.until < experiment.end:
            return f"Not over: it was declared to run until {experiment.end}."
        told = [
            each
            for each in self.effects
            if self.role(each.metric) == "metric" and not each.low <= 0 <= each.high
        ]
        changed = [
            f"{each.cell} {'raised' if each.difference > 0 else 'lowered'} {each.metric}"
            for each in told
        ]
        return (
            f"Decided: {', '.join(changed)}."
            if changed
            else "No difference was told at the declared size."
        )


def analyse_experiments(ds: date) -> list[Analysis]:
    """Write the day of `experiment_results`, of every experiment that had members by then."""
    known = set(
        filtered_rows("assignments", [("ds", "<", ds)], ["experiment"])["experiment"].to_pylist()
    )
    found = [analysis(decision, ds) for name, decision in decisions().items() if name in known]
    records = [record for each in found for record in _records(each)]
    if records:
        arrow_writes.replace_day(TABLE, ds, records)
    return found


def analysis(decision: Decision, ds: date) -> Analysis:
    """What an experiment showed until a day, or until it was stopped."""
    until = ds if decision.is_running else min(ds, decision.since)
    experiment = decision.experiment
    units = measured_units(decision.name, until)
    counts = pc.value_counts(units["cell"]).to_pylist()
    by_cell = {count["values"]: count["counts"] for count in counts}
    sizes = {cell: by_cell.get(cell, 0) for cell in experiment.cells}
    shares = {name: cell.share for name, cell in experiment.cells.items()}
    declared = load_experiments().metrics | {
        name: DeclaredMetric.model_validate(kept) for name, kept in decision.kept["metrics"].items()
    }
    # what is the same for every unit tells nothing, and has no interval
    differing = {
        n: each for n, each in declared.items() if pc.count_distinct(units[each.of]).as_py() > 1
    }
    metrics = [_metric(name, each, units) for name, each in differing.items()]
    try:
        if not metrics:
            raise ValueError("every unit did the same")
        found = effects(units, metrics, experiment.control)
    except ValueError as error:
        raise UserMistake(f"{decision.name} cannot be judged yet: {error}") from None
    return Analysis(decision, until, sizes, sample_ratio_p(sizes, shares), tuple(found))


def _metric(name: str, declared: DeclaredMetric, units: pa.Table) -> Metric:
    """A metric with what it was before, where that tells units apart."""
    before = f"{declared.of}_before"
    differs = pc.count_distinct(units[before]).as_py() > 1
    if declared.over is None:
        return Metric(name, declared.of, before=before if differs else None)
    over_before = f"{declared.over}_before"
    differs = differs and pc.min(units[over_before]).as_py() > 0
    if differs:
        return Metric(name, declared.of, declared.over, before, over_before)
    return Metric(name, declared.of, declared.over)


def _records(found: Analysis) -> list[dict[str, Any]]:
    control = found.decision.experiment.control
    return [
        {
            "experiment": found.decision.name,
            "metric": each.metric,
            "role": found.role(each.metric),
            "cell": each.cell,
            "control_units": found.units[control],
            "cell_units": found.units[each.cell],
            "control_mean": each.control_value,
            "cell_mean": each.cell_value,
            "relative_effect": each.relative,
            "relative_low": each.relative_low,
            "relative_high": each.relative_high,
            "p_value": each.p,
            "ratio_p_value": found.ratio_p,
            "analysed_at": datetime.now(UTC),
        }
        for each in found.effects
    ]
