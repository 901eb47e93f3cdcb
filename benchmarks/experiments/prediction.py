"""Which figure of a page, known before anybody sees it, orders variants as members will.

Relevant is what a profile played without any page, in draws of their own: that favours no builder.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import rankdata

from benchmarks.experiments.lives import Members, Values, draw_of, plays_of
from benchmarks.page.figures import BuiltPages, page_metrics
from benchmarks.page.world_day import rows_of_profiles
from experiments.metrics.rates import Rate
from models.catalogue.arrays import Profiles

OUTCOMES = {"discovery": "new_plays", "minutes": "seconds", "play_rate": "taken"}
BY_RELEVANCE = ("recall_3x4", "recall_6x6", "ndcg_2d", "err_2d")  # of page_metrics
NEW = "new_"  # before the name of a metric: by titles that are new to the profile
SAMPLES = 500


class Measured(NamedTuple):
    """Of one variant by profile: the metrics of its page, nan where not defined, and what was lived."""

    metrics: Mapping[str, Values]  # (m,)
    counts: Mapping[str, Values]  # (m,) COUNTS, summed over draws


def wanted_titles(members: Members, draws: range) -> NDArray[np.bool_]:
    """(m, n) the titles of the catalogue that each profile plays well without a page."""
    title_ids = members.past.moment.catalogue.title_ids.tolist()
    title = {name: number for number, name in enumerate(title_ids)}
    profile = {name: number for number, name in enumerate(members.profile_ids)}
    relevant = np.zeros((len(profile), len(title)), bool)
    for draw in draws:
        plays = plays_of(draw_of(members, None, draw))
        for name, played in zip(
            plays["profile_id"].to_pylist(), plays["title_id"].to_pylist(), strict=True
        ):
            if played in title:
                relevant[profile[name], title[played]] = True
    return relevant


def metrics_of(
    members: Members, page_rows: pa.Table, relevant: NDArray[np.bool_]
) -> dict[str, Values]:
    """Each metric of each profile's page (m,), in the order of the members; and by new titles alone."""
    past = members.past
    place = {name: number for number, name in enumerate(members.profile_ids)}
    found: dict[str, Values] = {}
    for profiles, _ in past.batches:
        names = profiles.profile_ids.tolist()
        theirs = np.array([place[name] for name in names])
        rows = rows_of_profiles(page_rows, names)
        wanted = relevant[theirs]
        is_new = wanted & ~_played(profiles, wanted.shape[1])
        for prefix, titles in (("", wanted), (NEW, is_new)):
            built = BuiltPages(past.moment.catalogue, profiles, titles, rows)
            for metric, values in page_metrics(built).items():
                if not prefix or metric in BY_RELEVANCE:
                    of_all = found.setdefault(prefix + metric, np.full(len(place), np.nan))
                    of_all[theirs] = values
    return found


def _played(profiles: Profiles, titles: int) -> NDArray[np.bool_]:
    """(m, n) which titles a profile has played before."""
    played = np.zeros((profiles.size, titles), bool)
    played[profiles.owners, profiles.title] = True
    return played


def rank_correlations(
    measured: Mapping[str, Measured], account: NDArray[np.int64], seed: int = 0
) -> dict[str, dict[str, Rate]]:
    """Spearman's correlation over variants, of each metric with each outcome by session.

    The interval is a bootstrap of accounts: others would have given other pages and other plays.
    """
    rng = np.random.default_rng(seed)
    accounts = int(account.max()) + 1
    drawn = rng.multinomial(accounts, np.full(accounts, 1 / accounts), SAMPLES)
    weights = np.vstack([np.ones(accounts), drawn])[:, account]  # (1 + SAMPLES, m)
    variants = list(measured.values())
    outcomes = {
        name: np.stack([_ratio(v.counts[count], v.counts["sessions"], weights) for v in variants])
        for name, count in OUTCOMES.items()
    }
    found: dict[str, dict[str, Rate]] = {}
    for metric in variants[0].metrics:
        means = np.stack([_mean_of_known(v.metrics[metric], weights) for v in variants])
        if np.isnan(means).any() or np.ptp(means[:, 0]) == 0:
            continue  # it does not tell variants apart
        found[metric] = {name: _correlation(means, of) for name, of in outcomes.items()}
    return found


def _ratio(above: Values, below: Values, weights: Values) -> Values:
    return (weights @ above) / (weights @ below)


def _mean_of_known(values: Values, weights: Values) -> Values:
    is_known = ~np.isnan(values)
    if not is_known.any():
        return np.full(len(weights), np.nan)
    return _ratio(np.where(is_known, values, 0.0), is_known.astype(float), weights)


def _correlation(metric: Values, outcome: Values) -> Rate:
    """Of (variants, samples), the first of which is the figure itself; Pearson's of the ranks."""
    one, other = (rankdata(values, axis=0) for values in (metric, outcome))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    with np.errstate(invalid="ignore"):
        found = (one * other).sum(axis=0) / np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    low, high = np.nanpercentile(found[1:], [2.5, 97.5])
    return Rate(float(found[0]), float(low), float(high))
