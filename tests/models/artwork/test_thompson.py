import numpy as np
import pytest
from scipy.special import expit

from conf.artwork import artwork
from models.artwork.thompson import Rows, picture_effects, posterior, sampled

SETTINGS = artwork().thompson


def world(rows, seed=0, always=0.5, evoked=(0.8, -0.8), suit=0.0, keen=0.0):
    """Members that lean or do not, shown two themes; what each theme evokes in those who lean."""
    rng = np.random.default_rng(seed)
    traits = np.column_stack([np.ones(400), rng.standard_normal(400)]).astype(np.float32)
    member, theme, stands = (
        rng.integers(400, size=rows),
        rng.integers(2, size=rows),
        rng.random(rows),
    )
    suits = np.where(theme == 0, 1.0, -1.0) * traits[member, 1]
    told = (
        -2
        + always * traits[member, 1]
        + stands * (np.array(evoked)[theme] * traits[member, 1] + suit * suits)
    )
    taken = rng.random(rows) < expit(told)
    return Rows(
        member, theme, stands, suits, np.ones(rows), taken.astype(float), np.full(rows, -2.0)
    ), traits


def test_what_themes_evoke_is_found():
    rows, traits = world(60_000)
    found = posterior(rows, traits, 2, SETTINGS)
    told = found.mean[0] * np.array([1, -1]) + found.mean[1:].reshape(2, 2)[:, 1]
    assert told == pytest.approx([0.8, -0.8], abs=0.12)
    assert found.mean[1:].reshape(2, 2)[:, 0] == pytest.approx([0, 0], abs=0.1)


def test_what_all_themes_share_is_found_as_such():
    rows, traits = world(20_000, evoked=(0, 0), suit=0.6)
    found = posterior(rows, traits, 2, SETTINGS)
    assert found.mean[0] == pytest.approx(0.6, abs=0.15)
    assert abs(found.mean[1:].reshape(2, 2)[:, 1]).max() < 0.1


def test_where_there_is_nothing_to_find_beliefs_are_narrow():
    rows, traits = world(60_000, evoked=(0, 0))
    told = sampled(posterior(rows, traits, 2, SETTINGS), 2, 50, 1)
    assert told.draws[:, :2].std(axis=0).max() < 0.12


def test_the_less_is_known_the_wider_the_draws():
    few, many = (
        sampled(posterior(*world(n), 2, SETTINGS), 2, 200, 1).draws[:, :2].std(axis=0)
        for n in (500, 50_000)
    )
    assert (few > 2 * many).all()


def test_without_rows_the_draws_are_the_priors():
    rows, traits = world(0)
    found = posterior(rows, traits, 2, SETTINGS)
    assert found.mean == pytest.approx(0) and found.spreads == pytest.approx(SETTINGS.spread)
    told = sampled(found, 2, 4000, 1)
    assert told.draws.std(axis=0) == pytest.approx(SETTINGS.spread, rel=0.1)
    assert told.draws.mean(axis=0) == pytest.approx(0, abs=1e-6)


def test_the_same_seed_gives_every_version_the_same_luck():
    one, other = (
        sampled(posterior(*world(n), 2, SETTINGS), 2, 50, 1).draws[:, 0, 1]
        for n in (20_000, 24_000)
    )
    assert np.corrcoef(one, other)[0, 1] > 0.9


def test_pictures_are_believed_to_have_as_much_of_their_own_as_their_surprises_say():
    rng = np.random.default_rng(0)
    picture, information = np.arange(500), np.full(500, 400.0)
    own = rng.normal(0, 0.04, 500)
    lively = picture_effects(
        picture, own * 400 + rng.normal(0, 20, 500), information, 501, SETTINGS
    )
    quiet = picture_effects(picture, rng.normal(0, 20, 500), information, 501, SETTINGS)
    assert lively[2] > 2 * quiet[2]
    assert np.corrcoef(lively[0][:500], own)[0, 1] > 0.5
    assert lively[1][500] == pytest.approx(lively[2])  # never shown: as wide as the prior
