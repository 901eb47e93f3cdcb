from datetime import UTC, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from conf.errors import UserMistake
from simulator import days
from simulator.records import states_of
from simulator.truth import NEVER
from tests.simulator.small import small_world
from tests.simulator.worlds import (
    ACCOUNTS,
    legal_for,
    observed,
    past,
    people,
    place_in_world,
    records,
    same_page,
    settings,
    states,
    with_terms,
)

ARMS = ("pipeline", "popular", "random", "oracle")
FAMOUS = [small_world().title_ids[t] for t in np.argsort(-small_world().titles.attraction)]


def day(
    number: int, before: pa.Table, pages: pa.Table | None = None, of=None, arms=("pipeline",)
) -> pa.Table:
    return days.day_outcome(
        small_world(), of or settings(), number, before, pages, observed(), arms
    )


def midnight(number: int) -> datetime:
    return datetime.combine(settings().first_day, time.min, UTC) + timedelta(days=number)


def test_the_past_is_the_same_however_accounts_are_batched():
    halves = [
        days.past_outcome(small_world(), settings(), first, count)
        for first, count in ((0, 37), (37, ACCOUNTS - 37))
    ]
    assert pa.concat_tables(halves).combine_chunks().equals(past().combine_chunks())


def test_a_day_is_the_same_in_any_split_and_order():
    before = states(past())
    pages = same_page(before["index"].to_numpy(), FAMOUS[:40])
    whole = day(0, before, pages, arms=ARMS)
    order = np.random.default_rng(1).permutation(len(before))
    parts = [
        day(0, before.take(part), pages.take(part), arms=ARMS) for part in np.split(order, [7, 90])
    ]
    shuffled = pa.concat_tables(parts).sort_by("index").combine_chunks()
    assert shuffled.equals(whole.combine_chunks())
    misaligned = day(0, before, pages.take(order), arms=ARMS)
    assert misaligned.equals(whole)


def test_a_day_simulated_in_parts_is_the_same_day():
    before = states(past())
    pages = same_page(before["index"].to_numpy(), FAMOUS[:40])
    whole = day(0, before, pages)
    state, parts = before, []
    for window in ((0, 30_000), (30_000, 30_001), (30_001, 86_400)):
        part = days.day_outcome(
            small_world(), settings(), 0, state, pages, observed(), session_window=window
        )
        state = states(part)
        parts.append(part)
    assert parts[-1]["state"].equals(whole["state"])
    for column, order in (("events", "event_at"), ("impressions", "shown_at")):
        keys = [
            (name, "ascending")
            for name in ("profile_id", order, "title_id", *(["row_id"] * (order == "shown_at")))
        ]
        in_parts = pa.concat_tables([records(part, column) for part in parts])
        assert in_parts.sort_by(keys).equals(records(whole, column).sort_by(keys).combine_chunks())
    sessions = [records(out, "measures")["sessions"].to_numpy() for out in (*parts, whole)]
    assert (sum(sessions[:3]) == sessions[3]).all() and sessions[3].sum() > 100


def test_another_replication_has_the_same_sessions_with_other_plays():
    before = states(past())
    pages = same_page(before["index"].to_numpy(), FAMOUS[:40])
    first, again, other = (
        days.day_outcome(
            small_world(), settings(), 0, before, pages, observed(), replication=number
        )
        for number in (0, 0, 1)
    )
    assert first.equals(again) and first.equals(day(0, before, pages))
    measures = [records(out, "measures") for out in (first, other)]
    assert measures[0]["sessions"].equals(measures[1]["sessions"])
    page_plays = [pc.sum(each["taken"]).as_py() for each in measures]
    assert (
        not measures[0]["taken"].equals(measures[1]["taken"])
        and abs(page_plays[0] - page_plays[1]) < 0.2 * page_plays[0]
    )
    arrivals = [
        records(out, "impressions").group_by("profile_id").aggregate([("shown_at", "min")])
        for out in (first, other)
    ]
    assert arrivals[0].sort_by("profile_id").equals(arrivals[1].sort_by("profile_id")), (
        "at the same time"
    )


def test_every_arm_meets_the_same_sessions_and_only_the_pipeline_writes_events():
    before = states(past())
    alone = day(0, before, same_page(before["index"].to_numpy(), FAMOUS[:40]))
    among = day(0, before, same_page(before["index"].to_numpy(), FAMOUS[:40]), arms=ARMS)
    assert among.drop(["measures"]).equals(alone.drop(["measures"]))
    measures = records(among, "measures")
    sessions = [
        measures.filter(pc.equal(measures["arm"], arm))["sessions"].to_pylist() for arm in ARMS
    ]
    assert sessions[0] == sessions[1] == sessions[2] == sessions[3]
    assert sum(sessions[0]) > 100


def test_nothing_is_played_that_is_closed_unlaunched_above_the_limit_or_not_understood():
    plays = records(past(), "events")
    plays = plays.filter(pc.equal(plays["kind"], "play"))
    number = pc.divide(
        pc.subtract(plays["event_at"], midnight(0)).cast(pa.int64()), 86_400_000_000
    ).to_numpy()
    which = pc.index_in(
        plays["profile_id"], value_set=past()["profile_id"].combine_chunks()
    ).to_numpy()
    titles = place_in_world(plays["title_id"])
    assert len(titles) > 2000
    for ago in range(1, settings().past_days + 1):
        that_day = plays["event_at"].to_numpy() >= np.datetime64(
            midnight(-ago).replace(tzinfo=None)
        )
        that_day &= plays["event_at"].to_numpy() < np.datetime64(
            midnight(1 - ago).replace(tzinfo=None)
        )
        who = people(past()["index"].to_numpy()[which[that_day]])
        assert legal_for(small_world(), who, -ago)[
            np.arange(that_day.sum()), titles[that_day]
        ].all()
        assert (who.join_day <= -ago).all() and (who.cancel_day > -ago).all()
    assert number.min() >= -settings().past_days


def test_a_page_of_titles_that_cannot_be_played_is_looked_at_and_never_played_from():
    who = people(past()["index"].to_numpy())
    legal = legal_for(small_world(), who, 0)
    never = [t for t in range(legal.shape[1]) if not legal[who.country == 0, t].any()]
    before = states(past()).filter(pa.array(who.country == 0))
    out = day(
        0,
        before,
        same_page(before["index"].to_numpy(), [small_world().title_ids[t] for t in never]),
    )
    measures = records(out, "measures")
    assert pc.sum(measures["illegal_seen"]).as_py() == pc.sum(measures["seen"]).as_py() > 0
    assert pc.sum(measures["page_plays"]).as_py() == 0


def test_events_are_unique_in_order_within_their_day_and_played_for_a_possible_time():
    out = day(5, states(past()), same_page(past()["index"].to_numpy(), FAMOUS))
    for row in out.select(["events"]).to_pylist():
        instants = [event["event_at"] for event in row["events"]]
        assert instants == sorted(instants)
        assert all(midnight(5) <= instant < midnight(6) for instant in instants)
    events = pa.concat_tables([records(out, "events"), records(past(), "events")])
    keys = events.select(["profile_id", "title_id", "event_at", "kind"])
    assert len(keys.group_by(keys.column_names).aggregate([])) == len(events)
    plays = events.filter(pc.equal(events["kind"], "play"))
    assert pc.all(pc.less_equal(plays["watched_seconds"], plays["duration_seconds"])).as_py()
    assert pc.min(plays["watched_seconds"]).as_py() >= 1


def test_a_day_without_sessions_has_no_events_and_leaves_the_states_as_they_were():
    per_day = settings().sessions.model_copy(update={"per_day": 1e-12})
    out = day(0, states(past()), None, settings().model_copy(update={"sessions": per_day}))
    assert len(records(out, "events")) == len(records(out, "impressions")) == 0
    before, after = states_of(past()["state"]), states_of(out["state"])
    assert (after.first == before.first).all() and (after.entries == before.entries).all()


def test_profiles_before_joining_or_after_cancelling_have_no_events():
    who = people(past()["index"].to_numpy())
    away = (who.join_day > 0) | (who.cancel_day <= 0)
    out = day(0, states(past()), same_page(who.index, FAMOUS[:40]))
    sessions = pc.list_element(out["measures"], 0).combine_chunks().field("sessions").to_numpy()
    assert away.sum() > 10
    assert sessions[away].sum() == 0 < sessions[~away].sum()
    assert (who.cancel_day != NEVER).all()


def test_a_newcomer_without_state_or_page_searches_as_in_the_past():
    newcomers = pa.table(
        {
            "index": past()["index"],
            "state": pa.nulls(len(past()), past().schema.field("state").type),
        }
    )
    events = records(day(0, newcomers, None), "events")
    assert set(events["kind"].to_pylist()) >= {"search", "play"}
    assert events["page_id"].null_count == len(events)


def test_an_unknown_title_or_arm_is_refused_by_name():
    before = states(past()).slice(0, 2)
    with pytest.raises(
        UserMistake, match="the page names a title the world does not know: 'nowhere'"
    ):
        day(0, before, same_page(before["index"].to_numpy(), [*FAMOUS[:3], "nowhere"]))
    with pytest.raises(UserMistake, match="'editorial'"):
        day(0, before, arms=("editorial",))


def test_members_tire_of_what_they_played_and_play_less_from_the_same_page():
    before, page = states(past()), same_page(past()["index"].to_numpy(), FAMOUS)
    tired = records(day(0, before, page, with_terms("appeal", satiation=4.0)), "measures")
    fresh = records(day(0, before, page, with_terms("appeal", satiation=0.0)), "measures")
    assert pc.sum(tired["page_plays"]).as_py() < 0.8 * pc.sum(fresh["page_plays"]).as_py()
