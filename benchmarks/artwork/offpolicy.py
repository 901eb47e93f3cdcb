"""Off-policy evaluation from end to end: what landed logs say of a policy, and what its lives earn.

A day is published, lived and landed several times with the pictures of each policy, each time with
other luck and other chance, by the same members in the same sessions. A log is some accounts drawn
with replacement, each with any of its landed lives; from its propensities the take of another
policy is estimated, and held against what that policy earned in its own landed lives. A reward
model learned from the days before predicts; it never sees more than a log.
"""

# Tested by tests/benchmarks/artwork/test_offpolicy.py.

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.artwork.landed import LandedViews, landed_views
from benchmarks.artwork.learners import Learner, uniform_choices
from benchmarks.artwork.population import PopulationDay, page_slots
from benchmarks.artwork.reward_model import RewardModel, reward_model
from conf.errors import Rejected
from experiments.metrics.rates import Rate, rate
from experiments.offpolicy import (
    LoggedChoices,
    TargetPolicy,
    estimator_terms,
    require_mean_weight,
)
from models.artwork.choice import ArtworkChoices
from models.artwork.pools import INTS

F64 = NDArray[np.float64]
QUESTIONS = (("uniform", "greedy"), ("published", "greedy"), ("published", "uniform"))
FAULTS = ("none", "shifted", "ones")  # what is done to the landed propensities
LIVES = 10  # of a day with the pictures of each policy
ACCOUNTS_PER_LOG = 0.5  # of those that lived
WEIGHT = "weight"  # the mean importance weight, beside the estimates
LEAST_COVERAGE = 0.9  # under which coverage is lost
MOST_REFUSED, LEAST_REFUSED = 0.05, 0.95  # of honest logs, and of logs with a fault

Say = Callable[[str], None]


@dataclass(frozen=True)
class AccountTerms:
    """Sums of each account and life, above and below the line of an estimate."""

    above: F64  # (accounts, lives)
    below: F64  # (accounts, lives)

    @property
    def ratio(self) -> float:
        """The estimate by all of them."""
        return float(self.above.sum() / self.below.sum())

    def sample(self, account: INTS, life: INTS) -> Rate:
        """The estimate and interval of a log; each draw is a cluster of its own."""
        cluster = np.arange(len(account))
        return rate(self.above[account, life], self.below[account, life], cluster)


class LogFigures(NamedTuple):
    """What came of many logs with the same propensities."""

    coverage: dict[str, float]  # share of 95 % intervals that hold the truth, by estimator
    bias: dict[str, float]  # mean error over the truth, by estimator
    mean_weight: float  # of all views
    refused: float  # share of logs whose mean weight is not 1

    def fails(self, refused_from: float) -> bool:
        """Whether so many logs are refused, or intervals do not hold the truth."""
        return self.refused >= refused_from or self.coverage["dr"] < LEAST_COVERAGE


@dataclass(frozen=True)
class Question:
    """What logs of one policy say of another one's take, by what was done to their propensities."""

    truth: float  # quality plays per view in the target's own lives
    by_fault: dict[str, LogFigures]

    @property
    def coverage(self) -> dict[str, float]:
        """Coverage with the propensities as they landed."""
        return self.by_fault["none"].coverage

    @property
    def bias(self) -> dict[str, float]:
        """Bias with the propensities as they landed."""
        return self.by_fault["none"].bias

    def told(self) -> dict[str, object]:
        """The figures as benches write them."""
        by_fault = {fault: figures._asdict() for fault, figures in self.by_fault.items()}
        return {"truth": self.truth, **by_fault.pop("none"), **by_fault}


def interval_coverage(
    learner: Learner,
    day: PopulationDay,
    replications: int,
    switch_at: float,
    say: Say,
    lives: int = LIVES,
) -> dict[str, Question]:
    """Figures by question (LOGGING_TARGET), from `replications` logs each.

    `switch_at` is the importance weight from which switch_dr uses the model.
    """
    model, account = reward_model(learner, day), learner.population.account
    greedy = _choices(learner, day, "greedy", 0)
    views: dict[str, list[LandedViews]] = {}
    for policy in ("uniform", "published", "greedy"):
        say(f"{lives} lives of a day with {policy} pictures, published and landed")
        views[policy] = []
        for life in range(lives):
            choices = greedy if policy == "greedy" else _choices(learner, day, policy, life)
            views[policy].append(landed_views(learner.population, day, choices, life))
    questions = {}
    for logging, target in QUESTIONS:
        say(f"{replications} logs of {logging} pictures, asked for the take of {target}")
        truth = _own_take(views[target])
        figures = {}
        for fault in FAULTS:
            terms = [
                _terms(model, of_life, greedy.artwork, target, fault, switch_at)
                for of_life in views[logging]
            ]
            sums = _by_account(views[logging], terms, account)
            if logging != "uniform":
                del sums["replay"]  # it needs equal probabilities
            figures[fault] = _log_figures(sums, truth, replications)
        questions[f"{logging}_{target}"] = Question(truth, figures)
    return questions


def detects_shifted_propensities(questions: Mapping[str, Question]) -> bool:
    """Whether evaluation holds with the landed propensities of every question, and fails with
    those of the view before and with 1.
    """
    return all(
        not question.by_fault["none"].fails(MOST_REFUSED)
        and all(question.by_fault[fault].fails(LEAST_REFUSED) for fault in FAULTS[1:])
        for question in questions.values()
    )


def _choices(learner: Learner, day: PopulationDay, policy: str, life: int) -> ArtworkChoices:
    """What a policy publishes on the day; each life has draws of its own."""
    slots = page_slots(day)
    if policy == "uniform":
        return uniform_choices(learner.population, slots, life)
    if policy == "greedy":
        return learner.without("chance").choose(day, slots)
    return learner.choose(day, slots, redraws=life)


def _own_take(views: list[LandedViews]) -> float:
    """Quality plays per view that a policy earned in its own lives."""
    rewards = sum(float(of_life.reward.sum()) for of_life in views)
    return rewards / sum(len(of_life.reward) for of_life in views)


def _terms(
    model: RewardModel,
    views: LandedViews,
    greedy: INTS,
    target: str,
    fault: str,
    switch_at: float,
) -> dict[str, tuple[F64, F64]]:
    """What each landed view adds to every estimate of the target's take."""
    propensity = views.propensity
    if fault == "shifted":
        propensity = np.roll(propensity, 1)
    if fault == "ones":
        propensity = np.ones(len(propensity))
    log = LoggedChoices(views.reward, propensity, views.profile)
    predicted = model.predicted(views.cell, views.artwork)
    if target == "uniform":
        probability = 1 / model.pool_sizes[views.cell]
        predicted_own = model.mean_predicted(views.cell)
    else:
        probability = (views.artwork == greedy[views.cell]).astype(np.float64)
        predicted_own = model.predicted(views.cell, greedy[views.cell])
    policy = TargetPolicy(probability, predicted, predicted_own)
    weight = (probability / propensity, np.ones(len(propensity)))
    return estimator_terms(log, policy, switch_at) | {WEIGHT: weight}


def _by_account(
    views: list[LandedViews], terms: list[dict[str, tuple[F64, F64]]], account: INTS
) -> dict[str, AccountTerms]:
    """The terms of all lives, summed by account."""
    size = int(account.max()) + 1
    sums = {}
    for name in terms[0]:
        columns: list[F64] = []
        for side in (0, 1):
            by_life = [
                np.bincount(account[of_life.profile], of_terms[name][side], size)
                for of_life, of_terms in zip(views, terms, strict=True)
            ]
            columns.append(np.stack(by_life, axis=1))
        sums[name] = AccountTerms(*columns)
    return sums


def _log_figures(terms: dict[str, AccountTerms], truth: float, replications: int) -> LogFigures:
    """Coverage, bias and refusals over `replications` logs."""
    accounts, lives = terms[WEIGHT].above.shape
    rng = np.random.default_rng(0)
    names = [name for name in terms if name != WEIGHT]
    hits, refused = dict.fromkeys(names, 0), 0
    for _ in range(replications):
        account = rng.integers(accounts, size=int(ACCOUNTS_PER_LOG * accounts))
        life = rng.integers(lives, size=len(account))
        for name in names:
            estimate = terms[name].sample(account, life)
            hits[name] += estimate.low <= truth <= estimate.high
        refused += _is_refused(terms[WEIGHT].sample(account, life))
    return LogFigures(
        coverage={name: hits[name] / replications for name in names},
        bias={name: terms[name].ratio / truth - 1 for name in names},
        mean_weight=terms[WEIGHT].ratio,
        refused=refused / replications,
    )


def _is_refused(mean_weight: Rate) -> bool:
    try:
        require_mean_weight(mean_weight)
    except Rejected:
        return True
    return False
