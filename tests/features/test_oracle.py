"""Every feature equals its slow Python twin on random logs."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conf.contracts import contract
from conf.days import end_of
from conf.pages import SETTINGS
from features.asof import known_records
from features.daily import complete_counts, daily_counts
from features.profile import profile_features
from features.title import title_features
from jobs.io.tables import spark as tables
from tests import worlds
from tests.oracles import features as oracle

MOMENTS = [end_of(datetime(2026, 2, 14).date()), end_of(datetime(2027, 1, 20).date())]


LOGS = {  # the farm's records are told in pieces, corrected, late, from two countries
    "sparse": worlds.random_events(7),
    "dense": worlds.random_events(7, count=900, profiles=40, titles=3) + worlds.farm(7),
}


@pytest.mark.parametrize("as_of", MOMENTS)
@pytest.mark.parametrize("log", LOGS)
def test_title_features_equal_the_oracle(spark, log, as_of):
    records = LOGS[log]
    launches = [None, *(as_of - timedelta(days=n - 2.5) for n in range(1, 15))]
    titles = [worlds.title(n, launched_at=at) for n, at in enumerate(launches)]
    counts = daily_counts(worlds.frame(spark, "events", oracle.visible(records, as_of)))
    rows = title_features(counts, worlds.frame(spark, "titles", titles), as_of).collect()
    assert len(rows) == len(titles)
    for row in rows:
        expected = oracle.title_row(records, titles[int(row["title_id"][1:])], as_of)
        assert set(expected) == set(contract("title_features").columns) - {"title_id", "ds"}
        by_country = expected.pop("country_plays")
        assert by_country == (
            row["country_plays"] and [tuple(entry) for entry in row["country_plays"]]
        )
        assert {name: row[name] for name in expected} == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("as_of", MOMENTS)
def test_profile_features_equal_the_oracle(spark, as_of):
    records = worlds.random_events(8) + worlds.evenings_in_pieces(8)
    events = worlds.frame(spark, "events", records)
    rows = profile_features(events, worlds.frame(spark, "profiles", []), as_of).collect()
    assert {r["profile_id"] for r in rows} == {
        e["profile_id"] for e in oracle.visible(records, as_of)
    }
    for row in rows:
        expected = oracle.profile_row(records, row["profile_id"], as_of)
        # settings are those of the newest version: tests/features/test_asof.py
        of_others = {"profile_id", "ds", "my_list", *SETTINGS}  # the list: test_resume.py
        assert set(expected) == set(contract("profile_features").columns) - of_others
        history = [
            (
                e["title_id"],
                e["last_at"].replace(tzinfo=UTC),
                e["plays_count"],
                e["stars"],
                e["first_at"].replace(tzinfo=UTC),
                e["thumb"],
            )
            for e in row["history"]
        ]
        assert history == expected.pop("history")
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("log", LOGS)
def test_stored_partials_and_the_log_give_the_same_counts(spark, log):
    """Also where a landing on an old day left that day's partition stale, and those after it."""
    events = worlds.frame(spark, "events", LOGS[log]).persist()
    none = worlds.frame(spark, "daily_counts", [])
    whole = daily_counts(events)
    some = whole.where("ds < '2026-02-10'")
    stale = daily_counts(events.where("ds != '2026-02-14' OR profile_id > 'p3'"))
    as_of = end_of(worlds.LAST)
    answers = {
        tables.content_hash(complete_counts(events, s, as_of)) for s in (none, whole, some, stale)
    }
    assert len(answers) == 1


@pytest.mark.parametrize("log", LOGS)
def test_days_built_alone_in_any_order_are_those_of_the_whole_log(spark, log):
    """A day knows only the log up to its own end."""
    events = worlds.frame(spark, "events", LOGS[log]).persist()
    whole = daily_counts(events).persist()
    for ds in ("2026-02-18", "2026-02-15", "2026-02-14", "2026-02-16"):
        log_then = known_records(events, end_of(date.fromisoformat(ds)))
        alone = daily_counts(log_then, [date.fromisoformat(ds)])
        assert alone.count() > 0
        of_whole = whole.where(f"ds = '{ds}'")
        assert tables.content_hash(alone) == tables.content_hash(of_whole), ds
