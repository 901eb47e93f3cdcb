"""The figures that need no pairs of variants, for several seeds of each world, with intervals over seeds."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev

from scipy.stats import t

Figures = Mapping[str, object]
KEYS = (
    "aa_interleaving_preference",
    "position_fairness_p",
    "aa_false_positive_rate",
    "aa_sequential_false_positive_rate",
    "aa_fixed_peeked_daily",
    "cuped_variance_cut",
    "cuped_variance_cut_play_rate",
    "smallest_effect_told",
    "smallest_effect_told_without_cuped",
    "smallest_effect_told_at_best",
    "best_variance_cut_play_rate",
    "profiles_that_tell_.24_percent",
)
SPEARMAN = "offline_online_spearman"  # of metric, then of outcome
LEVEL = 0.95


def over_seeds(found: Sequence[Figures]) -> dict[str, object]:
    """Each figure's mean over seeds, with its interval by Student's t, and its values in their order."""
    told: dict[str, object] = {key: _summary([_number(of[key]) for of in found]) for key in KEYS}
    for part in (SPEARMAN, f"{SPEARMAN}_better_half"):
        told[part] = {
            metric: {
                outcome: _summary([_nested(of, part, metric, outcome) for of in found])
                for outcome in ("play_rate", "minutes", "discovery")
            }
            for metric in _table(found[0], part)
        }
    return told


def _summary(values: list[float]) -> dict[str, object]:
    middle, count = mean(values), len(values)
    half = float(t.ppf((1 + LEVEL) / 2, count - 1)) * stdev(values) / count**0.5
    return {"mean": middle, "low": middle - half, "high": middle + half, "of": values}


def _nested(of: Figures, part: str, metric: str, outcome: str) -> float:
    row = _table(of, part)[metric]
    assert isinstance(row, Mapping)
    return _number(row[outcome])


def _table(of: Figures, part: str) -> Figures:
    table = of[part]
    assert isinstance(table, Mapping)
    return table


def _number(value: object) -> float:
    return float(str(value))
