"""Nothing that happened or was learned after the moment can change any value."""

from datetime import UTC, datetime, timedelta

import pytest

from conf.days import end_of
from features import daily, pairs, profile
from features.asof import known_records, newest_versions
from features.daily import complete_counts
from features.pairs import gram_rows, played_titles
from features.profile import profile_features
from features.title import title_features
from jobs.io.tables import spark as tables
from tests import worlds

MOMENT = end_of(datetime(2026, 3, 10).date())


def every_feature(spark, records, as_of=MOMENT) -> list[str]:
    """The content hashes of all features of a log at one moment."""
    events = worlds.frame(spark, "events", records).persist()
    counts = complete_counts(events, worlds.frame(spark, "daily_counts", []), as_of)
    titles = worlds.frame(spark, "titles", [worlds.title(n) for n in range(15)])
    profiles = profile_features(events, worlds.frame(spark, "profiles", []), as_of).persist()
    gram = gram_rows(played_titles(events, as_of), [f"t{n}" for n in range(15)])
    return [tables.content_hash(f) for f in (title_features(counts, titles, as_of), profiles, gram)]


def after_the_moment(seed: int) -> list[dict[str, object]]:
    """Records that happened after the moment, or happened before and were learned after."""
    later = [e for e in worlds.random_events(seed + 1000) if e["event_at"] > MOMENT]
    learned = [
        worlds.event(
            "p1", f"t{n}", MOMENT - timedelta(days=n), late=timedelta(days=n, seconds=1), value=5.0
        )
        for n in range(10)
    ]
    return later + learned


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_features_ignore_what_came_after(spark, seed):
    records = worlds.random_events(seed)
    assert every_feature(spark, records + after_the_moment(seed)) == every_feature(spark, records)


def test_a_planted_leak_is_caught(spark, monkeypatch):
    records = worlds.random_events(1)
    honest = every_feature(spark, records)
    for module in (profile, daily, pairs):
        monkeypatch.setattr(module, "known_records", lambda log, as_of: log)
    leaking = every_feature(spark, records + after_the_moment(1))
    assert all(a != b for a, b in zip(honest, leaking, strict=True))


def test_known_includes_the_moment_itself(spark):
    log = worlds.frame(spark, "events", [worlds.event("p", "t", MOMENT)])
    assert known_records(log, MOMENT).count() == 1
    assert known_records(log, MOMENT - timedelta(microseconds=1)).count() == 0


def test_newest_takes_the_version_known_then(spark):
    old, new = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    titles = worlds.frame(
        spark,
        "titles",
        [worlds.title(1, name="A", known_at=old), worlds.title(1, name="B", known_at=new)],
    )
    assert newest_versions(titles, ["title_id"], new - timedelta(seconds=1)).first()["name"] == "A"
    assert newest_versions(titles, ["title_id"], new).first()["name"] == "B"


def test_what_happens_later_is_not_known_whenever_it_was_learned(spark):
    """A clock that runs ahead: the record was learned at noon of a moment in the evening."""
    noon, evening = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 18, tzinfo=UTC)
    play = worlds.event("p", "t", evening) | {"known_at": noon}
    view = {"shown_at": evening, "known_at": noon, "ds": noon.date()}
    for log in (worlds.frame(spark, "events", [play]), spark.createDataFrame([view])):
        assert known_records(log, evening - timedelta(seconds=1)).count() == 0
        assert known_records(log, evening).count() == 1


def test_what_is_learned_later_is_not_known_though_it_had_happened(spark):
    """Told in the evening of the play at noon: the same day, an earlier moment of it."""
    noon, evening = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 18, tzinfo=UTC)
    log = worlds.frame(spark, "events", [worlds.event("p", "t", noon, late=evening - noon)])
    assert known_records(log, evening - timedelta(seconds=1)).count() == 0
    assert known_records(log, evening).count() == 1


def test_features_take_the_versions_of_profiles_and_titles_known_then(spark):
    """Both change a month after the moment: the limit of the profile, and the year of the title."""
    later = MOMENT + timedelta(days=30)
    settings = {"profile_id": "p1", "source": "test", "landing_id": "test"}
    versions = [{"known_at": MOMENT - timedelta(days=1), "maturity_limit": 12}]
    versions.append({"known_at": later, "maturity_limit": 18})
    profiles = worlds.frame(spark, "profiles", [settings | version for version in versions])
    titles = worlds.frame(
        spark, "titles", [worlds.title(1, year=2000), worlds.title(1, year=1900, known_at=later)]
    )
    events = worlds.frame(spark, "events", [worlds.event("p1", "t1", MOMENT)])
    none = worlds.frame(spark, "daily_counts", [])
    (of_profile,) = profile_features(events, profiles, MOMENT).collect()
    assert of_profile["maturity_limit"] == 12
    counts = complete_counts(events, none, MOMENT)
    (of_title,) = title_features(counts, titles, MOMENT).collect()
    assert of_title["title_year_age"] == MOMENT.year - 2000
