"""Quantiles of accounts by cell: what happened to those who watch little, and to those who watch a lot."""
# Tested by tests/experiments/analysis/test_strata.py.

import pyarrow as pa

from experiments.analysis.accounts import CELL, Metric, by_account
from experiments.metrics.rates import Rate


def quantile_difference(
    table: pa.Table,
    column: str,
    control: str,
    cell: str,
    quantile: float = 0.5,
    samples: int = 2000,
) -> Rate:
    """The quantile of an account's sum in `cell` less that in `control`, by a bootstrap of accounts."""
    from tea_tasting import Quantile  # 2 s

    accounts = by_account(table, [Metric(column, column)])
    ruler = Quantile(column, quantile, n_resamples=samples, method="basic", rng=0)
    found = ruler.analyze(accounts, control, cell, variant=CELL)
    return Rate(found.effect_size, found.effect_size_ci_lower, found.effect_size_ci_upper)
