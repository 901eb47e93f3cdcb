"""Each defect changes a sound day, where the day has what it changes."""

import contextlib
import copy
from datetime import timedelta
from typing import Any

import pytest

from benchmarks.safety.data_defects import DATA_DEFECTS
from benchmarks.safety.defects import DEFECTS
from benchmarks.safety.drafts import DayDrafts
from benchmarks.safety.planting import batched
from conf.days import end_of
from tests import drafts

NAMES = [f"p{number}" for number in range(6)]
ABSENT = 25  # of the defects, that the small day has nothing for: trends, pictures, genres


def sound_day() -> DayDrafts:
    rows = [row for page in drafts.pages_of(NAMES).values() for row in page]
    titles: dict[str, dict[str, Any]] = {
        name: {
            "name": f"Name {name}",
            "maturity": facts.get("maturity"),
            "genres": facts.get("genres"),
            "languages": facts.get("languages"),
            "open_in": set() if facts.get("gone_in") else {"NO"},
        }
        for name, facts in drafts.TITLES.items()
    }
    profiles = {
        name: {
            "country": "NO",
            "kids": False,
            "maturity_limit": 12,
            "languages": ["no", "en"],
            "history": [{"title_id": title} for title in drafts.OWN],
        }
        for name in NAMES
    }
    pictures = {"t05": [{"artwork_id": "adult", "maturity": 18}]}
    before = [{**row, "as_of": end_of(drafts.DS) - timedelta(days=1)} for row in rows]
    return DayDrafts(rows, before, titles, pictures, profiles)


def planted_day(name: str) -> tuple[DayDrafts, DayDrafts]:
    """A sound day, and the same with a defect where there is something to plant it in."""
    sound, day = sound_day(), sound_day()
    with contextlib.suppress(LookupError, StopIteration):
        DEFECTS[name](day)
    return sound, day


def test_defects_change_the_day() -> None:
    same = [name for name in DEFECTS if (days := planted_day(name))[0].rows == days[1].rows]
    assert len(same) <= ABSENT, same


def test_there_are_as_many_as_promised() -> None:
    assert len(DEFECTS) + len(DATA_DEFECTS) - ABSENT >= 60


def test_a_defect_of_one_page_leaves_the_others_alone() -> None:
    sound, day = planted_day("an empty picture")
    changed = {
        row["profile_id"] for row, old in zip(day.rows, sound.rows, strict=True) if row != old
    }
    assert changed == {"p0"}


def test_a_part_of_the_day_shares_its_rows() -> None:
    day = sound_day()
    part = day.of_profiles(["p3"])
    next(part.cells())["evidence"] = "changed"
    assert part.page_owners == ["p3"]
    assert sum(cell["evidence"] == "changed" for cell in day.cells()) == 1


@pytest.mark.parametrize("name", ["no title has a genre", "the day's events four times"])
def test_defects_of_data_change_records(name: str) -> None:
    _, change = DATA_DEFECTS[name]
    moment = end_of(drafts.DS)
    row = {
        "ds": drafts.DS,
        "genres": ["Drama"],
        "event_id": "1",
        "event_at": moment,
        "known_at": moment,
    }
    assert change([copy.deepcopy(row)], drafts.DS) != [row]


def test_names_are_taken_some_at_a_time() -> None:
    assert list(batched("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
