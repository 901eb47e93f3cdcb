"""Small random logs for tests: the same seed gives the same log."""

import random
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from pyspark.sql import DataFrame, SparkSession

from jobs.io.tables import spark as tables

START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 120
LAST = date(2026, 4, 30)
GENRES = ("Comedy", "Drama", "Crime", "Sci-Fi")


def random_events(
    seed: int, count: int = 400, profiles: int = 12, titles: int = 15
) -> list[dict[str, object]]:
    """Plays and ratings in the first DAYS days of 2026, some of them learned late."""
    rng = random.Random(seed)
    return [
        event(
            f"p{rng.randrange(profiles)}",
            f"t{rng.randrange(titles)}",
            START + timedelta(seconds=rng.randrange(DAYS * 86400)),
            late=timedelta(days=rng.choice([0, 0, 0, 0, 2, 9])),
            kind=rng.choice(["play", "play", "play", "rating"]),
            value=rng.choice([None, 1.0, 3.0, 4.5, 5.0]),
            watched_seconds=rng.randrange(1, 7000),
            country=rng.choice([None, "NO", "BR"]),
        )
        for _ in range(count)
    ]


def random_sittings(seed: int, count: int = 500) -> list[dict[str, object]]:
    """Plays of films and of episodes with their watch times, thumbs, and changes of lists."""
    rng = random.Random(seed)
    kinds = ["play"] * 6 + ["thumb", "list_add", "list_add", "list_remove"]
    return [_watching(rng, rng.choice(kinds)) for _ in range(count)]


def pieces(
    profile: str, title: str, at: datetime, seconds: list[int], minutes: int, **more: object
) -> list[dict[str, object]]:
    """Records of one evening, `minutes` apart, with the seconds watched that each of them tells."""
    return [
        event(profile, title, at + timedelta(minutes=n * minutes), watched_seconds=watched, **more)
        for n, watched in enumerate(seconds)
    ]


def evenings_in_pieces(seed: int, count: int = 60) -> list[dict[str, object]]:
    """Evenings that players tell in many records: in pieces, or with the time watched so far."""
    rng, records = random.Random(seed), []
    for _ in range(count):
        at = START + timedelta(seconds=rng.randrange(DAYS * 86400))
        who = (f"p{rng.randrange(6)}", f"t{rng.randrange(4)}", at)
        episode = rng.choice([None, "S01E01"])
        told = [rng.randrange(1, 900) for _ in range(rng.randrange(1, 9))]
        minutes = rng.choice([0, 0, 5, 90, 300, 361])
        if minutes == 5 and rng.random() < 0.7:
            told = list(accumulate(told))  # the time watched so far
        late = timedelta(days=rng.choice([0, 0, 3]))
        records += pieces(*who, told, minutes, late=late, episode=episode, duration_seconds=5400)
    return records


def farm(seed: int, accounts: int = 20) -> list[dict[str, object]]:
    """New profiles that play t1 in one hour of 14 February, from two countries, some learned late.

    They come again on the two days after, and rate it five stars each time.
    """
    rng, evening = random.Random(seed), START + timedelta(days=44, hours=22)
    return [
        event(
            f"farm{account}",
            "t1",
            evening + timedelta(days=day, seconds=rng.randrange(3600)),
            late=timedelta(days=rng.choice([0, 0, 1])),
            value=5.0,
            country="NO" if account % 3 else "BR",
        )
        for account in range(accounts)
        for day in range(3)
    ]


def _watching(rng: random.Random, kind: str) -> dict[str, object]:
    number = rng.randrange(6)
    episode = rng.choice(["S01E01", "S01E02", "S02E01", "extra"]) if number % 2 else None
    watch = (
        {
            "watched_seconds": rng.choice([None, 5, 400, 1400, 1800]),
            "duration_seconds": 1800,
            "episode": episode,
            "device": rng.choice([None, "tv", "phone"]),
        }
        if kind == "play"
        else {}
    )
    at = START + timedelta(seconds=rng.randrange(DAYS * 86400))
    value = float(rng.choice([-1, 1])) if kind == "thumb" else None
    profile, late = f"p{rng.randrange(8)}", timedelta(days=rng.choice([0, 0, 0, 3]))
    return event(profile, f"t{number}", at, late, kind, value=value, **watch)


def event(
    profile: str,
    title: str,
    at: datetime,
    late: timedelta = timedelta(0),
    kind: str = "play",
    **more: object,
) -> dict[str, object]:
    """One record of `events`, learned `late` after it happened."""
    known = at + late
    return {
        "event_id": f"{profile}|{title}|{at.isoformat()}|{kind}|{sorted(more.items())}|{known}",
        "profile_id": profile,
        "title_id": title,
        "event_at": at,
        "known_at": known,
        "kind": kind,
        "source": "test",
        "landing_id": "test",
        "ds": known.date(),
        **more,
    }


def title(number: int, **more: object) -> dict[str, object]:
    """One record of `titles`, known from the start."""
    return {
        "title_id": f"t{number}",
        "name": f"Title {number}",
        "genres": [GENRES[number % 4], GENRES[number // 4 % 4]],
        "year": 1990 + number,
        "known_at": datetime(1970, 1, 1, tzinfo=UTC),
        "source": "test",
        "landing_id": "test",
        **more,
    }


def frame(spark: SparkSession, table: str, records: list[dict[str, object]]) -> DataFrame:
    """Records as a frame with exactly the table's columns; fields left out are null."""
    schema = tables.schema_of(spark, table)
    return spark.createDataFrame(
        [tuple(r.get(f.name) for f in schema.fields) for r in records], schema
    )


def write_log(spark: SparkSession, events: list[dict[str, object]], titles: int = 15) -> None:
    """Write a log and a catalogue into the test's lake."""
    tables.append(spark, "events", frame(spark, "events", events).coalesce(1))
    tables.append(
        spark, "titles", frame(spark, "titles", [title(n) for n in range(titles)]).coalesce(1)
    )
