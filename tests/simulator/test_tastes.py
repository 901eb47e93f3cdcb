import numpy as np
import pytest

from simulator.tastes import (
    RealRatings,
    TasteFit,
    expected_stars,
    fitted_tastes,
    standardised_tastes,
)
from tests.simulator.small import MEMBERS, NOISE, TITLES, small_log, small_settings

SETTINGS = small_settings().tastes.model_copy(update={"ridge": 2.0})


def ratings(rows: np.ndarray | slice = slice(None)) -> RealRatings:
    log = small_log()[1]
    member, title = (
        np.array([int(name[1:]) for name in log[column].to_pylist()])
        for column in ("profile_id", "title_id")
    )
    return RealRatings(member[rows], title[rows], log["stars"].to_numpy()[rows], MEMBERS, TITLES)


def held_out() -> np.ndarray:
    return np.random.default_rng(0).random(len(ratings().stars)) < 0.1


def rmse(fit: TasteFit, ratings: RealRatings) -> float:
    return float(
        np.sqrt(np.mean((expected_stars(fit, ratings.member, ratings.title) - ratings.stars) ** 2))
    )


@pytest.fixture(scope="module")
def small_fit() -> TasteFit:
    return fitted_tastes(ratings(~held_out()), SETTINGS, seed=1)


def test_tastes_predict_ratings_held_out_better_than_biases_do(small_fit: TasteFit) -> None:
    biases_only = fitted_tastes(
        ratings(~held_out()), SETTINGS.model_copy(update={"ridge": 1e9}), seed=1
    )
    test_ratings = ratings(held_out())
    assert np.abs(biases_only.title_factors).max() < 1e-6
    assert rmse(small_fit, test_ratings) < 0.85 * rmse(biases_only, test_ratings)
    assert rmse(small_fit, test_ratings) > NOISE  # and no better than the noise allows


def test_biases_are_shrunk_means() -> None:
    few = RealRatings(np.array([0, 1, 0]), np.array([0, 0, 1]), np.array([5.0, 5.0, 2.0]), 2, 3)
    settings = SETTINGS.model_copy(update={"ridge": 1e9, "rounds": 200})
    fit = fitted_tastes(few, settings)
    residual = few.stars - expected_stars(fit, few.member, few.title)
    assert fit.title_bias[2] == 0  # nobody rated it
    assert fit.title_bias[0] == pytest.approx(residual[:2].sum() / settings.bias_ridge, abs=1e-6)


def test_a_fit_can_be_repeated_exactly(small_fit: TasteFit) -> None:
    again = fitted_tastes(ratings(~held_out()), SETTINGS, seed=1)
    assert np.array_equal(again.title_factors, small_fit.title_factors)


def test_standardised_tastes_have_mean_0_and_variance_1_for_every_title(
    small_fit: TasteFit,
) -> None:
    tastes = standardised_tastes(small_fit, np.zeros((TITLES, 4)))
    liking = tastes.tastes @ tastes.factors.T
    assert np.abs(liking.mean(axis=0)).max() < 1e-9
    assert np.abs(liking.std(axis=0) - 1).max() < 1e-9
    assert np.allclose(tastes.root @ tastes.root.T, np.cov(tastes.tastes, rowvar=False, bias=True))


def test_members_who_rated_little_are_drawn_further_from_the_mean_than_fitted() -> None:
    whole = ratings()
    little = whole.member >= MEMBERS // 2
    thinned = ~little | (np.arange(len(whole.member)) % 8 == 0)
    fit = fitted_tastes(ratings(thinned), SETTINGS, seed=1)
    shrunk = np.linalg.norm(fit.member_factors, axis=1)
    sampled = np.linalg.norm(standardised_tastes(fit, np.zeros((TITLES, 4))).tastes, axis=1)
    before, after = (
        length[MEMBERS // 2 :].mean() / length[: MEMBERS // 2].mean()
        for length in (shrunk, sampled)
    )
    assert before < 0.6
    assert after > before + 0.15


def test_a_title_that_nobody_rated_has_no_tastes_of_its_own(small_fit: TasteFit) -> None:
    lonely = small_fit._replace(
        title_factors=np.vstack([small_fit.title_factors, np.zeros(4)]),
        title_bias=np.zeros(TITLES + 1),
    )
    assert np.all(standardised_tastes(lonely, np.zeros((TITLES + 1, 4))).factors[-1] == 0)
    genre_factors = np.zeros((TITLES + 1, 4))
    genre_factors[-1] = small_fit.title_factors[5]
    factors = standardised_tastes(lonely, genre_factors).factors
    assert np.allclose(factors[-1], factors[5])
