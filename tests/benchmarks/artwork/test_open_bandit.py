"""Estimates on a small campaign log, with the reading of its files."""

import numpy as np
import pytest

from benchmarks.artwork import open_bandit
from benchmarks.artwork.open_bandit import (
    PRIOR,
    CampaignLog,
    _campaign_log,
    click_rates,
    random_from_bts,
    target_policies,
)
from conf.artwork import artwork_settings
from experiments.offpolicy import LoggedChoices

HEADER = (
    "item_id,click,propensity_score,user_feature_0,user_feature_1,user_feature_2,user_feature_3"
)


def log(action, reward, propensity=0.5):
    rows = len(action)
    choices = LoggedChoices(
        np.array(reward, float), np.full(rows, propensity), np.arange(rows).astype(str)
    )
    return CampaignLog(np.array(action), int(max(action)) + 1, choices)


def test_a_log_is_read_from_its_file(tmp_path):
    path = tmp_path / "all.csv"
    path.write_text(f"{HEADER}\n1,0,0.25,a,b,c,d\n0,1,0.5,a,b,c,e\n")
    read = _campaign_log(path)
    assert read.action.tolist() == [1, 0] and read.items == 2
    assert read.choices.reward.tolist() == [0, 1]
    assert read.choices.propensity.tolist() == [0.25, 0.5]


def test_click_rates_are_shrunk_towards_the_overall_rate():
    rates = click_rates(log([0, 0, 1, 1], [1, 1, 0, 0]), 2)
    assert rates == pytest.approx([(2 + PRIOR / 2) / (2 + PRIOR), (PRIOR / 2) / (2 + PRIOR)])


def test_target_policies_prefer_better_items():
    policies = target_policies(log([0, 0, 1, 1], [1, 1, 0, 0]), 2)
    assert policies["uniform"].tolist() == [0.5, 0.5]
    assert policies["best"].tolist() == [1, 0]
    assert policies["softmax"].sum() == pytest.approx(1)
    assert policies["softmax"][0] > policies["softmax"][1]


def test_a_small_log_is_refused_with_its_reason(monkeypatch):
    of_campaign = log([0, 1, 0, 1], [1, 0, 0, 0])
    logs = {
        (campaign, logger): of_campaign
        for campaign in open_bandit.CAMPAIGNS
        for logger in open_bandit.LOGGERS
    }
    monkeypatch.setattr(open_bandit, "campaign_logs", lambda _: logs)
    figures = random_from_bts(None, artwork_settings().offpolicy)
    assert figures["women"]["on_policy"] == 0.25
    assert "refused" in figures["women"] and "ips" not in figures["women"]


def test_a_large_log_estimates_the_random_policy(monkeypatch):
    of_campaign = log([0, 1] * 500, [1, 0, 0, 0] * 250)
    monkeypatch.setattr(
        open_bandit,
        "campaign_logs",
        lambda _: {
            (campaign, logger): of_campaign
            for campaign in open_bandit.CAMPAIGNS
            for logger in open_bandit.LOGGERS
        },
    )
    figures = random_from_bts(None, artwork_settings().offpolicy)
    assert figures["all"]["ips"]["value"] == pytest.approx(figures["all"]["on_policy"])
