"""From what was shown to a policy: the baseline first, then what pictures evoke, then how much may be explored."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from conf.artwork import Artwork
from models.artwork.impressions import Shown, baseline, thinned
from models.artwork.pictures import Pictures
from models.artwork.policy import F64, Forest, Policy, Weights, levels
from models.artwork.profile_features import F32, Frame, associations
from models.artwork.thompson import Rows, picture_effects, posterior, sampled
from models.artwork.trees import forest

COST_MEMBERS = 200  # on whom the cost of exploration is predicted
COST_TITLES = 50
NARROWING = 0.8  # of the draws, until exploration costs no more than it may


@dataclass(frozen=True)
class Learned:
    """A policy and what it was learned from."""

    policy: Policy
    metrics: dict[str, float]


def learned(
    shown: Shown,
    traits: F32,
    frame: Frame,
    genres: NDArray[np.bool_],
    pictures: Pictures,
    settings: Artwork,
) -> Learned:
    """The policy that follows from what was shown; `traits` (M, f) are in the order of `frame`, `genres` (n, g).

    With nothing shown the beliefs are the priors: every picture is as good as any other, in the mean of the draws.
    """
    rows, spoken = thinned(shown, settings.learning), tuple(t for t in pictures.themes if t)
    goes_with = associations(
        spoken,
        pictures.theme,
        pictures.themes,
        genres[pictures.title],
        settings.learning.theme_prior,
    )
    trained = _rows(rows, traits, frame, genres, pictures, spoken, goes_with, settings)
    beliefs, spreads = _beliefs(trained, rows, traits, len(spoken), settings)
    policy = Policy(frame, spoken, goes_with, beliefs, {}, settings.thompson.picture_spread)
    effects, unseen = _effects(policy, trained, rows, shown, traits, pictures, settings)
    policy = replace(
        policy, effects=effects, unseen_spread=unseen, greedy=settings.exploration.kind == "epsilon"
    )
    policy, cost = within_budget(policy, traits, pictures, settings)
    suit = float(np.mean(beliefs.suit)) if isinstance(beliefs, Weights) else float("nan")
    found = {
        "impressions": float(shown.trials.sum()),
        "quality_plays": float(shown.successes.sum()),
        "rows": float(len(rows.title)),
        "suit": suit,
        "theme_spread": float(spreads[0]),
        "trait_spread": float(spreads[-1]),
        "picture_spread": unseen,
        "explore_cost": cost,
        "explore_scale": policy.scale,
    }
    return Learned(policy, found)


def _rows(
    shown: Shown,
    traits: F32,
    frame: Frame,
    genres: NDArray[np.bool_],
    pictures: Pictures,
    spoken: tuple[str, ...],
    goes_with: F32,
    settings: Artwork,
) -> Rows:
    genre_at = len(frame.names) - len(frame.genres)
    offset = baseline(shown, traits, genres, genre_at, settings.learning)
    place = {theme: at for at, theme in enumerate(spoken)}
    known = np.array([place.get(theme, len(spoken)) for theme in pictures.themes], np.int64)
    theme = known[pictures.theme[shown.picture]] if pictures.size else np.zeros(0, np.int64)
    represents = levels()[pictures.level[shown.picture]].astype(np.float64)
    suits = np.einsum("ng,ng->n", traits[shown.member, genre_at:], goes_with[theme]).astype(
        np.float64
    )
    return Rows(shown.member, theme, represents, suits, shown.trials, shown.successes, offset)


def _beliefs(
    rows: Rows, shown: Shown, traits: F32, themes: int, settings: Artwork
) -> tuple[Weights | Forest, F64]:
    draws, seed = settings.exploration.draws, settings.learning.seed
    found = posterior(rows, traits, themes, settings.thompson)
    if settings.estimator == "trees" and rows.successes.any():
        return forest(rows, shown.cluster, traits, themes, seed, settings.trees), found.spreads
    return sampled(found, themes, draws, seed), found.spreads


def _effects(
    policy: Policy,
    rows: Rows,
    shown: Shown,
    all_shown: Shown,
    traits: F32,
    pictures: Pictures,
    settings: Artwork,
) -> tuple[dict[str, tuple[float, float, int]], float]:
    """Mean, spread and impressions of each picture that was shown, and the spread of one that was not."""
    told = evoked(policy, rows, shown, traits, pictures)
    rate = expit(rows.offset + told)
    information = rows.trials * rate * (1 - rate)
    surprise = rows.successes - rows.trials * rate
    mean, spread, unseen = picture_effects(
        shown.picture, surprise, information, pictures.size, settings.thompson
    )
    seen = np.bincount(all_shown.picture, all_shown.impressions, pictures.size).astype(np.int64)
    at = np.flatnonzero(seen)
    entries = zip(
        pictures.artwork_ids[at],
        mean[at].tolist(),
        spread[at].tolist(),
        seen[at].tolist(),
        strict=True,
    )
    return {name: (m, s, n) for name, m, s, n in entries}, unseen


def evoked(policy: Policy, rows: Rows, shown: Shown, traits: F32, pictures: Pictures) -> F64:
    """(N,) the mean belief of what each row's picture evoked in its member."""
    out, level = np.zeros(len(rows.theme)), pictures.level[shown.picture]
    order = np.argsort(rows.member, kind="stable")
    people, first = np.unique(rows.member[order], return_index=True)
    ends = np.append(first, len(order))
    for start in range(0, len(people), COST_MEMBERS):
        some = people[start : start + COST_MEMBERS]
        table = policy.responses(traits[some]).mean(axis=-1)
        mine = order[ends[start] : ends[min(start + COST_MEMBERS, len(people))]]
        place = np.searchsorted(some, rows.member[mine])
        out[mine] = table[place, rows.theme[mine], level[mine]]
    return out


def within_budget(
    policy: Policy, traits: F32, pictures: Pictures, settings: Artwork
) -> tuple[Policy, float]:
    """The policy with its draws narrowed until what it explores is predicted to cost no more than it may; the cost."""
    most = settings.exploration.most_cost
    scale = 1.0
    while True:
        narrowed = policy.narrowed(scale)
        cost = explore_cost(narrowed, traits, pictures, settings)
        if cost <= most or scale < 0.01:
            return narrowed, cost
        scale *= NARROWING


def explore_cost(policy: Policy, traits: F32, pictures: Pictures, settings: Artwork) -> float:
    """1 - take of the policy's choices / take of the best pictures, both as predicted, on some members and titles.

    A take is taken to be as exp(log-odds), since quality plays are rare; chance beyond the draws is uniform_share.
    """
    pools = np.flatnonzero(np.diff(pictures.offsets) > 1)
    if not len(pools) or not len(traits):
        return 0.0
    some = traits[np.unique(np.linspace(0, len(traits) - 1, COST_MEMBERS).astype(int))]
    table = policy.responses(some).astype(np.float64)
    theme = policy.known_themes(pictures)
    best = chosen = 0.0
    for title in pools[np.unique(np.linspace(0, len(pools) - 1, COST_TITLES).astype(int))]:
        mine = slice(pictures.offsets[title], pictures.offsets[title + 1])
        told = table[:, theme[mine], pictures.level[mine]]  # (m, k, s)
        worth = np.exp(told.mean(axis=2))
        picked = np.take_along_axis(worth, told.argmax(axis=1), axis=1).mean(axis=1)
        share = settings.exploration.uniform_share
        best += worth.max(axis=1).sum()
        chosen += ((1 - share) * picked + share * worth.mean(axis=1)).sum()
    return float(1 - chosen / best)
