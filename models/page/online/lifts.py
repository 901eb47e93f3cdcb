"""How much more a trait is played at a moment than at others: by country, hour, weekday and device."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.nearline import Context
from models.catalogue.arrays import EVERYBODY

HOUR, WEEKDAY, DEVICE = "hour", "weekday", "device"
FACETS = ("genre", "kind")
MOMENTS = {
    HOUR: tuple(str(hour) for hour in range(24)),
    WEEKDAY: tuple(str(day) for day in range(1, 8)),
}
MOST_PRIOR = 1e6  # starts by which a context is held to make no difference
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Starts:
    """Plays started at each moment of a context, by trait of the title; each (moments, traits)."""

    observed: F64
    expected: F64


@dataclass(frozen=True)
class ContextLift:
    """Log lifts of the traits of one facet at the moments of one context, by country.

    A lift of 0 says: as much as ever. EVERYBODY stands for countries without starts of their own.
    """

    facet: str  # genre or kind
    context: str  # HOUR, WEEKDAY or DEVICE
    moments: tuple[str, ...]
    by_country: dict[str, F32]  # each (moments, traits)

    def at(self, country: str, moment: Mapping[str, str]) -> F32 | None:
        """(traits,) lifts; None where nothing is known of such a moment, or of the moment."""
        lifts = self.by_country.get(country, self.by_country.get(EVERYBODY))
        name = moment.get(self.context)
        if lifts is None or name not in self.moments:
            return None
        return lifts[self.moments.index(name)]


def context_moments(at_s: float, device: str | None = None) -> dict[str, str]:
    """The name of an instant in each context, hours and weekdays in UTC.

    >>> context_moments(0.0, "tv")
    {'hour': '0', 'weekday': '4', 'device': 'tv'}
    """
    at = datetime.fromtimestamp(at_s, UTC)
    moments = {HOUR: str(at.hour), WEEKDAY: str(at.isoweekday())}
    return moments if device is None else {**moments, DEVICE: device}


def context_lifts(
    counts: pa.Table, traits: Mapping[str, tuple[str, ...]], settings: Context
) -> tuple[ContextLift, ...]:
    """Lifts of every facet in every context.

    `counts` are records of `contexts`; `traits` are those that the catalogue has, by facet.
    """
    of_devices = counts.filter(pc.equal(counts["context"], DEVICE))
    devices = tuple(sorted(pc.unique(of_devices["moment"]).to_pylist()))
    moments_by_context = {**MOMENTS, DEVICE: devices}
    lifts = []
    for facet, names in traits.items():
        for context, moments in moments_by_context.items():
            is_facet = pc.equal(counts["facet"], facet)
            is_context = pc.equal(counts["context"], context)
            selection = counts.filter(pc.and_(is_facet, is_context))
            starts = _starts_by_country(selection, moments, names)
            lifts.append(context_lift(facet, context, moments, starts, settings))
    return tuple(lifts)


def _starts_by_country(
    counts: pa.Table, moments: tuple[str, ...], traits: tuple[str, ...]
) -> dict[str, Starts]:
    """The starts of records of one facet and context; those of unknown moments or traits are left
    out.
    """
    moment = _index_in(counts["moment"], moments)
    trait = _index_in(counts["trait"], traits)
    observed = counts["starts_count"].to_numpy()
    expected = counts["expected_count"].to_numpy()
    countries = np.array(counts["country"].to_pylist(), object)
    by_country = {}
    for country in sorted(set(countries)):
        selected = (countries == country) & (moment >= 0) & (trait >= 0)
        cells = moment[selected], trait[selected]
        starts = Starts(*(np.zeros((len(moments), len(traits))) for _ in range(2)))
        np.add.at(starts.observed, cells, observed[selected])
        np.add.at(starts.expected, cells, expected[selected])
        by_country[country] = starts
    return by_country


def _index_in(column: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.int32]:
    """The index of each value among some names, -1 where it is none of them."""
    index: NDArray[np.int32] = (
        pc.index_in(column, pa.array(names, pa.string())).fill_null(-1).to_numpy()
    )
    return index


def context_lift(
    facet: str,
    context: str,
    moments: tuple[str, ...],
    starts: Mapping[str, Starts],
    settings: Context,
) -> ContextLift:
    """Lifts of one facet in one context from starts by country, a start counting once for each
    trait of its title.

    With n[c, t] the starts at moment c and E[c, t] those expected (of hours those around it too,
    with weights that fall evenly to `width_hours`): lift = log((n + k) / (E + k)), the mean of a
    gamma-Poisson model whose k is the likeliest one, at least `prior_starts` (DuMouchel, Bayesian
    data mining in large frequency tables, 1999). So a few starts hardly move a lift, and a context
    that makes no difference anywhere gets lifts near 0. Hours are those of a country; weekdays and
    devices are learned of all countries at once.
    """
    if not starts:
        return ContextLift(facet, context, moments, {})
    everybody = Starts(
        np.sum([each.observed for each in starts.values()], axis=0),
        np.sum([each.expected for each in starts.values()], axis=0),
    )
    by_country: dict[str, Starts] = {}
    width = 0
    if context == HOUR:
        # without a country nobody knows which hour it was
        by_country = {country: each for country, each in starts.items() if country}
        width = settings.width_hours
    prior = _likeliest_prior([*by_country.values()] or [everybody], settings.prior_starts)
    by_country[EVERYBODY] = everybody
    lifts = {country: _log_lift(each, width, prior) for country, each in by_country.items()}
    return ContextLift(facet, context, moments, lifts)


def _likeliest_prior(tables: list[Starts], least: float) -> float:
    """The k of a negative binomial with means E and shape k, under which all counts are likeliest."""
    observed = np.stack([table.observed for table in tables])
    expected = np.stack([table.expected for table in tables])
    is_expected = expected > 0
    observed, expected = np.round(observed[is_expected]), expected[is_expected]
    counts, count_of = np.unique(observed, return_inverse=True)

    def negative_log_likelihood(log_k: float) -> float:
        """Without what k does not change."""
        k = math.exp(log_k)
        gammas = np.array([math.lgamma(count + k) for count in counts.tolist()])
        of_each = (
            gammas[count_of]
            - math.lgamma(k)
            - k * np.log1p(expected / k)
            - observed * np.log(k + expected)
        )
        return -float(of_each.sum())

    return math.exp(_minimum(negative_log_likelihood, math.log(least), math.log(MOST_PRIOR)))


def _minimum(loss: Callable[[float], float], low: float, high: float) -> float:
    """Where a loss with one minimum is least, by golden sections, to 1e-6 of the argument.

    A page is read with it, and scipy.optimize takes half a second to import.
    """
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = loss(left), loss(right)
    while high - low > 1e-6:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = loss(right)
    return (low + high) / 2


def _log_lift(starts: Starts, width: int, prior: float) -> F32:
    observed = _around(starts.observed, width) + prior
    expected = _around(starts.expected, width) + prior
    lift: F32 = np.log(observed / expected).astype(np.float32)
    return lift


def _around(starts: F64, width: int) -> F64:
    """Sums over the clock's neighbouring hours, with weights 1, 1 - 1/(width + 1), ... to either
    side.
    """
    shifted = [
        (1 - abs(step) / (width + 1)) * np.roll(starts, step, axis=0)
        for step in range(-width, width + 1)
    ]
    return np.sum(shifted, axis=0)
