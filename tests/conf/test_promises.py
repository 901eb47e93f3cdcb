"""Promises that cannot be meant are refused; one holds from its first to its last run date."""

from datetime import date
from typing import Any

import pytest

from conf.changes import in_force
from conf.errors import UserMistake
from conf.promises import promises

LAUNCH = {
    "title_id": "t1",
    "country": "NO",
    "profiles": 5,
    "from_ds": "2026-05-01",
    "until_ds": "2026-05-03",
}


def declared(*each: dict[str, Any]) -> dict[str, Any]:
    """Promises laid over conf, with names of their own."""
    return {"promises.promises": {f"p{place}": one for place, one in enumerate(each, 1)}}


def test_nothing_is_promised_as_it_is_shipped() -> None:
    assert promises().promises == {}


@pytest.mark.parametrize(
    ("day", "holds"), [(30, False), (31, True), (32, True), (33, True), (34, False)]
)
def test_a_promise_holds_from_its_first_to_its_last_run_date(day: int, holds: bool) -> None:
    ds = date.fromordinal(date(2026, 3, 31).toordinal() + day)
    with in_force(declared(LAUNCH)):
        assert ("p1" in promises().on(ds)) == holds


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profiles": 0}, "greater than 0"),
        ({"title_id": ""}, "at least 1 character"),
        ({"until_ds": "2026-04-30"}, "until_ds is before from_ds"),
        ({"titel": "t1"}, "Extra inputs"),
    ],
)
def test_a_promise_that_cannot_be_meant_is_refused(change: dict[str, Any], message: str) -> None:
    with in_force(declared(LAUNCH | change)), pytest.raises(UserMistake, match=message):
        promises()


def test_one_title_is_promised_once_at_a_time_in_a_country() -> None:
    again = LAUNCH | {"from_ds": "2026-05-03", "until_ds": "2026-05-09"}
    for change in ({}, {"country": ""}):
        own = declared(LAUNCH, again | change)
        with in_force(own), pytest.raises(UserMistake, match="p1 and p2 promise"):
            promises()
    for change in ({"country": "SE"}, {"title_id": "t2"}, {"from_ds": "2026-05-04"}):
        with in_force(declared(LAUNCH, again | change)):
            assert len(promises().promises) == 2
