"""Accounts: how many profiles each has, where it is, when it came and when it leaves."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.days import YEAR_DAYS
from conf.world import WorldSettings
from simulator.draws import ACCOUNT, F64, uniforms
from simulator.truth import NEVER

I64 = NDArray[np.int64]
PLACES = 5  # in a household
MONTH_DAYS = 30.4


class Accounts(NamedTuple):
    """What the profiles of an account share, one entry each."""

    profiles: I64
    country: I64
    joined: I64  # days
    left: I64


def households(settings: WorldSettings, accounts: I64) -> tuple[I64, Accounts]:
    """The indices of the profiles (n,) of accounts, in their order, and for each what its account shares."""
    draw = uniforms(settings.seed, accounts, ACCOUNT, 6)
    size = 1 + _chosen(draw[:, 0], settings.households.profiles)
    country = _chosen(draw[:, 1], [country.share for country in settings.countries.values()])
    joined = _joined(settings, draw[:, 2], draw[:, 3])
    left = _left(settings, joined, draw[:, 4])
    drawn = Accounts(size, country, joined, left)
    row = np.repeat(np.arange(len(accounts)), size)
    place = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    return accounts[row] * PLACES + place, Accounts(*(column[row] for column in drawn))


def _joined(settings: WorldSettings, which: F64, when: F64) -> I64:
    """Days of sign-up: newcomers evenly over the year after day 0, as many a day during the past, the rest before."""
    coming = settings.households.newcomers_share
    lately = coming * settings.past_days / YEAR_DAYS
    before = (
        -settings.past_days
        - 1
        - (-settings.households.mean_tenure_days * np.log1p(-when)).astype(np.int64)
    )
    within = -settings.past_days + (when * settings.past_days).astype(np.int64)
    after = 1 + (when * YEAR_DAYS).astype(np.int64)
    return np.where(which < coming, after, np.where(which < coming + lately, within, before))


def _left(settings: WorldSettings, joined: I64, when: F64) -> I64:
    """First days after cancelling: memoryless, (1 - churn) stay for a month; everyone was there as the past began."""
    daily = -np.log1p(-settings.households.monthly_churn) / MONTH_DAYS
    if daily <= 0:
        return np.full(len(joined), int(NEVER), np.int64)
    days = 1 - np.log1p(-when) / daily
    return np.maximum(joined, -settings.past_days) + np.minimum(days, float(NEVER) / 2).astype(
        np.int64
    )


def _chosen(uniform: F64, weights: Sequence[float]) -> I64:
    """Which of the weights' positions each draw falls on."""
    reach = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(reach[:-1], uniform, side="right").astype(np.int64)
