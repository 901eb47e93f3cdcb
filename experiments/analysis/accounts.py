"""One line for each account: what was drawn by chance is the account, so it is the unit of analysis.

Profiles of one account are alike, and days of one profile too; sums by account leave nothing that
could count twice.
"""
# Tested by tests/experiments/analysis/test_effects.py.

from collections.abc import Collection
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

ACCOUNT, CELL, STRATUM = "account_id", "cell", "stratum"


class Metric(NamedTuple):
    """A figure of a cell: the mean of a column by account, or the ratio of the sums of two columns.

    `before` and `before_denominator` are the same of the days before the experiment: what they
    explain is taken out of the difference (CUPED). A guardrail may fall by `may_lose` at most,
    relative to control.
    """

    name: str
    column: str
    denominator: str | None = None
    before: str | None = None
    before_denominator: str | None = None
    may_lose: float | None = None  # 0.01 for 1 %; None where the metric is not a guardrail

    @property
    def roles(self) -> tuple[str, str | None, str | None, str | None]:
        """The columns in the order numerator, denominator, and both of the days before."""
        return self.column, self.denominator, self.before, self.before_denominator

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the figure is made of."""
        return tuple(column for column in self.roles if column is not None)


def by_account(table: pa.Table, metrics: Collection[Metric]) -> pa.Table:
    """The sums of the metrics' columns by account, with its cell and, where there is one, its stratum.

    Values unknown of the days before become the mean of those known, which moves no cell.

    Raises:
        ValueError: an account in two cells or strata, or a value of the experiment that is unknown.
    """
    columns = list(dict.fromkeys(name for metric in metrics for name in metric.columns))
    before = {name for m in metrics for name in (m.before, m.before_denominator) if name}
    for name in columns:
        if name not in before and table[name].null_count:
            raise ValueError(f"{name} is unknown of {table[name].null_count} records")
    labels = [name for name in (CELL, STRATUM) if name in table.column_names]
    sums = table.group_by(ACCOUNT).aggregate(
        [(name, "sum") for name in columns]
        + [(name, kind) for name in labels for kind in ("min", "max")]
    )
    for name in labels:
        moved = sums.filter(pc.not_equal(sums[f"{name}_min"], sums[f"{name}_max"]))[ACCOUNT]
        if len(moved):
            raise ValueError(f"account {moved[0]} is in more than one {name}")
    found = {ACCOUNT: sums[ACCOUNT], **{name: sums[f"{name}_min"] for name in labels}}
    for name in columns:
        values = pc.cast(sums[f"{name}_sum"], pa.float64())
        found[name] = pc.fill_null(values, pc.fill_null(pc.mean(values), 0.0))
    return pa.table(found).sort_by(ACCOUNT)
