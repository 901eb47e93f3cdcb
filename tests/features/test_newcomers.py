"""A farm of new profiles moves a title little, a launch at once."""

from datetime import timedelta

from conf.days import end_of
from features.daily import daily_counts
from features.title import title_features
from tests import worlds

DAY = worlds.START + timedelta(days=40)


def old_players(count: int, title: str, at=DAY) -> list[dict[str, object]]:
    """Plays of a title by profiles that had played something three weeks before."""
    before = [worlds.event(f"old{n}", "t0", DAY - timedelta(days=21)) for n in range(count)]
    return before + [
        worlds.event(f"old{n}", title, at + timedelta(minutes=n)) for n in range(count)
    ]


def new_players(count: int, title: str, **more: object) -> list[dict[str, object]]:
    """Plays of a title by profiles that never played, in one hour of the day."""
    return [
        worlds.event(f"new{n}", title, DAY + timedelta(hours=20, minutes=2 * n), **more)
        for n in range(count)
    ]


def features(spark, records, days: int = 0):
    """The features of t1 on the day, or so many days later."""
    log = [worlds.event("founder", "t0", worlds.START), *records]
    counts = daily_counts(worlds.frame(spark, "events", log))
    titles = worlds.frame(spark, "titles", [worlds.title(1)])
    return title_features(counts, titles, end_of((DAY + timedelta(days=days)).date())).first()


def test_twenty_new_accounts_in_an_hour_count_as_two(spark):
    row = features(spark, new_players(20, "t1"))
    assert row["title_plays_count_7d"] == 2
    assert (row["newcomers_count_1d"], row["uncounted_count_1d"]) == (20, 18)


def test_spread_over_countries_they_count_as_two_as_well(spark):
    spread = [
        {**e, "country": ("NO", "BR", "DE")[n % 3]} for n, e in enumerate(new_players(21, "t1"))
    ]
    row = features(spark, spread)
    assert row["title_plays_count_7d"] == 2
    assert sum(entry["plays_7d"] for entry in row["country_plays"]) == 2


def test_a_launch_counts_in_full_on_its_first_day(spark):
    """Established players at once, and as many newcomers as there are of them."""
    row = features(spark, old_players(30, "t1") + new_players(20, "t1"))
    assert row["title_plays_count_1d"] == 50
    assert row["uncounted_count_1d"] == 0


def test_newcomers_of_a_title_that_is_played_a_lot_every_day_count(spark):
    usual = [e for n in range(1, 15) for e in old_players(10, "t1", at=DAY - timedelta(days=n))]
    row = features(spark, usual + new_players(4, "t1"))
    assert row["uncounted_count_1d"] <= 1


def test_who_comes_again_a_week_later_is_no_newcomer(spark):
    again = [{**e, "event_id": e["event_id"] + "again"} for e in new_players(20, "t1")]
    for e in again:
        e["event_at"] = e["known_at"] = e["event_at"] + timedelta(days=8)
        e["ds"] = e["known_at"].date()
    row = features(spark, new_players(20, "t1") + again, days=8)
    assert row["title_plays_count_7d"] == 20


def test_in_a_young_log_everybody_counts(spark):
    records = [
        {**e, "event_at": worlds.START, "known_at": worlds.START, "ds": worlds.START.date()}
        for e in new_players(20, "t1")
    ]
    assert features(spark, records)["title_plays_count_all"] == 20
