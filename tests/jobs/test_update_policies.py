"""A policy is learned from impressions, written as text, and serves the pages of its days."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conf.artwork import artwork_settings
from conf.days import end_of
from conf.keys import sha256_text
from jobs.io.snapshot.policies import day_of_policy, hold_start
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.tables import spark as tables
from jobs.update_policies import IDLE, idle, update_policies
from tests import drafts
from tests.worlds import event, frame

DS = drafts.DS
HOLD = artwork_settings().sticky.hold_days
KEPT = ("ds", "policy", "model", "model_sha256")
NOON = datetime(DS.year, DS.month, DS.day, 12, tzinfo=UTC)
REST = {"known_at": datetime(1998, 1, 1, tzinfo=UTC), "source": "test", "landing_id": "test"}


def _artwork():
    return [
        {
            "title_id": f"t{n:02d}",
            "artwork_id": f"t{n:02d}-{theme}",
            "theme": theme,
            "representativeness": 0.9,
            **REST,
        }
        for n in range(12)
        for theme in ("face", "place")
    ]


def _impression(number):
    """Faces and places in turn; ann's pages are odd."""
    theme, title = ("face", "place")[number % 4 // 2], f"t{number % 12:02d}"
    return {
        "page_id": f"page{number}",
        "profile_id": "ann" if number % 2 else "bob",
        "row_id": "top",
        "row_position": 1,
        "column_position": 1,
        "title_id": title,
        "shown_at": NOON,
        "known_at": NOON,
        "ds": DS,
        "device": "tv",
        "artwork_id": f"{title}-{theme}",
        "policy": "p",
        "propensity": 0.5,
        "source": "test",
        "landing_id": "test",
    }


def _quality_play(impression):
    """A play from the cell of an impression, a minute later, of an episode of its own: a sitting."""
    names = ("page_id", "row_id", "row_position", "column_position", "device")
    return event(
        impression["profile_id"],
        impression["title_id"],
        NOON + timedelta(minutes=1),
        watched_seconds=90,
        duration_seconds=100,
        episode=impression["page_id"],
        **{name: impression[name] for name in names},
    )


def policy_of(spark, ds):
    """The policy that chooses the artwork of a day."""
    return SparkSnapshot(spark, end_of(ds)).policy().policy


@pytest.fixture(scope="module")
def runs(spark, tmp_path_factory):
    """The job has run twice on impressions of which every third face and no place led to a quality
    play.

    Yields the message of the first run and the partition after each run.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRONTROW_TABLES", str(tmp_path_factory.mktemp("lake") / "tables"))
        drafts.write_day(spark, ["ann", "bob"])
        impressions = [_impression(number) for number in range(2400)]
        faces = [row for row in impressions if row["artwork_id"].endswith("face")]
        plays = [_quality_play(impression) for impression in faces[::3]]
        tables.append(spark, "artwork", frame(spark, "artwork", _artwork()))
        tables.append(spark, "impressions", frame(spark, "impressions", impressions))
        tables.append(spark, "events", frame(spark, "events", plays))
        message = update_policies(spark, DS)
        first = tables.read_day(spark, "policies", DS).collect()
        update_policies(spark, DS)
        second = tables.read_day(spark, "policies", DS).collect()
        yield message, first, second


def test_the_job_says_what_it_learned_from(runs):
    message, (row,), _ = runs
    assert "2400 impressions, 400 quality plays" in message
    assert row["metrics"]["impressions"] == 2400
    assert row["policy"].startswith("artwork-") and row["policy"] in message


def test_learning_again_gives_the_same_policy_byte_by_byte(runs):
    _, first, second = runs
    assert [row["model"] for row in second] == [row["model"] for row in first]


def test_the_theme_with_more_quality_plays_is_believed_to_evoke_more(spark, runs):
    policy = policy_of(spark, DS)
    always = policy.beliefs.draws[:, :, 0].mean(axis=0)
    assert policy.themes == ("face", "place")
    assert always[0] > 0 > always[1]


def test_pages_use_the_policy_of_their_day_and_later_days_the_newest(spark, runs):
    _, (row,), _ = runs
    assert policy_of(spark, DS - timedelta(days=1)) is None
    assert policy_of(spark, DS).version == row["policy"]
    assert policy_of(spark, DS + timedelta(days=5)).version == row["policy"]


@pytest.mark.parametrize("wrong", [{"model_sha256": "00"}, {"model": "{}"}])
def test_a_policy_that_is_refused_hands_over_to_the_one_before(runs, spark, monkeypatch, wrong):
    _, (row,), _ = runs
    there = row.asDict()
    newer = there | {"ds": DS + timedelta(days=1)} | wrong
    if "model" in wrong:
        newer["model_sha256"] = sha256_text(wrong["model"])
    snapshot = SparkSnapshot(spark, end_of(newer["ds"] + timedelta(days=2 * HOLD)))
    _has(monkeypatch, snapshot, [there, newer])
    serving = snapshot.policy()
    assert serving.policy is not None and serving.policy.version == row["policy"]
    [reason] = serving.refused
    assert reason.startswith(f"policy of {newer['ds']}: policy: ") and "not loaded" in reason
    _has(monkeypatch, snapshot, [newer])
    assert snapshot.policy() == (None, serving.refused)


def _has(monkeypatch, snapshot, policies) -> None:
    """Let the snapshot have these policies."""
    table = pa.Table.from_pylist([{name: each[name] for name in KEPT} for each in policies])
    monkeypatch.setattr(
        snapshot, "rows", lambda _, filters, columns: _filtered(table, filters, columns)
    )


def _filtered(rows: pa.Table, filters, columns) -> pa.Table:
    """The rows of a day, if one is asked for."""
    for name, _, value in filters:
        rows = rows.filter(pc.equal(rows[name], value))
    return rows.select(columns)


def test_a_policy_serves_for_so_many_days():
    first = hold_start(DS)
    period = [first + timedelta(days=n) for n in range(artwork_settings().sticky.hold_days)]
    after = period[-1] + timedelta(days=1)
    assert {hold_start(day) for day in period} == {first}
    assert hold_start(after) == after


def test_the_policy_of_a_day_is_the_newest_at_the_start_of_its_period():
    start = hold_start(DS)
    before, earlier = start - timedelta(days=3), start - timedelta(days=9)
    assert day_of_policy([earlier, start + timedelta(days=1), before], DS) == before
    assert day_of_policy([DS], DS) == DS
    assert day_of_policy([DS + timedelta(days=1)], DS) is None


def test_without_artwork_there_is_no_policy_and_no_work(spark, lake):
    drafts.write_day(spark, ["ann"])
    assert idle(DS) == update_policies(spark, DS) == IDLE == "no artwork to choose from"
    assert policy_of(spark, DS) is None


def test_artwork_or_an_old_policy_is_work(spark, lake):
    tables.append(spark, "artwork", frame(spark, "artwork", _artwork()))
    first = REST["known_at"].date()
    assert [idle(first - timedelta(days=1)), idle(first)] == [IDLE, None]
    before = first - timedelta(days=9)
    policy = {
        "policy": "p",
        "model": "{}",
        "model_sha256": "0",
        "parameters": "{}",
        "trained_from": DS,
        "trained_until": DS,
        "input_versions": {},
        "code_version": "test",
        "metrics": {},
        "ds": before,
    }
    tables.append(spark, "policies", frame(spark, "policies", [policy]))
    assert idle(before) is None
    update_policies(spark, before)
    assert idle(before) == IDLE
