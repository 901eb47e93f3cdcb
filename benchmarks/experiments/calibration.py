"""Whether the rulers say the truth where it is known: nothing between equal cells, and lost accounts."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import binomtest, chi2_contingency, kstest

from experiments.allocation import uniforms
from experiments.analysis.accounts import Metric
from experiments.analysis.anytime import anytime_interval
from experiments.analysis.effects import estimator
from experiments.analysis.planner import POWER, accounts_needed, share_variance
from experiments.analysis.sample_ratio import is_mismatch

if TYPE_CHECKING:
    from tea_tasting.aggr import Aggregates

Values = NDArray[np.float64]
PLAYS = Metric("quality_plays", "plays", before="before")
PLAY_RATE = Metric("play_rate", "taken", "sessions")
PLAY_RATE_CUPED = PLAY_RATE._replace(before="taken_before", before_denominator="sessions_before")
PUBLISHED = ((0.001, 0.5, 1.92e6), (0.002, 0.5, 480e3), (0.001, 0.8, 3.92e6), (0.002, 0.8, 0.98e6))
LEVEL = 0.05
LAYER_ACCOUNTS, LAYER_PAIRS = 2000, 200
RATIO_ACCOUNTS, LOST = 20_000, 0.1  # accounts of two equal cells, of one of which so many are lost
IN_SERVICE = 100_000  # profiles of the service that effects are told in


def planner_max_error() -> float:
    """The largest relative error of the planner's sizes against published ones (N-123, N-124)."""
    variance = share_variance(0.5)
    return max(abs(accounts_needed(variance, e, p) / n - 1) for e, p, n in PUBLISHED)


def equal_cells(
    tests: Values, before: Values, repeats: int
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """A test, and which accounts are in the new cell: equal halves by the hash that allocates."""
    ids = pa.array([f"m{number:07d}" for number in range(len(before))])
    for repeat in range(repeats):
        yield repeat % len(tests), uniforms(ids, f"cell/aa{repeat}") < 0.5


def false_positive_rate(tests: Values, before: Values, repeats: int) -> tuple[float, float]:
    """How often a fixed test at .05 tells two equal cells apart, and how much variance CUPED cuts.

    `tests` (tests, accounts) are an account's quality plays in each test.
    """
    ruler, plain = estimator(PLAYS), estimator(PLAYS._replace(before=None))
    told, cuts = 0, []
    for test, is_new in equal_cells(tests, before, repeats):
        cells = [
            aggregates({"plays": tests[test], "before": before}, part) for part in (~is_new, is_new)
        ]
        told += ruler.analyze_aggregates(*cells).pvalue < LEVEL
        widths = [_width(kind, cells) for kind in (ruler, plain)]
        cuts.append(1 - (widths[0] / widths[1]) ** 2)
    return told / repeats, float(np.mean(cuts))


def _width(ruler: object, cells: "list[Aggregates]") -> float:
    found = ruler.analyze_aggregates(*cells)  # type: ignore[attr-defined]
    return float(found.effect_size_ci_upper - found.effect_size_ci_lower)


def peeking_rates(days: Values, before: Values, repeats: int) -> tuple[float, float]:
    """How often daily looks tell two equal cells apart at any look: anytime-valid, and fixed at .05.

    `days` (tests, days, accounts); the planned standard error is that of the last look.
    """
    ruler = estimator(PLAYS)
    so_far = days.cumsum(axis=1) / (1 + np.arange(days.shape[1]))[:, None]
    anytime, fixed = 0, 0
    for test, is_new in equal_cells(days, before, repeats):
        looks = []
        for plays in so_far[test]:
            columns = {"plays": plays, "before": before}
            found = ruler.analyze_aggregates(
                *(aggregates(columns, part) for part in (~is_new, is_new))
            )
            looks.append((found.effect_size, found.effect_size / found.statistic, found.pvalue))
        planned = looks[-1][1]
        intervals = [anytime_interval(effect, error, planned) for effect, error, _ in looks]
        anytime += any(interval.low > 0 or interval.high < 0 for interval in intervals)
        fixed += any(p < LEVEL for _, _, p in looks)
    return anytime / repeats, fixed / repeats


def aggregates(columns: dict[str, Values], accounts: NDArray[np.bool_]) -> "Aggregates":
    """The means, variances and covariances of some accounts' columns, as tea-tasting takes them."""
    from tea_tasting.aggr import Aggregates

    names = sorted(columns)
    values = np.array([columns[name][accounts] for name in names])
    covariance = np.atleast_2d(np.cov(values))
    count = range(len(names))
    return Aggregates(
        count_=int(accounts.sum()),
        mean_={names[i]: float(values[i].mean()) for i in count},
        var_={names[i]: float(covariance[i, i]) for i in count},
        cov_={(names[i], names[j]): float(covariance[i, j]) for i in count for j in count if i < j},
    )


def sample_ratios(repeats: int) -> tuple[float, float]:
    """How often lost accounts are seen, and how often an alarm is false, of allocations by hash."""
    ids = pa.array([f"m{number:07d}" for number in range(RATIO_ACCOUNTS)])
    shares = {"control": 0.5, "new": 0.5}
    seen, false = 0, 0
    for repeat in range(repeats):
        new = int((uniforms(ids, f"cell/ratio{repeat}") < 0.5).sum())
        counts = {"control": RATIO_ACCOUNTS - new, "new": new}
        false += is_mismatch(counts, shares)
        seen += is_mismatch({**counts, "new": int(new * (1 - LOST))}, shares)
    return seen / repeats, false / repeats


def layer_independence_p() -> float:
    """Whether cells of two layers are independent: of many pairs' chi-squared tests, that p is even."""
    ids = pa.array([f"m{number:07d}" for number in range(LAYER_ACCOUNTS)])
    found = []
    for pair in range(LAYER_PAIRS):
        one, other = (uniforms(ids, f"cell/{name}{pair}") < 0.5 for name in ("one", "other"))
        crossed = np.histogram2d(one, other, bins=2)[0]
        found.append(chi2_contingency(crossed, correction=False).pvalue)
    return float(kstest(found, "uniform").pvalue)


def smallest_effect_told(taken: Values, sessions: Values, profiles: int) -> dict[str, float]:
    """The relative difference of the play rate that `IN_SERVICE` profiles tell at .05 with power .8.

    `taken` and `sessions` (tests, accounts); `profiles` of these accounts. With CUPED, of each test
    the one before it is what is known; figures are means over tests. At best it would be known of
    each account what it does on average, so that the chance of its one test alone is left.
    """
    profiles_in_account = profiles / taken.shape[1]
    told = []
    for now in range(1, len(taken)):
        columns = {"taken": taken[now], "sessions": sessions[now]}
        before = {"taken_before": taken[now - 1], "sessions_before": sessions[now - 1]}
        sums = aggregates(columns | before, np.ones(taken.shape[1], bool))
        told.append(
            [_told(metric, sums, profiles_in_account) for metric in (PLAY_RATE, PLAY_RATE_CUPED)]
        )
    plain, cuped = np.mean(told, axis=0)
    chance = chance_share(taken, sessions)
    return {
        "smallest_effect_told": float(cuped),
        "smallest_effect_told_without_cuped": float(plain),
        "smallest_effect_told_at_best": float(plain * np.sqrt(chance)),
        "cuped_variance_cut_play_rate": float(1 - (cuped / plain) ** 2),
        "best_variance_cut_play_rate": 1 - chance,
        "profiles_that_tell_.24_percent": float(IN_SERVICE * (cuped / 0.0024) ** 2),
    }


def chance_share(taken: Values, sessions: Values) -> float:
    """The share of the variance of accounts' play rates, of (tests, accounts), that differs between
    tests of one account.

    Accounts begin each test from the same state, so what they have in common in all of them is all
    that could be known of them before. Of a ratio it is the variance of `taken - rate * sessions`,
    by which the delta method goes.
    """
    surplus = taken - taken.sum() / sessions.sum() * sessions
    of_one_account = surplus.var(axis=0, ddof=1).mean()
    of_one_test = surplus.var(axis=1, ddof=1).mean()
    return float(of_one_account / of_one_test)


def _told(metric: Metric, sums: "Aggregates", profiles_in_account: float) -> float:
    ruler = estimator(metric)
    ruler.n_obs, ruler.power = int(IN_SERVICE / profiles_in_account), POWER
    return float(ruler.solve_power_from_aggregates(sums, "rel_effect_size")[0].rel_effect_size)


def share_interval(share: float, repeats: int) -> tuple[float, float]:
    """Wilson's interval of a share of so many repeats."""
    found = binomtest(round(share * repeats), repeats).proportion_ci(method="wilson")
    return float(found.low), float(found.high)
