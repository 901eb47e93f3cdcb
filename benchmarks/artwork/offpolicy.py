"""Whether off-policy intervals hold the truth as often as they say, in the world, whose truth is known.

Members are drawn with replacement from a town, each with the first cells of its page; a logging policy chooses pictures
and a coin falls by the world's own appeal. What another policy would earn is known exactly, and is asked of the log.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.artwork.learners import Learner
from benchmarks.artwork.population import Day, Town
from conf.artwork import Artwork
from experiments.offpolicy import LoggedChoices, TargetPolicy, estimates, overlap
from models.artwork.choice import Places
from models.artwork.pictures import INTS
from simulator.parameters import shelf

F64 = NDArray[np.float64]
CELLS = 24  # of each page, from the top left
MEMBERS = 800  # in a log
ESTIMATORS = ("replay", "ips", "snips", "dm", "dr", "switch_dr")


@dataclass(frozen=True)
class Bets:
    """Cells (m * CELLS) with every picture of their pools (K), sorted by member."""

    members: int
    worth: F64  # (cells, K) true probability of a quality play
    predicted: F64  # (cells, K) what a model of rewards says
    chances: dict[str, F64]  # (cells, K) of each policy


def coverage(
    town: Town,
    day: Day,
    where: Places,
    arm: Learner,
    replications: int,
    settings: Artwork,
    seed: int = 0,
) -> dict[str, dict[str, object]]:
    """By question (LOGGED_JUDGED) the share of 95 % intervals that hold the truth and the mean error over it, by
    estimator, with the mean effective sample.
    """
    bets, told = _bets(town, day, where, arm), {}
    for logged, judged in (("uniform", "greedy"), ("thompson", "greedy"), ("thompson", "uniform")):
        told[f"{logged}_{judged}"] = _asked(
            bets, logged, judged, replications, settings.offpolicy.switch_at, seed
        )
    return told


def _asked(
    bets: Bets, logged: str, judged: str, replications: int, switch_at: float, seed: int
) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    truth = float((bets.chances[judged] * bets.worth).sum(axis=1).mean())
    held, errors, sizes = dict.fromkeys(ESTIMATORS, 0), dict.fromkeys(ESTIMATORS, 0.0), 0.0
    for _ in range(replications):
        log, policy = _drawn(bets, logged, judged, rng)
        sizes += overlap(log, policy).effective_sample
        for name, rate in estimates(log, policy, switch_at).items():
            held[name] += rate.low <= truth <= rate.high
            errors[name] += rate.value / truth - 1
    asked = [
        name for name in ESTIMATORS if name != "replay" or logged == "uniform"
    ]  # replay needs equal chances
    return {
        "truth": truth,
        "effective_sample": sizes / replications,
        "coverage": {name: held[name] / replications for name in asked},
        "bias": {name: errors[name] / replications for name in asked},
    }


def _drawn(
    bets: Bets, logged: str, judged: str, rng: np.random.Generator
) -> tuple[LoggedChoices, TargetPolicy]:
    """One log of MEMBERS members, and the policy that is judged by it."""
    rows = (rng.integers(bets.members, size=MEMBERS)[:, None] * CELLS + np.arange(CELLS)).ravel()
    chances, wanted = bets.chances[logged][rows], bets.chances[judged][rows]
    chosen = (np.cumsum(chances, axis=1) < rng.random(len(rows))[:, None]).sum(axis=1)
    chosen = np.minimum(chosen, chances.shape[1] - 1)
    at = np.arange(len(rows))
    reward = (rng.random(len(rows)) < bets.worth[rows, chosen]).astype(np.float64)
    log = LoggedChoices(reward, chances[at, chosen], np.repeat(np.arange(MEMBERS), CELLS))
    predicted = bets.predicted[rows]
    return log, TargetPolicy(
        wanted[at, chosen], predicted[at, chosen], (wanted * predicted).sum(axis=1)
    )


def _bets(town: Town, day: Day, where: Places, arm: Learner) -> Bets:
    first = np.searchsorted(where.profile, np.arange(town.size))
    full = np.flatnonzero(np.bincount(where.profile, minlength=town.size) >= CELLS)
    cells = (first[full][:, None] + np.arange(CELLS)).ravel()
    profile, title = where.profile[cells], where.title[cells]
    some = Places(np.repeat(np.arange(len(full)), CELLS), title, where.on_screen[cells])
    thompson, greedy = arm.likelihoods(day, some, full)
    there = thompson > 0
    uniform = there / there.sum(axis=1, keepdims=True)
    wanted = _worth(town, day, profile, title)[:, None] + _evoked_truly(town, profile, title)
    true, told = (
        expit(wanted) * _quality(town, profile, title)[:, None],
        np.exp(arm.evoked(day, some, full)),
    )
    model = (uniform * true).sum(axis=1).mean() * told / (uniform * told).sum(axis=1).mean()
    return Bets(
        len(full),
        true * there,
        model * there,
        {"uniform": uniform, "thompson": thompson, "greedy": greedy},
    )


def _worth(town: Town, day: Day, profile: INTS, title: INTS) -> F64:
    """LoggedChoices-odds of a play without a picture, by attraction, quality and taste."""
    goods = shelf(town.truth.titles, town.settings, day.number, 1)
    return np.asarray(
        goods.pull[0, title] + town.settings.appeal.taste * _affinity(town, profile, title),
        np.float64,
    )


def _quality(town: Town, profile: INTS, title: INTS) -> F64:
    """The probability that a play is watched to its end, without the noise of the day."""
    watching, stars = (
        town.settings.watching,
        town.truth.titles.quality[title] - town.members.strictness[profile],
    )
    promised = watching.overall + stars + watching.spread * _affinity(town, profile, title)
    return np.asarray(expit(watching.slope * (promised - watching.finish_at)), np.float64)


def _affinity(town: Town, profile: INTS, title: INTS) -> F64:
    titles, known = town.truth.titles, town.members
    mix = titles.genres / np.sqrt(np.maximum(titles.genres.sum(axis=1, keepdims=True), 1))
    taste = np.einsum("nk,nk->n", known.taste[profile], titles.factors[title])
    return np.asarray(
        taste + np.einsum("ng,ng->n", known.genre_likes[profile], mix[title]), np.float64
    )


def _evoked_truly(town: Town, profile: INTS, title: INTS) -> F64:
    """(cells, K) what each picture of each pool adds to the log-odds; 0 beyond the pool."""
    offsets, titles = town.pictures.offsets, town.truth.titles
    widest = int(np.diff(offsets).max())
    at = np.minimum(offsets[title][:, None] + np.arange(widest), town.pictures.size - 1)
    likes = np.take_along_axis(town.members.theme_likes[profile], titles.picture_theme[at], axis=1)
    inside = np.arange(widest) < np.diff(offsets)[title][:, None]
    return np.asarray(
        town.settings.appeal.picture * likes * titles.picture_represents[at] * inside, np.float64
    )
