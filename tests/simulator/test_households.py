import numpy as np
import pytest

from conf.world import world_settings
from simulator.households import PLACES, Accounts, households

SETTINGS = world_settings()
COUNT = 20_000


@pytest.fixture(scope="module")
def drawn() -> Accounts:
    index, each = households(SETTINGS, np.arange(COUNT))
    first = index % PLACES == 0
    return Accounts(*(column[first] for column in each))  # one entry an account


def test_sizes_and_countries_are_those_of_conf(drawn: Accounts) -> None:
    sizes = np.bincount(drawn.profiles)[1:] / COUNT
    countries = np.bincount(drawn.country) / COUNT
    assert sizes == pytest.approx(np.array(SETTINGS.households.profiles), abs=0.01)
    assert countries == pytest.approx(
        np.array([country.share for country in SETTINGS.countries.values()]), abs=0.01
    )


def test_an_account_has_places_from_0_without_a_gap() -> None:
    index, each = households(SETTINGS, np.arange(500, 600))
    assert np.array_equal(index, np.unique(index))
    assert index.min() // PLACES == 500 and index.max() // PLACES == 599
    places = [sorted(index[index // PLACES == account] % PLACES) for account in range(500, 600)]
    assert all(found == list(range(len(found))) for found in places)
    assert [len(found) for found in places] == each.profiles[index % PLACES == 0].tolist()


def test_newcomers_come_evenly_over_the_year_and_as_often_before_it(drawn: Accounts) -> None:
    coming = (drawn.joined > 0).mean()
    lately = ((drawn.joined <= 0) & (drawn.joined >= -SETTINGS.past_days)).mean()
    assert coming == pytest.approx(SETTINGS.households.newcomers_share, abs=0.01)
    assert lately / SETTINGS.past_days == pytest.approx(coming / 365, rel=0.25)
    assert drawn.joined.max() == 365


def test_a_month_costs_the_churn_of_conf(drawn: Accounts) -> None:
    start = np.maximum(drawn.joined, -SETTINGS.past_days)
    gone = (drawn.left - start <= 30.4).mean()
    assert np.all(drawn.left > start)
    assert gone == pytest.approx(SETTINGS.households.monthly_churn, abs=0.005)


def test_without_churn_nobody_ever_leaves() -> None:
    loyal = SETTINGS.model_copy(
        update={"households": SETTINGS.households.model_copy(update={"monthly_churn": 0.0})}
    )
    assert np.all(households(loyal, np.arange(100))[1].left == 2**30)
