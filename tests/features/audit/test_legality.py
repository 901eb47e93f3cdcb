"""What the audit says of a title on a profile's page, case by case, each rule alone."""

from datetime import timedelta
from typing import Any

import pytest

from conf.days import end_of
from tests import audited, drafts

AS_OF = end_of(drafts.DS)
DAY = timedelta(days=1)
ORIGIN = {"known_at": AS_OF - 900 * DAY, "source": "test", "landing_id": "test"}
TITLES: dict[str, dict[str, Any]] = {
    "for_7": {"maturity": 7},
    "for_8": {"maturity": 8},
    "for_12": {"maturity": 12},
    "for_13": {"maturity": 13},
    "unrated": {},
    "thai": {"languages": ["th-TH"], "maturity": 0},
    "open": {"maturity": 0},
    "over": {"maturity": 0},
    "to_come": {"maturity": 0},
    "abroad": {"maturity": 0},
    "launched": {"maturity": 0, "launched_at": AS_OF},
    "unlaunched": {"maturity": 0, "launched_at": AS_OF + timedelta(seconds=1)},
}
WINDOWS = [  # title, country, days from the moment to its beginning and to its end
    ("open", "NO", -9, 9),
    ("over", "NO", -9, 0),
    ("to_come", "NO", 1, 9),
    ("abroad", "BR", -9, 9),
]
GROWN = {"country": "NO"}
CASES = [  # settings, title, whether the audit lets it pass
    (GROWN | {"maturity_limit": 12}, "for_12", True),
    (GROWN | {"maturity_limit": 12}, "for_13", False),
    (GROWN | {"maturity_limit": 12}, "unrated", False),
    (GROWN, "unrated", True),
    (GROWN | {"kids": True}, "for_12", True),  # the children's limit
    (GROWN | {"kids": True}, "for_13", False),
    (GROWN | {"kids": True, "maturity_limit": 18}, "for_13", False),
    (GROWN | {"kids": True, "maturity_limit": 7}, "for_7", True),
    (GROWN | {"kids": True, "maturity_limit": 7}, "for_8", False),
    (GROWN | {"kids": False, "maturity_limit": 13}, "for_13", True),
    (GROWN | {"blocked_titles": ["for_7"]}, "for_7", False),
    (GROWN | {"blocked_titles": ["for_8"]}, "for_7", True),
    (GROWN | {"languages": ["no", "en"]}, "thai", False),
    (GROWN | {"languages": ["TH"]}, "thai", True),
    (GROWN, "open", True),
    (GROWN, "over", False),
    (GROWN, "to_come", False),
    (GROWN, "abroad", False),
    ({"country": "BR"}, "abroad", True),
    (GROWN, "launched", True),
    (GROWN, "unlaunched", False),
]
IDS = [f"{number} {title}" for number, (_, title, _) in enumerate(CASES)]


@pytest.fixture(scope="module")
def passes() -> list[bool]:
    """Whether the page of each case, which shows its one title, keeps every rule on titles."""
    titles = [{"title_id": name, "name": name, **facts, **ORIGIN} for name, facts in TITLES.items()]
    windows = [
        {"title_id": title, "country": country, **ORIGIN}
        | {"from_at": AS_OF + begin * DAY, "until_at": AS_OF + end * DAY}
        for title, country, begin, end in WINDOWS
    ]
    ids = [f"{number:02d}" for number in range(len(CASES))]
    people = [
        {"profile_id": name, **settings} for name, (settings, *_) in zip(ids, CASES, strict=True)
    ]
    rows = [
        {"profile_id": name, "row_position": 1, "row_kind": "popular"}
        | {"cells": [{"column_position": 1, "title_id": title}]}
        for name, (_, title, _) in zip(ids, CASES, strict=True)
    ]
    day = audited.day_of({"titles": titles, "availability": windows})
    found = audited.broken(audited.judged(day, rows, people), "page_verdicts", ["profile_id"])
    return [not found[name] & {"titles_suitable", "titles_available"} for name in ids]


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=IDS)
def test_a_title_passes_where_its_reader_may_see_it(passes, number, case) -> None:
    assert passes[number] is case[2]
