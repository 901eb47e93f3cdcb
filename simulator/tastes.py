"""Tastes fitted to real ratings: the one part of a simulated member that is not made up."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.population import TasteSettings
from simulator.draws import F64, ORIGINS, TASTE, normals

I64 = NDArray[np.int64]


class Ratings(NamedTuple):
    """Ratings as indices: r of them, by `members` members, of `titles` titles."""

    member: I64  # (r,)
    title: I64  # (r,)
    stars: F64  # (r,)
    members: int
    titles: int


class Fit(NamedTuple):
    """stars ~ mean + member_bias + title_bias + member_factors @ title_factors, all but the mean shrunk to zero."""

    mean: float
    member_bias: F64  # (m,)
    title_bias: F64  # (t,)
    member_factors: F64  # (m, k)
    title_factors: F64  # (t, k)
    doubt: F64  # (m, k, k) roots of the covariance of what a member's factors may really be, given its ratings


class Tastes(NamedTuple):
    """A fit in the population's measure: over members, (taste - 0) @ factors[i] has mean 0 and variance 1."""

    tastes: F64  # (m, k) of the real members, mean 0
    root: F64  # (k, k) root @ root.T is their covariance
    factors: F64  # (t, k)
    spread: F64  # (t,) stars by which tastes for the title really differ, one standard deviation
    quality: F64  # (t,) stars that its average member gives above the overall mean


def fit(ratings: Ratings, settings: TasteSettings, seed: int = 0) -> Fit:
    """Biased matrix factorisation (Koren, Bell and Volinsky, Matrix Factorization Techniques, IEEE Computer 2009).

    Minimises, over all ratings, sum (stars - mean - b_u - b_i - p_u @ q_i)^2 + bias_ridge * (|b_u|^2 + |b_i|^2)
    + ridge * (|p_u|^2 + |q_i|^2) by turns: with all titles held, each member is a ridge regression of its own, and the
    other way round. Deterministic by seed.
    """
    mean = float(ratings.stars.mean())
    rest, ridge = (
        ratings.stars - mean,
        np.diag([settings.bias_ridge] + [settings.ridge] * settings.factors),
    )
    by_member = _half(ratings.member, ratings.members, ratings.title, rest)
    by_title = _half(ratings.title, ratings.titles, ratings.member, rest)
    start = 0.3 * normals(seed, np.arange(ratings.titles), TASTE, settings.factors)
    titles = np.hstack([np.zeros((ratings.titles, 1)), start])  # the bias first
    for _ in range(settings.rounds):
        members = _regressions(by_member, titles, ridge)
        titles = _regressions(by_title, members, ridge)
    return Fit(
        mean,
        members[:, 0],
        titles[:, 0],
        members[:, 1:],
        titles[:, 1:],
        _doubt(by_member, titles, members, ridge),
    )


def predicted(found: Fit, member: I64, title: I64) -> F64:
    """The stars (r,) that the fit expects of each pair."""
    agreement = np.einsum("rk,rk->r", found.member_factors[member], found.title_factors[title])
    return found.mean + found.member_bias[member] + found.title_bias[title] + agreement


def measured(found: Fit, lean: F64, seed: int = 0) -> Tastes:
    """Tastes in the population's measure; `lean` (t, k) is added to the titles' factors first.

    A fitted member is nearer to the mean the fewer ratings it gave. So that all are as different as members are, each
    is drawn from what its ratings leave open: p + doubt @ z, z standard normal (the step of the Gibbs sampler of
    Salakhutdinov and Mnih, Bayesian Probabilistic Matrix Factorization, ICML 2008, given the titles).

    With m and C the mean and covariance of these: taste = p - m, factors = q / sqrt(q' C q), and what the average
    member feels, m @ q, counts as quality. A title that nobody's taste divides has factors of zero.
    """
    members, size = found.member_factors.shape
    drawn = found.member_factors + np.einsum(
        "mkl,ml->mk", found.doubt, normals(seed, np.arange(members), ORIGINS, size)
    )
    centre = drawn.mean(axis=0)
    tastes, leaning = drawn - centre, found.title_factors + lean
    covariance = tastes.T @ tastes / members
    spread = np.sqrt(np.einsum("tk,kl,tl->t", leaning, covariance, leaning))
    factors = leaning / np.where(spread > 1e-9, spread, np.inf)[:, None]
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return Tastes(tastes, root, factors, spread, found.title_bias + found.title_factors @ centre)


class _Half(NamedTuple):
    """The ratings in the order of one side: those of i stand at first[i] : first[i + 1]."""

    first: I64
    other: I64  # (r,) who stands on the other side
    rest: F64  # (r,) stars less the mean


def _half(side: I64, size: int, other: I64, rest: F64) -> _Half:
    order = np.argsort(side, kind="stable")
    return _Half(np.searchsorted(side[order], np.arange(size + 1)), other[order], rest[order])


def _regressions(half: _Half, held: F64, ridge: F64) -> F64:
    """One half of a round: row i is argmin over w of sum (rest - bias_j - w @ (1, factors_j))^2 + w @ ridge @ w.

    The sum is over the ratings of i, each of which meets held[j] = (bias_j, factors_j).
    """
    squares, products = _normal_equations(half, held)
    return np.asarray(np.linalg.solve(squares + ridge, products)[:, :, 0], np.float64)


def _doubt(half: _Half, held: F64, solved: F64, ridge: F64) -> F64:
    """Roots of error variance * (squares + ridge)^-1 without the bias, (n, k, k): a ridge regression's posterior."""
    met, own = held[half.other], np.repeat(solved, np.diff(half.first), axis=0)
    error = half.rest - met[:, 0] - own[:, 0] - np.einsum("rk,rk->r", met[:, 1:], own[:, 1:])
    squares, _ = _normal_equations(half, held)
    covariance = error.var() * np.linalg.inv(squares + ridge)[:, 1:, 1:]
    return np.asarray(np.linalg.cholesky(covariance), np.float64)


def _normal_equations(half: _Half, held: F64) -> tuple[F64, F64]:
    """X'X (n, k + 1, k + 1) and X'y (n, k + 1, 1) of each regression."""
    count, size = len(half.first) - 1, held.shape[1]
    squares, products = np.empty((count, size, size)), np.empty((count, size, 1))
    design = held[half.other]
    target = half.rest - design[:, 0]
    design[:, 0] = 1.0
    for i in range(count):
        rows = slice(half.first[i], half.first[i + 1])
        np.matmul(design[rows].T, design[rows], out=squares[i])
        np.matmul(design[rows].T, target[rows, None], out=products[i])
    return squares, products
