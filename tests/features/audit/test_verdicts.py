"""Parts of a day add up, and are refused where they are not the whole of it or overlap."""

import pytest

from conf.errors import Rejected
from features.audit.verdicts import PartVerdicts, check_whole, day_measures, first_examples


def part(low: str | None, high: str | None, rows: int = 1, **more) -> PartVerdicts:
    facts = {"pages": 1, "excused": 0, "broken": {}, "examples": {}, "measures": {}, **more}
    return PartVerdicts(rows=rows, low=low, high=high, **facts)


def test_verdicts_survive_the_way_between_processes() -> None:
    sent = part(
        "a", "b", broken={"rule": 2}, examples={"rule": ("a", "b")}, measures={"all|x": 1.0}
    )
    assert PartVerdicts.from_json(sent.to_json()) == sent


def test_parts_are_the_whole_day() -> None:
    check_whole([part("a", "b", 3), part(None, None, 0), part("c", "c", 4)], 7)
    with pytest.raises(Rejected, match="3 rows of 4"):
        check_whole([part("a", "b", 3)], 4)


def test_no_profile_is_in_two_parts() -> None:
    with pytest.raises(Rejected, match="audited apart"):
        check_whole([part("a", "b"), part("b", "c")], 2)


def test_first_examples_are_those_of_the_first_parts() -> None:
    parts = [
        part("a", "b", examples={"r": ("a", "b", "c")}),
        part("d", "e", examples={"r": tuple("defg")}),
    ]
    assert first_examples(parts) == {"r": tuple("abcde")}


def test_measures_add_up_and_places_are_means() -> None:
    of_pages = {"all|pages": 2.0, "all|positions of new": 6.0, "all|rows of new": 2.0}
    parts = [
        part("a", "b", measures={**of_pages, "country=NO|profiles": 2.0}, excused=1),
        part("c", "d", measures={**of_pages, "country=XX|profiles": 1.0}),
    ]
    of_catalogue = {
        "all|titles": 9.0,
        "country=NO|titles open": 5.0,
        "country=BR|titles open": 7.0,
        "country=|titles open": 8.0,
    }
    assert day_measures(parts, of_catalogue) == {
        "all|pages": 4.0,
        "all|place of new": 3.0,
        "all|titles": 9.0,
        "all|excused": 1.0,
        "country=NO|profiles": 2.0,
        "country=NO|titles open": 5.0,
        "country=XX|profiles": 1.0,
        "country=XX|titles open": 8.0,  # nothing is known of it: as without a country
    }
