"""Features worked out one record at a time, from the definitions in conf/columns.yaml."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from math import cos, log, pi, sin
from zlib import crc32

Record = dict[str, object]


def visible(events: list[Record], as_of: datetime) -> list[Record]:
    """What had happened and was known."""
    return [e for e in events if e["event_at"] <= as_of and e["known_at"] <= as_of]


def told_once(seen: list[Record]) -> list[Record]:
    """The records without those that tell a play again: of the same instant the one learned last."""
    others = [e for e in seen if e["kind"] != "play"]
    newest: dict[tuple[object, ...], Record] = {}
    for play in (e for e in seen if e["kind"] == "play"):
        key = (play["profile_id"], play["title_id"], play.get("episode"), play["event_at"])
        rank = lambda e: (e["known_at"], e.get("watched_seconds") or -1, e["event_id"])  # noqa: E731
        newest[key] = max(newest.get(key, play), play, key=rank)
    return others + what_each_adds(list(newest.values()))


def what_each_adds(plays: list[Record]) -> list[Record]:
    """Plays with the seconds that each adds: of running totals, what it is beyond the one before."""
    of_episode: dict[tuple[object, ...], list[Record]] = {}
    for play in sorted(plays, key=lambda e: e["event_at"]):
        has_time = play.get("watched_seconds") is not None
        key = (play["profile_id"], play["title_id"], play.get("episode"), has_time)
        of_episode.setdefault(key, []).append(play)
    adding = []
    for (*_, has_time), told in of_episode.items():
        adding += _adding(told) if has_time else told
    return adding


def _adding(told: list[Record]) -> list[Record]:
    seconds = [e["watched_seconds"] for e in told]
    since = [(b["event_at"] - a["event_at"]).total_seconds() for a, b in pairwise(told)]
    goes_on = [
        b > a or (b == a and gap < 6 * 3600)
        for (a, b), gap in zip(pairwise(seconds), since, strict=True)
    ]
    going = [n for n, on in enumerate(goes_on) if on]
    there_was = sum(min(seconds[n], since[n]) for n in going)
    least = 1.25 if all(seconds[n + 1] > seconds[n] for n in going) else 2.5
    if len(going) < 2 or sum(seconds[n] for n in going) <= least * there_was:
        return told
    added = [b - a if on else b for (a, b), on in zip(pairwise(seconds), goes_on, strict=True)]
    return told[:1] + [e | {"watched_seconds": s} for e, s in zip(told[1:], added, strict=True)]


def sittings(plays: list[Record]) -> list[Record]:
    """The plays at which a sitting of an episode begins: none of it in the six hours before."""
    gap = timedelta(hours=6)

    def leads_on(other: Record, play: Record) -> bool:
        same = all(
            other.get(name) == play.get(name) for name in ("profile_id", "title_id", "episode")
        )
        return same and timedelta(0) < play["event_at"] - other["event_at"] < gap

    return [play for play in plays if not any(leads_on(other, play) for other in plays)]


def learned_on(event: Record) -> date:
    """The day by whose end it had happened and was known."""
    return max(event["known_at"].date(), event["event_at"].date())


def span_of(profile_id: str, day: date) -> int:
    """The week of a profile that a day is in; not everybody's week begins on the same day."""
    return ((day - date(1970, 1, 1)).days + crc32(profile_id.encode()) % 7) // 7


def people(seen: list[Record]) -> list[Record]:
    """One entry for each profile, title and week of the profile: title_id, country, day, newcomer.

    Told day by day, as records were learned: what counted once goes on counting.
    """
    entries: dict[tuple[object, ...], Record] = {}
    learned = sorted(
        (e for e in seen if is_counted(e)), key=lambda e: (learned_on(e), e["event_at"])
    )
    for today in sorted({learned_on(e) for e in learned}):
        known = [e for e in learned if learned_on(e) <= today]
        began = min(e["event_at"].date() for e in known)
        plays = [e for e in known if e["kind"] == "play"]
        for e in sorted(
            (p for p in plays if learned_on(p) == today),
            key=lambda p: (p["event_at"], p.get("country") or ""),
        ):
            day = e["event_at"].date()
            key = (e["profile_id"], e["title_id"], span_of(e["profile_id"], day))
            own = [p for p in plays if p["profile_id"] == e["profile_id"]]
            same = [p for p in own if p["title_id"] == e["title_id"]]
            if key in entries or any(0 < hour(e) - hour(p) <= 6 for p in same):
                continue
            old = any((day - p["event_at"].date()).days >= 7 for p in own)
            entries[key] = {
                "title_id": e["title_id"],
                "country": e.get("country") or "",
                "day": day,
                "newcomer": not old and (day - began).days >= 7,
            }
    return list(entries.values())


def is_counted(event: Record) -> bool:
    """Plays, and ratings with stars."""
    stars = event["kind"] in ("play", "rating") and event.get("value") is not None
    return event["kind"] == "play" or stars


def hour(event: Record) -> int:
    """The hour it happened in, counted from 1970."""
    return int(event["event_at"].timestamp() // 3600)


def bounded(entries: list[Record]) -> list[Record]:
    """Of the people who count for one title those that the bound on newcomers lets count."""

    def bound(day: date, here: list[Record]) -> int:
        before = [e for e in here if 1 <= (day - e["day"]).days <= 28]
        established = [e for e in here if e["day"] == day and not e["newcomer"]]
        return max(2, len(established), len(before) * 5 // 28)

    counted = [e for e in entries if not e["newcomer"]]
    for day in sorted({e["day"] for e in entries}):
        new = [e for e in entries if e["day"] == day and e["newcomer"]]
        most, done = min(bound(day, entries), len(new)), 0
        for country in sorted({e["country"] for e in new}):
            own = [e for e in new if e["country"] == country]
            here = [e for e in entries if e["country"] == country]
            part = (done + len(own)) * most // len(new) - done * most // len(new)
            counted += own[: min(part, bound(day, here))]
            done += len(own)
    return counted


def title_row(events: list[Record], title: Record, as_of: datetime) -> dict[str, object]:
    """The row of `title_features` of one title."""
    seen = visible(events, as_of)
    entries = [e for e in people(seen) if e["title_id"] == title["title_id"]]
    counted = bounded(entries)
    plays = [e["day"] for e in counted]
    records = [
        e["event_at"].date()
        for e in seen
        if e["title_id"] == title["title_id"] and e["kind"] == "play"
    ]
    today = as_of.date()

    def count(days: int, of: list[date] = plays) -> int:
        return sum(day > today - timedelta(days=days) for day in of)

    newcomers = [e["day"] for e in entries if e["newcomer"]]
    counted_newcomers = [e["day"] for e in counted if e["newcomer"]]
    row: dict[str, object] = {
        f"title_plays_count_{w}d": count(w) for w in (1, 3, 7, 14, 30, 60, 90, 365)
    }
    row["title_plays_count_all"] = len(plays)
    row["title_trend_7d"] = log((count(7) + 1) / ((count(35) - count(7)) / 4 + 1))
    row["title_trend_30d"] = log((count(30) + 1) / ((count(90) - count(30)) / 2 + 1))
    row["title_first_play_age_days"] = float((today - min(records)).days) if records else None
    row["title_last_play_age_days"] = float((today - max(records)).days) if records else None
    launched_at = title.get("launched_at")
    row["title_launch_age_days"] = launched_at and (as_of - launched_at).total_seconds() / 86400
    row["title_year_age"] = float(as_of.year - title["year"])
    row["title_season_share"] = season_share(plays, today)
    row["title_stars_mean"] = shrunk_stars(seen, title["title_id"])
    row["title_stars_count"] = sum(e["title_id"] == title["title_id"] for e in newest_stars(seen))
    row["records_count_1d"] = count(1, records)
    row["newcomers_count_1d"] = count(1, newcomers)
    row["uncounted_count_1d"] = count(1, newcomers) - count(1, counted_newcomers)
    row["uncounted_count_7d"] = count(7, newcomers) - count(7, counted_newcomers)
    row["country_plays"] = country_plays(seen, counted, title["title_id"], today)
    return row


def country_plays(
    seen: list[Record], counted: list[Record], title_id: object, today: date
) -> list[tuple[object, ...]] | None:
    """(country, plays of 1, 3 and 7 days, of the 28 before those, in season and all of those 300
    days old).
    """
    own = [e for e in seen if e["title_id"] == title_id and is_counted(e)]
    entries = []
    for country in sorted({e.get("country") or "" for e in own}):
        here = [e["day"] for e in counted if e["country"] == country]
        ages = [(today - day).days for day in here]
        earlier = [age for age in ages if age >= 300]
        season = round((season_share(here, today) or 0) * len(earlier))
        windows = [sum(age < days for age in ages) for days in (1, 3, 7)]
        entries.append(
            (country, *windows, sum(7 <= age < 35 for age in ages), season, len(earlier))
        )
    return entries or None


def season_share(plays: list[date], today: date) -> float | None:
    """Plays within 15 days of this day of the year, out of all plays at least 300 days old."""
    earlier = [day for day in plays if (today - day).days >= 300]
    apart = [abs(day.timetuple().tm_yday - today.timetuple().tm_yday) for day in earlier]
    return sum(min(a, 365 - a) <= 15 for a in apart) / len(earlier) if earlier else None


def newest_stars(seen: list[Record]) -> list[Record]:
    """Of each profile and title the newest record with stars."""
    newest: dict[tuple[object, ...], Record] = {}
    for e in sorted(seen, key=lambda e: (e["event_at"], e["known_at"], e["event_id"])):
        if is_counted(e) and e.get("value") is not None:
            newest[e["profile_id"], e["title_id"]] = e
    return list(newest.values())


def shrunk_stars(seen: list[Record], title_id: object) -> float | None:
    """Mean stars with ten ratings of the overall mean added."""
    rated = newest_stars(seen)
    if not rated:
        return None
    overall = sum(e["value"] for e in rated) / len(rated)
    own = [e["value"] for e in rated if e["title_id"] == title_id]
    return (sum(own) + 10 * overall) / (len(own) + 10)


def profile_row(events: list[Record], profile_id: str, as_of: datetime) -> dict[str, object]:
    """The row of `profile_features` of one profile that has played."""
    seen = told_once([e for e in visible(events, as_of) if e["profile_id"] == profile_id])
    records = [e for e in seen if e["kind"] == "play"]
    plays = sittings(records)
    hours = [e["event_at"].hour for e in plays]
    ages = [(as_of - e["event_at"]).total_seconds() / 86400 for e in records]
    return {
        "profile_plays_count_7d": sum(
            e["event_at"].date() > as_of.date() - timedelta(days=7) for e in plays
        ),
        "profile_plays_count_30d": sum(
            e["event_at"].date() > as_of.date() - timedelta(days=30) for e in plays
        ),
        "profile_plays_count_all": len(plays),
        "profile_first_play_age_days": max(ages),
        "profile_last_play_age_days": min(ages),
        "profile_hour_mean_sin": sum(sin(2 * pi * h / 24) for h in hours) / len(hours),
        "profile_hour_mean_cos": sum(cos(2 * pi * h / 24) for h in hours) / len(hours),
        "profile_weekend_share": sum(e["event_at"].weekday() >= 5 for e in plays) / len(plays),
        "history": history(seen, records),
    }


def history(seen: list[Record], plays: list[Record]) -> list[tuple[object, ...]]:
    """(title, last play, plays, latest stars, first play, latest thumb) of each title played,
    newest first.
    """
    entries = []
    for title_id in {e["title_id"] for e in plays}:
        own = [e for e in plays if e["title_id"] == title_id]
        rated = [e for e in seen if e["title_id"] == title_id and e.get("value") is not None]
        latest = max(rated, key=lambda e: (e["event_at"], e["event_id"]), default={"value": None})
        thumbs = [e for e in seen if e["title_id"] == title_id and e["kind"] == "thumb"]
        thumb = max(thumbs, key=lambda e: (e["event_at"], e["event_id"]), default={"value": None})[
            "value"
        ]
        first, last = min(e["event_at"] for e in own), max(e["event_at"] for e in own)
        entries.append((title_id, last, len(sittings(own)), latest["value"], first, thumb))
    return sorted(entries, key=lambda entry: (-entry[1].timestamp(), entry[0]))
