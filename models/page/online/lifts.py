"""What is begun more at a moment than at others: by country, hour of the day, weekday and device (N-309)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import gammaln

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
Counts = Mapping[
    str, tuple[F64, F64]
]  # by country: titles begun and expected, each (moments, traits)


@dataclass(frozen=True)
class Lift:
    """Log lifts of the traits of one facet at the moments of one context, by country; 0 says: as much as ever.

    EVERYBODY stands for countries without starts of their own.
    """

    facet: str  # genre or kind
    context: str  # HOUR, WEEKDAY or DEVICE
    moments: tuple[str, ...]
    by_country: dict[str, F32]  # each (moments, traits)

    def at(self, country: str, moment: Mapping[str, str]) -> F32 | None:
        """(traits,) lifts; None where nothing was learned of such a moment, or the moment is not told."""
        found = self.by_country.get(country, self.by_country.get(EVERYBODY))
        name = moment.get(self.context)
        return (
            None if found is None or name not in self.moments else found[self.moments.index(name)]
        )


def moment_at(at_s: float, device: str | None = None) -> dict[str, str]:
    """What an instant is called in each context, hours and weekdays in UTC.

    >>> moment_at(0.0, "tv")
    {'hour': '0', 'weekday': '4', 'device': 'tv'}
    """
    at = datetime.fromtimestamp(at_s, UTC)
    told = {HOUR: str(at.hour), WEEKDAY: str(at.isoweekday())}
    return told if device is None else told | {DEVICE: device}


def lifts(
    counts: pa.Table, traits: Mapping[str, tuple[str, ...]], settings: Context
) -> tuple[Lift, ...]:
    """Lifts of every facet in every context, from records of `contexts` and the traits that the catalogue has."""
    devices = tuple(
        sorted(pc.unique(counts.filter(pc.equal(counts["context"], DEVICE))["moment"]).to_pylist())
    )
    found = []
    for facet, names in traits.items():
        for context, moments in {**MOMENTS, DEVICE: devices}.items():
            mine = counts.filter(
                pc.and_(pc.equal(counts["facet"], facet), pc.equal(counts["context"], context))
            )
            found.append(lift(facet, context, moments, _by_country(mine, moments, names), settings))
    return tuple(found)


def _by_country(counts: pa.Table, moments: tuple[str, ...], traits: tuple[str, ...]) -> Counts:
    moment, trait = (
        pc.index_in(counts[column], pa.array(known, pa.string())).fill_null(-1).to_numpy()
        for column, known in (("moment", moments), ("trait", traits))
    )
    country, out = np.array(counts["country"].to_pylist(), object), {}
    for place in sorted(set(country)):
        mine = (country == place) & (moment >= 0) & (trait >= 0)
        out[place] = np.zeros((len(moments), len(traits))), np.zeros((len(moments), len(traits)))
        for table, name in zip(out[place], ("starts_count", "expected_count"), strict=True):
            np.add.at(table, (moment[mine], trait[mine]), counts[name].to_numpy()[mine])
    return out


def lift(
    facet: str, context: str, moments: tuple[str, ...], counts: Counts, settings: Context
) -> Lift:
    """Lifts from how many titles were begun, a start counting once for each trait of its title.

    With n[c, t] the starts at moment c and E[c, t] those expected (of hours those around it too, weighted evenly less
    to `width_hours`): lift = log((n + k) / (E + k)), the mean of a gamma-Poisson model whose k is the likeliest one, at
    least `prior_starts` (DuMouchel, Bayesian data mining in large frequency tables, 1999). So few starts say nothing,
    and a context that makes no difference anywhere says nothing either. Hours are those of a country; weekdays and
    devices are learned of all countries at once.
    """
    if not counts:
        return Lift(facet, context, moments, {})
    starts, expected = zip(*counts.values(), strict=True)
    everybody = np.sum(starts, axis=0), np.sum(expected, axis=0)
    # which hour it was in an unknown country nobody knows
    each = {name: of for name, of in counts.items() if name} if context == HOUR else {}
    prior = _likeliest([*each.values()] or [everybody], settings.prior_starts)
    width = settings.width_hours if context == HOUR else 0
    each[EVERYBODY] = everybody
    return Lift(
        facet, context, moments, {name: _lift(n, e, width, prior) for name, (n, e) in each.items()}
    )


def _likeliest(tables: list[tuple[F64, F64]], least: float) -> float:
    """The k of a negative binomial with means E and shape k, under which all counts are likeliest."""
    starts, expected = (np.stack(of) for of in zip(*tables, strict=True))
    starts, expected = np.round(starts[expected > 0]), expected[expected > 0]

    def unlikely(log_k: float) -> float:
        k = np.exp(log_k)
        of_each = (
            gammaln(starts + k)
            - gammaln(k)
            - k * np.log1p(expected / k)
            - starts * np.log(k + expected)
        )
        return -float(
            of_each.sum()
        )  # but for what k does not change; scipy.stats would take a second to import

    found = minimize_scalar(unlikely, bounds=(np.log(least), np.log(MOST_PRIOR)), method="bounded")
    return float(np.exp(found.x))


def _lift(starts: F64, expected: F64, width: int, prior: float) -> F32:
    lift: F32 = np.log(
        (_around(starts, width) + prior) / (_around(expected, width) + prior)
    ).astype(np.float32)
    return lift


def _around(starts: F64, width: int) -> F64:
    """Sums over the clock's neighbouring hours, with weights 1, 1 - 1/(width + 1), ... to either side."""
    steps = range(-width, width + 1)
    return np.sum(
        [(1 - abs(step) / (width + 1)) * np.roll(starts, step, axis=0) for step in steps], axis=0
    )
