"""How titles stand with profiles, from the events of a log, by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from benchmarks.longrun.service_log import ServiceLog, empty_log
from benchmarks.offline.features_from_log import profiles_from_log
from models.catalogue.arrays import EVERYBODY
from simulator.records import EVENT

START = datetime(2026, 1, 5, tzinfo=UTC)


def play(profile: str, title: str, hours: float, watched: int, episode: str | None = None):
    event = dict.fromkeys(field.name for field in EVENT)
    at = START + timedelta(hours=hours)
    return event | {
        "profile_id": profile,
        "title_id": title,
        "event_at": at,
        "kind": "play",
        "watched_seconds": watched,
        "duration_seconds": 1000,
        "episode": episode,
        "device": "tv",
        "country": "GB" if profile == "bob" else "US",
    }


EVENTS = [
    play("ann", "film", 1, 400),
    play("ann", "ended", 2, 960),
    play("ann", "glimpse", 3, 30),
    play("ann", "series", 4, 1000, "S01E01"),
    play("bob", "series", 5, 1000, "S01E01"),
    play("bob", "series", 6, 1000, "S01E02"),
    play("ann", "film", 30, 200),
    play("bob", "ended", 31, 100) | {"kind": "rating", "value": 4.0, "watched_seconds": None},
]


def log() -> ServiceLog:
    titles = ["film", "ended", "glimpse", "series", "never"]
    outcome = pa.table({"events": pa.array([EVENTS[:3], EVENTS[3:]], pa.list_(EVENT))})
    return empty_log(["bob", "ann"], titles).with_events(outcome)


def states(until_hours: float) -> dict[str, dict[str, object]]:
    """Of ann, by title: where it goes on, how often it was finished, and the next episode."""
    past = log().until((START + timedelta(hours=until_hours)).timestamp())
    ann = np.array([past.profile_ids.index("ann")])
    profiles = profiles_from_log(past.plays, past.plays.at_s[-1], ann)
    viewing = past.viewing(profiles, ann)
    return {
        past.title_ids[title]: {
            "resume": viewing.resume_s[entry],
            "finished": viewing.finished[entry],
            "next": viewing.next_episode[entry],
            "goes on": bool(viewing.to_continue[entry]),
        }
        for entry, title in enumerate(profiles.title)
    }


def test_a_film_goes_on_where_it_was_left_and_its_sittings_add_up():
    assert states(24)["film"] == {"resume": 400, "finished": 0, "next": "", "goes on": True}
    assert states(48)["film"]["resume"] == 600


def test_a_film_at_its_credits_is_finished_and_a_glimpse_is_no_beginning():
    assert states(24)["ended"]["finished"] == 1
    assert not states(24)["ended"]["goes on"]
    assert not states(24)["glimpse"]["goes on"]


def test_the_next_episode_is_one_that_somebody_has_played():
    assert states(4.5)["series"]["next"] == ""
    assert states(24)["series"] == {"resume": 0, "finished": 1, "next": "S01E02", "goes on": True}


def test_plays_are_counted_by_country_and_for_everybody():
    plays = log().country_plays((START + timedelta(days=3)).timestamp())
    series = log().title_ids.index("series")
    assert plays["GB"]["plays_3d"][series] == 2
    assert plays["US"]["plays_7d"][series] == 1
    assert plays[EVERYBODY]["plays_7d"][series] == 3
    assert plays[EVERYBODY]["plays_1d"].sum() == 0


def test_ratings_count_as_plays_and_carry_their_stars():
    plays = log().plays
    assert len(plays) == len(EVENTS)
    assert plays.stars[-1] == 4
    assert np.isnan(plays.stars[:-1]).all()
