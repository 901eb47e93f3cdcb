import numpy as np
import pytest

from conf.world import world_settings
from simulator.households import PROFILES_PER_ACCOUNT, Accounts, households

SETTINGS = world_settings()
COUNT = 20_000


@pytest.fixture(scope="module")
def accounts() -> Accounts:
    index, each = households(SETTINGS, np.arange(COUNT))
    first = index % PROFILES_PER_ACCOUNT == 0
    return Accounts(*(column[first] for column in each))  # one entry an account


def test_sizes_and_countries_are_those_of_conf(accounts: Accounts) -> None:
    sizes = np.bincount(accounts.profiles)[1:] / COUNT
    countries = np.bincount(accounts.country) / COUNT
    assert sizes == pytest.approx(np.array(SETTINGS.households.profiles), abs=0.01)
    assert countries == pytest.approx(
        np.array([country.share for country in SETTINGS.countries.values()]), abs=0.01
    )


def test_an_accounts_profiles_are_numbered_from_0_without_a_gap() -> None:
    index, account = households(SETTINGS, np.arange(500, 600))
    assert np.array_equal(index, np.unique(index))
    accounts, number = np.divmod(index, PROFILES_PER_ACCOUNT)
    assert accounts.min() == 500 and accounts.max() == 599
    numbers = [sorted(number[accounts == row]) for row in range(500, 600)]
    assert all(each == list(range(len(each))) for each in numbers)
    assert [len(each) for each in numbers] == account.profiles[number == 0].tolist()


def test_newcomers_come_evenly_over_the_year_and_as_often_before_it(accounts: Accounts) -> None:
    newcomers = (accounts.join_day > 0).mean()
    past_newcomers = ((accounts.join_day <= 0) & (accounts.join_day >= -SETTINGS.past_days)).mean()
    assert newcomers == pytest.approx(SETTINGS.households.newcomers_share, abs=0.01)
    assert past_newcomers / SETTINGS.past_days == pytest.approx(newcomers / 365, rel=0.25)
    assert accounts.join_day.max() == 365


def test_a_month_costs_the_churn_of_conf(accounts: Accounts) -> None:
    start = np.maximum(accounts.join_day, -SETTINGS.past_days)
    cancelled = (accounts.cancel_day - start <= 30.4).mean()
    assert np.all(accounts.cancel_day > start)
    assert cancelled == pytest.approx(SETTINGS.households.monthly_churn, abs=0.005)


def test_without_churn_nobody_ever_leaves() -> None:
    loyal = SETTINGS.model_copy(
        update={"households": SETTINGS.households.model_copy(update={"monthly_churn": 0.0})}
    )
    assert np.all(households(loyal, np.arange(100))[1].cancel_day == 2**30)
