"""A policy is learned from what was shown, kept as text, and found again by the pages it is for."""

from datetime import UTC, datetime, timedelta

import pytest

from conf.artwork import artwork
from conf.days import end_of
from jobs.io.snapshot.policies import held_from
from jobs.io.snapshot.spark import SparkSnapshot
from jobs.io.tables import spark as tables
from jobs.update_policies import IDLE, idle, update_policies
from tests import drafts
from tests.worlds import event, frame

DS = drafts.DS
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


def _shown(page, theme, title):
    return {
        "page_id": f"page{page}",
        "profile_id": "ann" if page % 2 else "bob",
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


def _taken(shown):
    cell = {
        name: shown[name]
        for name in ("page_id", "row_id", "row_position", "column_position", "device")
    }
    later = NOON + timedelta(minutes=1)
    return event(
        shown["profile_id"],
        shown["title_id"],
        later,
        watched_seconds=90,
        duration_seconds=100,
        **cell,
    )


@pytest.fixture(scope="module")
def learned(spark, tmp_path_factory):
    """A lake in which every third face is taken and no place ever is; the job has run twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FRONTROW_TABLES", str(tmp_path_factory.mktemp("lake") / "tables"))
        drafts.landed(spark, ["ann", "bob"])
        shown = [_shown(n, ("face", "place")[n % 4 // 2], f"t{n % 12:02d}") for n in range(2400)]
        faces = [cell for cell in shown if cell["artwork_id"].endswith("face")]
        tables.append(spark, "artwork", frame(spark, "artwork", _artwork()))
        tables.append(spark, "impressions", frame(spark, "impressions", shown))
        tables.append(
            spark, "events", frame(spark, "events", [_taken(cell) for cell in faces[::3]])
        )
        said = update_policies(spark, DS)
        first = tables.read_day(spark, "policies", DS).collect()[0]
        update_policies(spark, DS)
        again = tables.read_day(spark, "policies", DS).collect()
        before = policy_of(spark, DS - timedelta(days=1))
        yield (
            said,
            first,
            again,
            before,
            policy_of(spark, DS),
            policy_of(spark, DS + timedelta(days=5)),
        )


def policy_of(spark, ds):
    """The policy that chooses the artwork of a day."""
    return SparkSnapshot(spark, end_of(ds)).policy()


def test_the_job_says_what_it_learned_from(learned):
    said, first, *_ = learned
    assert "2400 impressions, 400 quality plays" in said
    assert first["metrics"]["impressions"] == 2400
    assert first["policy"].startswith("artwork-") and first["policy"] in said


def test_learning_again_gives_the_same_policy_byte_by_byte(learned):
    _, first, again, *_ = learned
    assert [row["model"] for row in again] == [first["model"]]


def test_what_is_taken_more_is_believed_to_evoke_more(learned):
    policy = learned[4]
    always = policy.beliefs.draws[:, :, 0].mean(axis=0)
    assert policy.themes == ("face", "place")
    assert always[0] > 0 > always[1]


def test_pages_find_the_policy_of_their_day_and_later_days_the_newest(learned):
    _, first, _, before, today, later = learned
    assert before is None
    assert today.version == later.version == first["policy"]


def test_a_choice_is_held_for_so_many_days():
    first = held_from(DS)
    held = [first + timedelta(days=n) for n in range(artwork().sticky.hold_days)]
    assert {held_from(day) for day in held} == {first}
    assert held_from(held[-1] + timedelta(days=1)) == held[-1] + timedelta(days=1)


def test_without_pictures_there_is_no_policy_and_no_work(spark, lake):
    drafts.landed(spark, ["ann"])
    assert idle(DS) == update_policies(spark, DS) == IDLE == "no pictures to choose from"
    assert policy_of(spark, DS) is None


def test_pictures_or_a_policy_left_behind_are_work(spark, lake):
    tables.append(spark, "artwork", frame(spark, "artwork", _artwork()))
    first = REST["known_at"].date()
    assert [idle(first - timedelta(days=1)), idle(first)] == [IDLE, None]
    policy = {
        "policy": "p",
        "model": "{}",
        "model_sha256": "0",
        "parameters": "{}",
        "trained_from": DS,
    }
    policy |= {"trained_until": DS, "input_versions": {}, "code_version": "test", "metrics": {}}
    before = first - timedelta(days=9)
    tables.append(spark, "policies", frame(spark, "policies", [{**policy, "ds": before}]))
    assert idle(before) is None
    update_policies(spark, before)
    assert idle(before) == IDLE
