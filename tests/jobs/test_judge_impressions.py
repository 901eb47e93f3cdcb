"""What was shown is judged by what was known then; an offence ends the task and is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from conf.errors import Rejected
from conf.judge import judge_settings
from conf.ticks import tick_of
from jobs.io.tables import arrow as lake
from jobs.io.tables.schemas import arrow_schema
from jobs.judge_impressions import SUBJECTS, judge_impressions

UNTIL = datetime(2026, 1, 5, 21, 10, tzinfo=UTC)
TICK = tick_of(UNTIL)
SHOWN = UNTIL - timedelta(minutes=5)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
KNOWN = {"known_at": LONG_AGO, "source": "test", "landing_id": "1"}
IMPRESSION = {
    "page_id": "page",
    "profile_id": "kid",
    "row_id": "popular",
    "row_position": 1,
    "column_position": 1,
    "title_id": "t",
    "shown_at": SHOWN,
    "artwork_id": "t-art",
    "policy": "default",
    "propensity": 1.0,
    "known_at": SHOWN,
    "source": "test",
    "landing_id": "2",
    "ds": SHOWN.date(),
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    monkeypatch.setenv("FRONTROW_TABLES", str(tmp_path / "tables"))
    write("titles", {**KNOWN, "title_id": "t", "name": "T", "maturity": 7})
    write("artwork", {**KNOWN, "title_id": "t", "artwork_id": "t-art", "maturity": 0})
    write("profiles", {**KNOWN, "profile_id": "kid", "kids": True})


def write(name: str, *rows: dict[str, Any]) -> None:
    """Add rows to a table."""
    table = pa.Table.from_pylist(list(rows), arrow_schema(name))
    partition = ["ds"] if "ds" in table.column_names else None
    write_deltalake(lake.deltalake_path(name), table, mode="append", partition_by=partition)


def judgements() -> dict[str, int]:
    """The offences of the tick by verdict."""
    rows = lake.whole_table("judgements").to_pylist()
    assert {(row["ds"], row["tick"]) for row in rows} == {(TICK.ds, TICK.name)}
    return {row["verdict"]: row["offences_count"] for row in rows}


def test_what_might_be_shown_is_no_offence() -> None:
    write("impressions", IMPRESSION)
    assert judge_impressions(TICK) == "1 cells of 1 visits, none that might not be shown"
    verdicts = judge_settings().verdicts
    asked = {name for name, verdict in verdicts.items() if verdict.subject in SUBJECTS}
    assert judgements() == dict.fromkeys(asked, 0)


@pytest.mark.parametrize(
    ("table", "change", "verdict"),
    [
        ("titles", {"title_id": "t", "name": "T", "maturity": 16}, "title_too_old"),
        ("profiles", {"profile_id": "kid", "blocked_titles": ["t"]}, "title_blocked"),
        ("artwork", {"title_id": "t", "artwork_id": "t-art", "maturity": 16}, "artwork_too_old"),
    ],
)
def test_what_might_not_be_shown_is_kept_and_ends_the_task(
    table: str, change: dict[str, Any], verdict: str
) -> None:
    write(table, {**KNOWN, **change, "known_at": SHOWN - timedelta(minutes=2)})
    write("impressions", IMPRESSION)
    with pytest.raises(Rejected, match=f"of 1 cells shown some might not be: {verdict}: 1"):
        judge_impressions(TICK)
    assert judgements()[verdict] == 1


def test_what_was_learned_while_the_page_was_on_the_screen_does_not_count() -> None:
    change = {"profile_id": "kid", "blocked_titles": ["t"]}
    write("profiles", {**KNOWN, **change, "known_at": SHOWN - timedelta(seconds=30)})
    write("impressions", IMPRESSION)
    judge_impressions(TICK)


def test_impressions_of_other_ticks_wait_for_theirs() -> None:
    write("impressions", {**IMPRESSION, "title_id": "nowhere", "known_at": UNTIL})
    assert judge_impressions(TICK) == "nothing was shown"


def test_of_many_pages_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    few = judge_settings().impressions.model_copy(update={"most": 30})
    settings = judge_settings().model_copy(update={"impressions": few})
    monkeypatch.setattr("jobs.judge_impressions.judge_settings", lambda: settings)
    write("impressions", *({**IMPRESSION, "page_id": f"page {n}"} for n in range(300)))
    line = judge_impressions(TICK)
    assert line == judge_impressions(TICK) and 5 < int(line.split()[0]) < 100
