"""What a policy would have earned, told from the log of another policy that kept the probabilities of its choices.

A log is n choices: the reward of each, the probability with which it was made, and the member it was made for. A policy
that is judged by it is known by the probability with which it would have made each logged choice; for the estimators
that need a model of rewards also by the reward that the model predicts for the logged choice, and for the policy's own
choice in the same place (the mean over the policy's probabilities). All arrays are (n,).

With w = probability / propensity, r the reward, q its prediction for the logged choice, v for the policy's own:

    replay     sum of r over rows whose choice the policy makes for certain / their number   (Li et al., WSDM 2011)
    ips        mean of w r                                             (Horvitz and Thompson, JASA 1952)
    snips      sum of w r / sum of w                                   (Swaminathan and Joachims, NIPS 2015)
    dm         mean of v
    dr         mean of v + w (r - q)                                   (Dudik, Langford and Li, ICML 2011)
    switch_dr  mean of v + w [w <= t] (r - q)                          (Wang, Agarwal and Dudik, ICML 2017)

Replay needs a log of choices that were equally likely; the others do not. dm is as wrong as its model, and its interval
says nothing of that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.errors import Rejected
from experiments.metrics.rates import Rate, rate

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Log:
    """Choices as they were made."""

    reward: F64
    propensity: F64  # in (0, 1]; nan where it was not kept
    member: NDArray[Any]  # text or number: rows of one member are alike


@dataclass(frozen=True)
class Policy:
    """A policy in the places of a log; predictions may be missing."""

    probability: F64  # of the logged choice, 0..1
    predicted_logged: F64 | None = None
    predicted_own: F64 | None = None


class Overlap(NamedTuple):
    """How much of a log speaks for a policy."""

    rows: int
    members: int
    effective_sample: (
        float  # (sum of w)^2 / sum of w^2, Kish: rows that evenly weighted would tell as much
    )
    effective_members: float  # the same of the members' sums of w
    matched_share: float  # rows whose choice the policy could have made
    mean_weight: Rate  # 1 where every choice of the policy could have been logged
    largest_weight: float
    least_propensity: float


@dataclass(frozen=True)
class Evaluation:
    """The estimates by name, each with its 95 % interval, and what they rest on."""

    estimates: Mapping[str, Rate]
    overlap: Overlap


def evaluation(log: Log, policy: Policy, least_effective: float, switch_at: float) -> Evaluation:
    """Every estimate that the log and the predictions allow; refused where they would mean nothing.

    Rejected: a row without a propensity, or fewer effective rows than `least_effective`. Both ways an estimate would
    come out all the same, and be worthless.
    """
    require_propensities(log)
    found = overlap(log, policy)
    if found.effective_sample < least_effective:
        raise Rejected(
            f"off-policy evaluation: {found.rows} logged choices tell as much of this policy as"
            f" {found.effective_sample:.1f} of its own would; {least_effective:g} are needed. Judge a policy that is"
            " nearer to the logging one, or log more exploration"
        )
    return Evaluation(estimates(log, policy, switch_at), found)


def require_propensities(log: Log) -> None:
    """Refuse a log that does not say how likely each choice was."""
    missing = int(np.sum(np.isnan(log.propensity)))
    if missing:
        raise Rejected(
            f"off-policy evaluation: {missing} of {len(log.propensity)} logged choices have no propensity; choices that"
            " were not drawn, or whose probability was not kept, say nothing of another policy"
        )
    if not len(log.propensity):
        raise Rejected("off-policy evaluation: the log has no choices")
    if np.any(log.propensity <= 0) or np.any(log.propensity > 1):
        worst = float(log.propensity[(log.propensity <= 0) | (log.propensity > 1)][0])
        raise Rejected(
            f"off-policy evaluation: a propensity of {worst:g} is no probability above 0"
        )


def estimates(log: Log, policy: Policy, switch_at: float) -> dict[str, Rate]:
    """The estimates by name, however little they rest on; those without predictions where there are none.

    Each is a ratio of sums, so each has the interval of `experiments.metrics.rates.rate`, clustered by member.
    """
    weight, one = policy.probability / log.propensity, np.ones(len(log.reward))
    certain = (policy.probability == 1).astype(np.float64)
    terms = {
        "replay": (certain * log.reward, certain),
        "ips": (weight * log.reward, one),
        "snips": (weight * log.reward, weight),
    }
    if policy.predicted_own is not None:
        terms["dm"] = (policy.predicted_own, one)
    if policy.predicted_own is not None and policy.predicted_logged is not None:
        correction = weight * (log.reward - policy.predicted_logged)
        terms["dr"] = (policy.predicted_own + correction, one)
        terms["switch_dr"] = (policy.predicted_own + correction * (weight <= switch_at), one)
    return {name: rate(above, below, log.member) for name, (above, below) in terms.items()}


def overlap(log: Log, policy: Policy) -> Overlap:
    """The diagnostics of a log whose propensities are all there."""
    weight = policy.probability / log.propensity
    _, place = np.unique(log.member, return_inverse=True)
    by_member = np.bincount(place, weight)
    return Overlap(
        rows=len(weight),
        members=len(by_member),
        effective_sample=effective(weight),
        effective_members=effective(by_member.astype(np.float64)),
        matched_share=float(np.mean(policy.probability > 0)),
        mean_weight=rate(weight, np.ones(len(weight)), log.member),
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
