"""What each cell changed against control: means and ratios with CUPED, and p-values for many at once.

The arithmetic is tea-tasting's: CUPED (Deng, Xu, Kohavi and Walker, WSDM 2013), ratios by the delta
method (Deng, Knoblich and Lu, KDD 2018), Holm's correction (Scandinavian Journal of Statistics
1979).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from experiments.analysis.accounts import CELL, Metric, by_account

if TYPE_CHECKING:
    from tea_tasting import RatioOfMeans

LEVEL = 0.95
NORMAL = 1.959963984540054  # of LEVEL
LEAST_ACCOUNTS = 2  # of a cell


class Effect(NamedTuple):
    """One metric of one cell against control; differences in the metric's unit, `relative` to control."""

    cell: str
    metric: str
    control_value: float
    cell_value: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    p: float
    p_adjusted: float  # Holm, over all cells and metrics that are no guardrails
    holds: bool | None  # of a guardrail: no more may be lost than was declared; else None

    @property
    def standard_error(self) -> float:
        """Of the difference."""
        return (self.high - self.low) / (2 * NORMAL)


def effects(table: pa.Table, metrics: Sequence[Metric], control: str) -> list[Effect]:
    """The effects of all cells but `control` on all metrics, cells in order of their names.

    `table` has account_id, cell, and the columns of the metrics: any number of records of each
    account.

    Raises:
        ValueError: control is not among the cells, no other is, or a cell has fewer than two
            accounts.
    """
    accounts = by_account(table, metrics)
    cells = _cells(accounts, control)
    found = [effect_of(accounts, metric, control, cell) for cell in cells for metric in metrics]
    return _adjusted(found)


def _cells(accounts: pa.Table, control: str) -> list[str]:
    counts = {
        entry["values"]: entry["counts"] for entry in pc.value_counts(accounts[CELL]).to_pylist()
    }
    if control not in counts or len(counts) < 2:
        raise ValueError(
            f"control {control!r} and another cell are needed; there are: {sorted(counts)}"
        )
    small = [cell for cell, count in counts.items() if count < LEAST_ACCOUNTS]
    if small:
        raise ValueError(f"cells with fewer than {LEAST_ACCOUNTS} accounts: {sorted(small)}")
    return sorted(cell for cell in counts if cell != control)


def effect_of(accounts: pa.Table, metric: Metric, control: str, cell: str) -> Effect:
    """The effect of one cell on one metric, of sums `by_account`."""
    found = estimator(metric).analyze(accounts, control, cell, variant=CELL)
    holds = (
        None
        if metric.may_lose is None
        else bool(found.rel_effect_size_ci_lower >= -metric.may_lose)
    )
    return Effect(
        cell,
        metric.name,
        found.control,
        found.treatment,
        found.effect_size,
        found.effect_size_ci_lower,
        found.effect_size_ci_upper,
        found.rel_effect_size,
        found.rel_effect_size_ci_lower,
        found.rel_effect_size_ci_upper,
        found.pvalue,
        found.pvalue,
        holds,
    )


def estimator(metric: Metric) -> "RatioOfMeans":
    """A metric as tea-tasting takes it, with normal quantiles.

    Raises:
        ValueError: one column in two roles, which tea-tasting cannot read.
    """
    if len(set(metric.columns)) < len(metric.columns):
        raise ValueError(
            f"{metric.name}: a column stands in two roles: {', '.join(metric.columns)}"
        )
    from tea_tasting import RatioOfMeans  # 2 s

    return RatioOfMeans(*metric.roles, use_t=False, confidence_level=LEVEL)


def _adjusted(found: list[Effect]) -> list[Effect]:
    """The effects with p-values by Holm; guardrails are judged by their own margins."""
    tested = [effect for effect in found if effect.holds is None]
    adjusted = iter(holm([effect.p for effect in tested]))
    return [
        effect if effect.holds is not None else effect._replace(p_adjusted=next(adjusted))
        for effect in found
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values by Holm's step-down procedure, in their order; any dependence is allowed."""
    from tea_tasting import adjust_fwer  # 2 s
    from tea_tasting.experiment import ExperimentResult

    if not p_values:
        return []
    results = ExperimentResult({str(n): {"pvalue": p} for n, p in enumerate(p_values)})
    found = adjust_fwer(results, arbitrary_dependence=True, method="bonferroni")
    (of_all,) = found.values()
    return [float(of_all[str(n)]["pvalue_adj"]) for n in range(len(p_values))]
