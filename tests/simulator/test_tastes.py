import numpy as np
import pytest

from simulator.tastes import Fit, Ratings, fit, measured, predicted
from tests.simulator.small import MEMBERS, NOISE, TITLES, small_log, small_settings

SETTINGS = small_settings().tastes.model_copy(update={"ridge": 2.0})


def ratings(keep: np.ndarray | slice = slice(None)) -> Ratings:
    log = small_log()[1]
    member, title = (
        np.array([int(name[1:]) for name in log[column].to_pylist()])
        for column in ("profile_id", "title_id")
    )
    return Ratings(member[keep], title[keep], log["stars"].to_numpy()[keep], MEMBERS, TITLES)


def held_out() -> np.ndarray:
    return np.random.default_rng(0).random(len(ratings().stars)) < 0.1


def rmse(found: Fit, on: Ratings) -> float:
    return float(np.sqrt(np.mean((predicted(found, on.member, on.title) - on.stars) ** 2)))


@pytest.fixture(scope="module")
def learned() -> Fit:
    return fit(ratings(~held_out()), SETTINGS, seed=1)


def test_tastes_predict_ratings_held_out_better_than_biases_do(learned: Fit) -> None:
    biases_only = fit(ratings(~held_out()), SETTINGS.model_copy(update={"ridge": 1e9}), seed=1)
    judged = ratings(held_out())
    assert np.abs(biases_only.title_factors).max() < 1e-6
    assert rmse(learned, judged) < 0.85 * rmse(biases_only, judged)
    assert rmse(learned, judged) > NOISE  # and no better than the noise allows


def test_biases_are_shrunk_means() -> None:
    few = Ratings(np.array([0, 1, 0]), np.array([0, 0, 1]), np.array([5.0, 5.0, 2.0]), 2, 3)
    settings = SETTINGS.model_copy(update={"ridge": 1e9, "rounds": 200})
    found = fit(few, settings)
    residual = few.stars - predicted(found, few.member, few.title)
    assert found.title_bias[2] == 0  # nobody rated it
    assert found.title_bias[0] == pytest.approx(residual[:2].sum() / settings.bias_ridge, abs=1e-6)


def test_a_fit_can_be_repeated_exactly(learned: Fit) -> None:
    again = fit(ratings(~held_out()), SETTINGS, seed=1)
    assert np.array_equal(again.title_factors, learned.title_factors)


def test_measured_tastes_have_mean_0_and_variance_1_for_every_title(learned: Fit) -> None:
    found = measured(learned, np.zeros((TITLES, 4)))
    liking = found.tastes @ found.factors.T
    assert np.abs(liking.mean(axis=0)).max() < 1e-9
    assert np.abs(liking.std(axis=0) - 1).max() < 1e-9
    assert np.allclose(found.root @ found.root.T, np.cov(found.tastes, rowvar=False, bias=True))


def test_members_who_rated_little_are_drawn_further_from_the_mean_than_fitted() -> None:
    whole = ratings()
    little = whole.member >= MEMBERS // 2
    thinned = ~little | (np.arange(len(whole.member)) % 8 == 0)
    found = fit(ratings(thinned), SETTINGS, seed=1)
    shrunk = np.linalg.norm(found.member_factors, axis=1)
    drawn = np.linalg.norm(measured(found, np.zeros((TITLES, 4))).tastes, axis=1)
    before, after = (
        length[MEMBERS // 2 :].mean() / length[: MEMBERS // 2].mean() for length in (shrunk, drawn)
    )
    assert before < 0.6
    assert after > before + 0.15


def test_a_title_that_nobody_rated_has_no_tastes_of_its_own(learned: Fit) -> None:
    lonely = learned._replace(
        title_factors=np.vstack([learned.title_factors, np.zeros(4)]),
        title_bias=np.zeros(TITLES + 1),
    )
    assert np.all(measured(lonely, np.zeros((TITLES + 1, 4))).factors[-1] == 0)
    leaning = np.zeros((TITLES + 1, 4))
    leaning[-1] = learned.title_factors[5]
    found = measured(lonely, leaning)
    assert np.allclose(found.factors[-1], found.factors[5])
