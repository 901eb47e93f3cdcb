"""What arrays say of a moment is what the definitions say, record by record: the same columns as from Spark."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.offline.features_from_log import TitleFacts, catalogue_from_log, profiles_from_log
from conf.days import end_of
from models.candidates.ratings import Ratings
from tests import worlds
from tests.oracles import features as oracle

TITLES, PROFILES = 15, 12
MOMENTS = [end_of(datetime(2026, 2, 14).date()), end_of(datetime(2027, 1, 20).date())]


def plays() -> list[dict[str, object]]:
    return [
        {
            **event,
            "known_at": event["event_at"],
            "kind": "play",
            "profile_id": event["profile_id"][1:],
        }
        for event in sorted(
            worlds.random_events(7, count=700), key=lambda e: (e["event_at"], e["event_id"])
        )
    ]


def arrays() -> tuple[Ratings, TitleFacts]:
    records = plays()
    profile, title = (
        np.array([int(r[name].strip("pt")) for r in records]) for name in ("profile_id", "title_id")
    )
    stars = np.array([np.nan if r["value"] is None else r["value"] for r in records])
    at = np.array([r["event_at"].timestamp() for r in records])
    year = 1990.0 + np.arange(TITLES)
    return Ratings(profile, title, stars, at, (PROFILES, TITLES)), TitleFacts(
        np.zeros((TITLES, 2), bool), year, np.full(TITLES, np.nan)
    )


@pytest.mark.parametrize("as_of", MOMENTS)
def test_title_columns_equal_the_oracle(as_of: datetime) -> None:
    catalogue = catalogue_from_log(*arrays(), as_of.timestamp())
    for number in range(TITLES):
        expected = oracle.title_row(plays(), worlds.title(number), as_of)
        for name in catalogue.features.keys() & expected.keys():
            wanted = np.nan if expected[name] is None else expected[name]
            assert catalogue.features[name][number] == pytest.approx(
                wanted, rel=1e-5, nan_ok=True
            ), name


@pytest.mark.parametrize("as_of", MOMENTS)
def test_profile_columns_and_histories_equal_the_oracle(as_of: datetime) -> None:
    profiles = profiles_from_log(arrays()[0], as_of.timestamp(), np.arange(PROFILES))
    for number in range(PROFILES):
        expected = oracle.profile_row(plays(), f"{number}", as_of)
        found = [int(title) for title in profiles.history(number)]
        assert found == [int(entry[0][1:]) for entry in expected.pop("history")]
        for name in profiles.features.keys() & expected.keys():
            assert profiles.features[name][number] == pytest.approx(expected[name], abs=1e-4), name


def test_later_plays_change_nothing() -> None:
    ratings, facts = arrays()
    as_of_s = MOMENTS[0].timestamp()
    known = ratings.where(ratings.at_s <= as_of_s)
    with_later, without = (catalogue_from_log(r, facts, as_of_s) for r in (ratings, known))
    for name, values in with_later.features.items():
        assert np.array_equal(values, without.features[name], equal_nan=True), name
    assert with_later.available[""].sum() == len(set(known.title.tolist()))


def test_a_member_without_plays_has_an_empty_history_and_unknown_ages() -> None:
    ratings = arrays()[0]
    before = (plays()[0]["event_at"] - timedelta(days=1)).astimezone(UTC).timestamp()
    nobody = profiles_from_log(ratings, before, np.array([3]))
    assert len(nobody.title) == 0
    assert np.isnan(nobody.features["profile_last_play_age_days"]).all()
