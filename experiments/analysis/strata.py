"""Effects by stratum of accounts: whether they differ, and their mean weighted by the strata's sizes.

Strata are known before the experiment and cannot be moved by it (country, kids, tenure).
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.analysis.accounts import CELL, STRATUM, Metric, by_account
from experiments.analysis.effects import LEAST_ACCOUNTS, NORMAL, Effect, effect_of
from experiments.metrics.rates import Rate


class StratumEffects(NamedTuple):
    """The effects of one cell on one metric by stratum, and what they come to together."""

    by_stratum: dict[str, Effect]
    post_stratified: Rate  # the difference with each stratum weighted by its share of all accounts
    p_alike: float  # Cochran's Q: small where strata differ by more than chance; nan of one stratum
    left_out: tuple[str, ...]  # strata with fewer than two accounts in either cell


def stratum_effects(table: pa.Table, metric: Metric, control: str, cell: str) -> StratumEffects:
    """The effects of one cell in each stratum; `table` has account_id, cell, stratum and the columns.

    The post-stratified difference is sum of w_s d_s with variance sum of w_s^2 v_s (Miratrix, Sekhon
    and Yu, JRSS B 2013), w_s the share of the metric's denominator, or of accounts, in both cells;
    the strata's own differences have CUPED. Q = sum of (d_s - mean)^2 / v_s is held against
    chi-squared with one degree of freedom less than there are strata (Cochran, Biometrics 1954).

    Raises:
        ValueError: no stratum has two accounts in both cells.
    """
    accounts = by_account(table, [metric])
    accounts = accounts.filter(pc.is_in(accounts[CELL], pa.array([control, cell], pa.string())))
    found: dict[str, Effect] = {}
    weights, left_out = [], []
    for stratum in sorted(pc.unique(accounts[STRATUM]).to_pylist()):
        part = accounts.filter(pc.equal(accounts[STRATUM], stratum))
        sizes = [pc.sum(pc.equal(part[CELL], name)).as_py() for name in (control, cell)]
        if min(sizes) < LEAST_ACCOUNTS:
            left_out.append(stratum)
            continue
        found[stratum] = effect_of(part, metric, control, cell)
        weights.append(
            pc.sum(part[metric.denominator]).as_py() if metric.denominator else len(part)
        )
    if not found:
        raise ValueError(f"no stratum has {LEAST_ACCOUNTS} accounts in {control} and in {cell}")
    differences, errors = np.array([(e.difference, e.standard_error) for e in found.values()]).T
    mean = _weighted(np.array(weights, np.float64), differences, errors)
    return StratumEffects(found, mean, _p_alike(differences, errors), tuple(left_out))


def _weighted(weights: np.ndarray, differences: np.ndarray, errors: np.ndarray) -> Rate:
    shares = weights / weights.sum()
    value = float(shares @ differences)
    half_width = NORMAL * float(np.sqrt(shares**2 @ errors**2))
    return Rate(value, value - half_width, value + half_width)


def _p_alike(differences: np.ndarray, errors: np.ndarray) -> float:
    from scipy.stats import chi2  # .5 s

    if len(differences) < 2 or not (errors > 0).all():
        return float("nan")
    precision = errors**-2
    mean = precision @ differences / precision.sum()
    return float(chi2.sf(precision @ (differences - mean) ** 2, len(differences) - 1))
