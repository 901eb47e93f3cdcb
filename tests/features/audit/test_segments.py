"""Pages, orders and the catalogue are counted by segment as a day's tables say."""

import pytest

from conf.changes import in_force
from conf.days import end_of
from features.audit.comparison import own_measures
from features.audit.segments import page_measures
from features.audit.verdicts import day_measures
from tests import audited, drafts

AS_OF = end_of(drafts.DS)


USUAL = {"top_picks": 30.0, "popular": 20.0, "new": 1.0}  # places of the days before


def measured(usual_places: dict[str, float]) -> dict[str, float]:
    """Two profiles, one with a page of three rows; the catalogue of `drafts` with one picture."""
    profiles = [
        {"profile_id": "ann", "country": "NO", "languages": ["no"], "kids": False}
        | {"profile_first_play_age_days": 400.0},
        {"profile_id": "kid", "country": "BR", "kids": True, "maturity_limit": 7},
    ]
    rows = [
        {"profile_id": "ann", "row_kind": kind, "row_position": position}
        | {"cells": [{"title_id": f"t{number:02d}"} for number in range(size)]}
        for kind, position, size in (("top_picks", 1, 50), ("popular", 2, 10), ("new", 30, 10))
    ]
    titles, availability = drafts.log_records()
    origin = {"known_at": AS_OF, "source": "test", "landing_id": "test"}
    artwork = [{"title_id": "t01", "artwork_id": "a", **origin}]
    day = audited.day_of(
        {"titles": titles, "availability": availability, "artwork": artwork},
        usual_places=usual_places,
    )
    part = day.audited(audited.arrow("drafts", rows), audited.arrow("profile_features", profiles))
    return day_measures([part], day.measures)


@pytest.fixture(scope="module")
def measures() -> dict[str, float]:
    return measured(USUAL)


def test_own_measures_do_not_depend_on_the_days_before(measures: dict[str, float]) -> None:
    first_day = measured({})
    assert first_day != measures
    assert own_measures(first_day) == own_measures(measures)


@pytest.mark.parametrize(
    ("name", "value"),
    {
        "all|profiles": 2,
        "all|pages": 1,
        "all|rows": 3,
        "all|cells": 70,
        "all|cells on phone": 30,  # 20 rows of 20
        "all|with popular": 1,
        "all|with my_list": 0,
        "country=NO|pages": 1,
        "country=BR|profiles": 1,
        "country=BR|pages": 0,
        "language=no|pages": 1,
        "language=|pages": 0,
        "kids=true|pages": 0,
        "limit=7|profiles": 1,
        "limit=none|profiles": 1,
        "tenure=longer|pages": 1,
        "tenure=none|pages": 0,
        "all|ordered": 1,
        "all|reversed": 1,
        "all|late": 1,  # new titles stand below their last position
        "all|place of popular": 2,
        "all|titles": len(drafts.TITLES),
        "all|titles with pictures": 1,
        "all|titles with genres": 24,
        "all|titles in Drama": 24,
        "all|titles with windows": 2,
        "all|titles launched": len(drafts.TITLES) - 1,
        "all|titles for age 7": len(drafts.TITLES) - 1,
        "all|titles for age 0": 0,
        "all|pictures": 1,
        "all|pictures for age 7": 1,  # of a title for 6
        "all|titles with maturity": len(drafts.TITLES),
        "country=NO|titles open": len(drafts.TITLES) - 1,  # one is gone there
        "country=BR|titles open": len(drafts.TITLES) - 1,  # and one has a window in NO alone
    }.items(),
)
def test_measure_counts(measures: dict[str, float], name: str, value: float) -> None:
    assert measures[name] == value


def test_title_in_front_by_a_burst_is_measured() -> None:
    counts = ("title_id", "title_plays_count_30d", "uncounted_count_1d")
    others = [(f"t{plays}", plays, 0) for plays in range(50, 90)]
    before = [*others, ("farm", 5, 0), ("few", 1, 0)]
    day = [*others, ("farm", 99, 7), ("few", 3, 7)]
    known = {"title_features": day, "title_features_before": before}
    measures = audited.day_of(
        {
            name: [dict(zip(counts, row, strict=True)) for row in rows]
            for name, rows in known.items()
        }
    ).measures
    assert {key: value for key, value in measures.items() if key.startswith("title=")} == {
        "title=farm|place": 1.0,
        "title=farm|place before": 41.0,
    }


def test_records_of_plays_are_counted_beside_the_people_who_played() -> None:
    counts = ("title_id", "title_plays_count_1d", "uncounted_count_1d", "records_count_1d")
    day = [("t1", 5, 2, 20), ("t2", 1, None, 1)]
    known = {"title_features": [dict(zip(counts, row, strict=True)) for row in day]}
    measures = audited.day_of(known).measures
    assert (measures["all|records"], measures["all|plays"]) == (21.0, 8.0)


def test_a_variant_counts_the_pages_that_were_to_have_no_row_of_a_kind():
    assert "without" not in page_measures()
    with in_force({"rows.kinds.hidden_gems": None}):
        assert "without hidden_gems" in page_measures()
        assert "with hidden_gems" not in page_measures()
