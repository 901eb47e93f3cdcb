"""Rankers of Continue Watching never see the accounts that they are judged by."""

from types import SimpleNamespace

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.rows import training_days

PROFILES = [f"p{number}" for number in range(40)]
STATES = pa.table({"profile_id": PROFILES, "account_id": [f"a{n // 2}" for n in range(40)]})


def test_each_half_is_judged_by_rankers_of_the_other(monkeypatch):
    draws = []

    def replicated_day(stage, index, pages, draw):
        draws.append(draw)
        return draw

    def training_rows(stage, outcome, number):
        return pa.table({"profile_id": PROFILES, "number": [number] * 40})

    stage = SimpleNamespace(states=STATES)
    pages = pa.table({"index": pa.array(range(40), pa.int64())})
    monkeypatch.setattr(training_days, "pages_of", lambda stage, arms: [pages])
    monkeypatch.setattr(training_days, "replicated_day", replicated_day)
    monkeypatch.setattr(training_days, "_training_rows", training_rows)
    monkeypatch.setattr(training_days, "sample_from", lambda rows: rows)
    monkeypatch.setattr(training_days, "_with_rankers", lambda stage, half, sample: (half, sample))

    halves = training_days.stages_with_trained_rankers(stage, 3)
    assert draws == [-1, -2, -3], "no judged draw, which count from 0"
    judged_accounts = []
    for half, sample in halves:
        judged = STATES.filter(pa.array(half))
        assert set(judged["profile_id"].to_pylist()).isdisjoint(sample["profile_id"].to_pylist())
        assert len(sample) == 3 * (len(PROFILES) - len(judged))
        judged_accounts.append(set(judged["account_id"].to_pylist()))
    assert judged_accounts[0].isdisjoint(judged_accounts[1])
    assert set.union(*judged_accounts) == set(STATES["account_id"].to_pylist())


def test_entries_come_with_the_position_of_their_list():
    lists = pa.array([[{"n": 1}, {"n": 2}], [], [{"n": 3}]])
    odd = pc.not_equal(lists.flatten().field("n"), 2)
    owners, entries = training_days._entries(lists, odd)
    assert owners.tolist() == [0, 2]
    assert entries.to_pylist() == [{"n": 1}, {"n": 3}]
