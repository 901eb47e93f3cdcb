"""What a target policy would have earned, estimated from another policy's log with probabilities.

A log is n choices: the reward of each, the probability with which it was made (its propensity), and
the profile it was made for. The target policy is described by the probability with which it would
have made each logged choice; for the estimators that need a model of rewards also by the reward
that the model predicts for the logged choice, and for the target policy's own choice in its place
(the mean over its probabilities). All arrays are (n,).

With w = probability / propensity, r the reward, q its prediction for the logged choice, v for the
policy's own:

    replay     mean of r over the rows whose choice the policy makes for certain
               (Li et al., WSDM 2011)
    ips        mean of w r                       (Horvitz and Thompson, JASA 1952)
    snips      sum of w r / sum of w             (Swaminathan and Joachims, NIPS 2015)
    dm         mean of v
    dr         mean of v + w (r - q)             (Dudik, Langford and Li, ICML 2011)
    switch_dr  mean of v + w [w <= t] (r - q)    (Wang, Agarwal and Dudik, ICML 2017)

Replay needs a log of choices that were equally likely; the others do not. dm is as wrong as its
model, and its interval says nothing of that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from experiments.metrics.rates import Rate, rate

F64 = NDArray[np.float64]
WEIGHT_WIDTH = 2.0  # times the 95 % interval of the mean weight, outside of which a log is refused


@dataclass(frozen=True)
class LoggedChoices:
    """Choices as the logging policy made them; all arrays (n,)."""

    reward: F64
    propensity: F64  # in (0, 1]; nan where it was not logged
    profile: NDArray[Any]  # text or number: rows of one profile are alike


@dataclass(frozen=True)
class TargetPolicy:
    """A policy that is evaluated by a log; all arrays (n,), predictions may be missing."""

    probability: F64  # of the logged choice, 0..1
    predicted_logged: F64 | None = None  # reward of the logged choice
    predicted_own: F64 | None = None  # reward of the policy's own choice


class Overlap(NamedTuple):
    """How much of a log says something of a target policy. Effective counts are Kish's."""

    rows: int
    profiles: int
    effective_sample: float  # rows that would say as much if their weights were equal
    effective_profiles: float  # the same of the profiles' sums of weights
    matched_share: float  # rows whose choice the policy could have made
    mean_weight: Rate  # 1 where every choice of the policy could have been logged
    largest_weight: float
    least_propensity: float


@dataclass(frozen=True)
class Evaluation:
    """The estimates by name, each with its 95 % interval, and what they rest on."""

    estimates: Mapping[str, Rate]
    overlap: Overlap


def evaluation(
    log: LoggedChoices, policy: TargetPolicy, least_effective: float, switch_at: float
) -> Evaluation:
    """Every estimate that the log and the predictions allow; refused where they would mean nothing.

    Raises:
        Rejected: a row without a propensity, fewer effective rows than `least_effective`, or
            propensities that are not those of the choices. Each way an estimate would come out all
            the same, and be worthless.
    """
    require_propensities(log)
    support = overlap(log, policy)
    if support.effective_sample < least_effective:
        raise Rejected(
            f"off-policy evaluation: {support.rows} logged choices tell as much of this policy as"
            f" {support.effective_sample:.1f} of its own would; {least_effective:g} are needed."
            " Evaluate a policy that is nearer to the logging one, or log more exploration"
        )
    require_mean_weight(support.mean_weight)
    return Evaluation(estimates(log, policy, switch_at), support)


def require_mean_weight(mean_weight: Rate) -> None:
    """Refuse weights whose mean is not 1, as it is with the probabilities of the choices.

    The mean of probability / propensity over choices drawn by their propensities is the sum of the
    target's probabilities, 1, where the log may hold all that the target would choose. An honest
    log fails this once in 10,000 times, if weights are near to normal.

    Raises:
        Rejected: 1 is outside of the interval at WEIGHT_WIDTH times its width.
    """
    half_width = WEIGHT_WIDTH * (mean_weight.high - mean_weight.low) / 2
    if abs(mean_weight.value - 1) > half_width:
        raise Rejected(
            f"off-policy evaluation: importance weights have the mean {mean_weight.value:.3f}, not"
            " 1; the logged propensities are not those of the choices, or the policy chooses what"
            " the log cannot hold"
        )


def require_propensities(log: LoggedChoices) -> None:
    """Refuse a log that does not say how likely each choice was.

    Raises:
        Rejected: no choices, a propensity that is missing, or one outside (0, 1].
    """
    count = len(log.propensity)
    missing = int(np.sum(np.isnan(log.propensity)))
    if missing:
        raise Rejected(
            f"off-policy evaluation: {missing} of {count} logged choices have no propensity;"
            " choices that were not drawn at random, or whose probability was not logged, say"
            " nothing of another policy"
        )
    if not count:
        raise Rejected("off-policy evaluation: the log has no choices")
    outside = log.propensity[(log.propensity <= 0) | (log.propensity > 1)]
    if len(outside):
        raise Rejected(
            f"off-policy evaluation: a propensity of {outside[0]:g} is no probability above 0"
        )


def estimates(log: LoggedChoices, policy: TargetPolicy, switch_at: float) -> dict[str, Rate]:
    """The estimates by name, however little they rest on.

    Without predictions those that need them are left out. Each is a ratio of sums, so each has the
    interval of `experiments.metrics.rates.rate`, clustered by profile.
    """
    terms = estimator_terms(log, policy, switch_at)
    return {name: rate(above, below, log.profile) for name, (above, below) in terms.items()}


def estimator_terms(
    log: LoggedChoices, policy: TargetPolicy, switch_at: float
) -> dict[str, tuple[F64, F64]]:
    """What each row adds (n,) above and below the line of each estimate, a ratio of sums."""
    weight = policy.probability / log.propensity
    one = np.ones(len(log.reward))
    certain = (policy.probability == 1).astype(np.float64)
    sums = {
        "replay": (certain * log.reward, certain),
        "ips": (weight * log.reward, one),
        "snips": (weight * log.reward, weight),
    }
    if policy.predicted_own is not None:
        sums["dm"] = (policy.predicted_own, one)
    if policy.predicted_own is not None and policy.predicted_logged is not None:
        correction = weight * (log.reward - policy.predicted_logged)
        switched = correction * (weight <= switch_at)
        sums["dr"] = (policy.predicted_own + correction, one)
        sums["switch_dr"] = (policy.predicted_own + switched, one)
    return sums


def overlap(log: LoggedChoices, policy: TargetPolicy) -> Overlap:
    """How much of a log says something of the policy; every choice has to have its propensity."""
    weight = policy.probability / log.propensity
    _, profile_index = np.unique(log.profile, return_inverse=True)
    profile_weight = np.bincount(profile_index, weight)
    return Overlap(
        rows=len(weight),
        profiles=len(profile_weight),
        effective_sample=effective(weight),
        effective_profiles=effective(profile_weight.astype(np.float64)),
        matched_share=float(np.mean(policy.probability > 0)),
        mean_weight=rate(weight, np.ones(len(weight)), log.profile),
        largest_weight=float(weight.max()),
        least_propensity=float(log.propensity.min()),
    )


def effective(weight: F64) -> float:
    """(sum of w)^2 / sum of w^2 (Kish, Survey Sampling, 1965); 0 where all weights are 0.

    >>> effective(np.array([1.0, 1.0, 0.0, 0.0]))
    2.0
    """
    squares = float(np.sum(weight**2))
    return float(np.sum(weight)) ** 2 / squares if squares else 0.0
