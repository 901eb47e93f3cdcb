"""Accounts: how many profiles each has, its country, when it joins and when it cancels."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from conf.days import MONTH_DAYS, YEAR_DAYS
from conf.world import WorldSettings
from simulator.arrays import F64, I64
from simulator.draws import ACCOUNT, uniform_draws
from simulator.truth import NEVER

PROFILES_PER_ACCOUNT = 5  # at most


class Accounts(NamedTuple):
    """What the profiles of an account share, one entry each."""

    profiles: I64
    country: I64
    join_day: I64
    cancel_day: I64


def households(settings: WorldSettings, accounts: I64) -> tuple[I64, Accounts]:
    """The indices of the profiles (n,) of accounts, in their order, and the account of each."""
    uniforms = uniform_draws(settings.seed, accounts, ACCOUNT, 6)
    country_shares = [country.share for country in settings.countries.values()]
    sizes = 1 + _indices_by_weight(uniforms[:, 0], settings.households.profiles)
    join_day = _join_days(settings, uniforms[:, 2], uniforms[:, 3])
    by_account = Accounts(
        profiles=sizes,
        country=_indices_by_weight(uniforms[:, 1], country_shares),
        join_day=join_day,
        cancel_day=_cancel_days(settings, join_day, uniforms[:, 4]),
    )
    account_row = np.repeat(np.arange(len(accounts)), sizes)
    first_profile = np.repeat(np.cumsum(sizes) - sizes, sizes)
    number = np.arange(len(account_row)) - first_profile
    index = accounts[account_row] * PROFILES_PER_ACCOUNT + number
    return index, Accounts(*(column[account_row] for column in by_account))


def _join_days(settings: WorldSettings, which: F64, when: F64) -> I64:
    """Days of sign-up, by two uniforms.

    Newcomers come evenly over the year after day 0, as many a day during the past, and all others
    joined before, exponentially long ago.
    """
    past_days, household = settings.past_days, settings.households
    newcomers = household.newcomers_share
    past_newcomers = newcomers * past_days / YEAR_DAYS
    tenure = (-household.mean_tenure_days * np.log1p(-when)).astype(np.int64)
    before_past = -past_days - 1 - tenure
    within_past = -past_days + (when * past_days).astype(np.int64)
    after_past = 1 + (when * YEAR_DAYS).astype(np.int64)
    until_day_0 = np.where(which < newcomers + past_newcomers, within_past, before_past)
    return np.where(which < newcomers, after_past, until_day_0)


def _cancel_days(settings: WorldSettings, join_day: I64, when: F64) -> I64:
    """First days after cancelling, by a uniform.

    Cancelling is memoryless: (1 - churn) stay for a month. Everyone is there as the past begins.
    """
    daily_rate = -np.log1p(-settings.households.monthly_churn) / MONTH_DAYS
    if daily_rate <= 0:
        return np.full(len(join_day), int(NEVER), np.int64)
    tenure = 1 - np.log1p(-when) / daily_rate
    tenure_days = np.minimum(tenure, float(NEVER) / 2).astype(np.int64)
    return np.maximum(join_day, -settings.past_days) + tenure_days


def _indices_by_weight(uniforms: F64, weights: Sequence[float]) -> I64:
    """The index in `weights` that each uniform falls on."""
    cumulative = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(cumulative[:-1], uniforms, side="right").astype(np.int64)
