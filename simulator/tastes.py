"""Tastes fitted to real ratings: the one part of a simulated member that is not made up."""

from typing import NamedTuple

import numpy as np

from conf.population import TasteSettings
from simulator.arrays import F64, I64
from simulator.draws import ORIGINS, TASTE, normal_draws

_START_SPREAD = 0.3  # of the factors before the first round
_NO_SPREAD = 1e-9  # stars below which a title divides nobody


class RealRatings(NamedTuple):
    """Ratings as indices: r of them, by `members` members, of `titles` titles."""

    member: I64  # (r,)
    title: I64  # (r,)
    stars: F64  # (r,)
    members: int
    titles: int


class TasteFit(NamedTuple):
    """stars ~ mean + member_bias + title_bias + member_factors @ title_factors.

    All but the mean are shrunk to zero.
    """

    mean: float
    member_bias: F64  # (m,)
    title_bias: F64  # (t,)
    member_factors: F64  # (m, k)
    title_factors: F64  # (t, k)
    uncertainty: F64  # (m, k, k) roots of the covariance of a member's true factors


class Tastes(NamedTuple):
    """A fit in the population's measure.

    Over members, (taste - 0) @ factors[i] has mean 0 and variance 1.
    """

    tastes: F64  # (m, k) of the real members, mean 0
    root: F64  # (k, k) root @ root.T is their covariance
    factors: F64  # (t, k)
    spread: F64  # (t,) stars by which tastes for the title really differ, one standard deviation
    quality: F64  # (t,) stars that its average member gives above the overall mean


def fitted_tastes(ratings: RealRatings, settings: TasteSettings, seed: int = 0) -> TasteFit:
    """Biased matrix factorisation, deterministic by seed.

    (Koren, Bell and Volinsky, Matrix Factorization Techniques, IEEE Computer 2009.) Minimises, over
    all ratings, sum (stars - mean - b_u - b_i - p_u @ q_i)^2 + bias_ridge * (|b_u|^2 + |b_i|^2)
    + ridge * (|p_u|^2 + |q_i|^2) by turns: with all titles fixed, each member is a ridge regression
    of its own, and the other way round.
    """
    mean = float(ratings.stars.mean())
    residual = ratings.stars - mean
    ridge = np.diag([settings.bias_ridge] + [settings.ridge] * settings.factors)
    by_member = _side_ratings(ratings.member, ratings.members, ratings.title, residual)
    by_title = _side_ratings(ratings.title, ratings.titles, ratings.member, residual)
    normals = normal_draws(seed, np.arange(ratings.titles), TASTE, settings.factors)
    # the bias stands before the factors
    titles = np.hstack([np.zeros((ratings.titles, 1)), _START_SPREAD * normals])
    for _ in range(settings.rounds):
        members = _regressions(by_member, titles, ridge)
        titles = _regressions(by_title, members, ridge)
    return TasteFit(
        mean=mean,
        member_bias=members[:, 0],
        title_bias=titles[:, 0],
        member_factors=members[:, 1:],
        title_factors=titles[:, 1:],
        uncertainty=_uncertainty(by_member, titles, members, ridge),
    )


def expected_stars(fit: TasteFit, member: I64, title: I64) -> F64:
    """The stars (r,) that the fit expects of each pair."""
    agreement = np.einsum("rk,rk->r", fit.member_factors[member], fit.title_factors[title])
    return fit.mean + fit.member_bias[member] + fit.title_bias[title] + agreement


def standardised_tastes(fit: TasteFit, genre_factors: F64, seed: int = 0) -> Tastes:
    """Tastes in the population's measure; `genre_factors` (t, k) are added to the titles' first.

    A fitted member is nearer to the mean the fewer ratings it gave. So that all are as different as
    members are, each is drawn from what its ratings leave open: p + uncertainty @ z, z standard
    normal (the step of the Gibbs sampler of Salakhutdinov and Mnih, Bayesian Probabilistic Matrix
    Factorization, ICML 2008, with the titles fixed).

    With m and C the mean and covariance of these: taste = p - m, factors = q / sqrt(q' C q), and
    what the average member feels, m @ q, counts as quality. A title that nobody's taste divides has
    factors of zero.
    """
    members, size = fit.member_factors.shape
    normals = normal_draws(seed, np.arange(members), ORIGINS, size)
    deviations = np.einsum("mkl,ml->mk", fit.uncertainty, normals)
    sampled_factors = fit.member_factors + deviations
    centre = sampled_factors.mean(axis=0)
    tastes = sampled_factors - centre
    title_factors = fit.title_factors + genre_factors
    covariance = tastes.T @ tastes / members
    spread = np.sqrt(np.einsum("tk,kl,tl->t", title_factors, covariance, title_factors))
    factors = title_factors / np.where(spread > _NO_SPREAD, spread, np.inf)[:, None]
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    quality = fit.title_bias + fit.title_factors @ centre
    return Tastes(tastes, root, factors, spread, quality)


class _SideRatings(NamedTuple):
    """The ratings in the order of one side (members or titles)."""

    first: I64  # (n + 1,) those of i stand at first[i]:first[i + 1]
    other: I64  # (r,) index on the other side
    residual: F64  # (r,) stars less the mean


def _side_ratings(side: I64, size: int, other: I64, residual: F64) -> _SideRatings:
    order = np.argsort(side, kind="stable")
    first = np.searchsorted(side[order], np.arange(size + 1))
    return _SideRatings(first, other[order], residual[order])


def _regressions(ratings: _SideRatings, other_side: F64, ridge: F64) -> F64:
    """(n, k + 1) bias and factors of one side, from those of the other.

    Row i is argmin over w of sum (residual - bias_j - w @ (1, factors_j))^2 + w @ ridge @ w over
    the ratings of i, each of which meets other_side[j] = (bias_j, factors_j).
    """
    squares, products = _normal_equations(ratings, other_side)
    solutions = np.linalg.solve(squares + ridge, products)
    return np.asarray(solutions[:, :, 0], np.float64)


def _uncertainty(ratings: _SideRatings, other_side: F64, side: F64, ridge: F64) -> F64:
    """(n, k, k) roots of error variance * (squares + ridge)^-1, without the bias.

    This is a ridge regression's posterior.
    """
    others = other_side[ratings.other]
    own = np.repeat(side, np.diff(ratings.first), axis=0)
    agreement = np.einsum("rk,rk->r", others[:, 1:], own[:, 1:])
    error = ratings.residual - others[:, 0] - own[:, 0] - agreement
    squares, _ = _normal_equations(ratings, other_side)
    covariance = error.var() * np.linalg.inv(squares + ridge)[:, 1:, 1:]
    return np.asarray(np.linalg.cholesky(covariance), np.float64)


def _normal_equations(ratings: _SideRatings, other_side: F64) -> tuple[F64, F64]:
    """X'X (n, k + 1, k + 1) and X'y (n, k + 1, 1) of each regression."""
    count, size = len(ratings.first) - 1, other_side.shape[1]
    squares, products = np.empty((count, size, size)), np.empty((count, size, 1))
    design = other_side[ratings.other]
    target = ratings.residual - design[:, 0]
    design[:, 0] = 1.0
    for i in range(count):
        rows = slice(ratings.first[i], ratings.first[i + 1])
        np.matmul(design[rows].T, design[rows], out=squares[i])
        np.matmul(design[rows].T, target[rows, None], out=products[i])
    return squares, products
