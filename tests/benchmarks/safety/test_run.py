"""Days with changes are spread over the nights, and offences are counted by what they speak of."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner

from benchmarks.safety.life import Figures, Visits
from benchmarks.safety.planting import NOTHING, Outcome
from benchmarks.safety.readers import CALLER, REDIS, Readers, caller_settings
from benchmarks.safety.run import _changes_after, _summary, safety
from judge.judgement import Finding, Judgement

AT = datetime(2026, 1, 6, 12, tzinfo=UTC)


@pytest.mark.parametrize(("nights", "days"), [(60, 30), (7, 3), (5, 5), (4, 0)])
def test_days_with_changes_are_spread_over_the_nights(nights: int, days: int) -> None:
    assert sum(_changes_after(night, nights, days) for night in range(nights)) == days


def test_offences_are_counted_by_what_they_speak_of() -> None:
    findings = (
        Finding("title_too_old", "titles", 3, ("a",)),
        Finding("title_blocked", "titles", 1, ("b",)),
        Finding("anchor_not_played", "anchors", 2, ("c",)),
        Finding("page_empty", "pages", 1, ("d",)),
        Finding("propensity_impossible", "pages", 0, ()),
    )
    figures = Figures(nights=2, settings_s=[1.0, 3.0], false_alarms=["one"])
    figures.add(Judgement(5, 100, findings))
    outcomes = [Outcome("a", "rule"), Outcome("b", ""), Outcome("c", NOTHING)]
    summary = _summary(figures, ["tables", "release"], outcomes)
    assert summary["cells_judged"] == 100 and summary["readers"] == 2
    assert summary["illegal_titles"] == 4 and summary["illegal_artwork"] == 0
    assert summary["false_reasons"] == 2 and summary["empty_pages"] == 1
    assert (summary["planted_defects"], summary["defects_published"]) == (2, 1)
    assert summary["published"] == ["b"] and summary["false_alarms"] == 1
    assert summary["settings_to_readers_p95_s"] == 2.9


def test_visits_are_judged_together() -> None:
    visits = Visits()
    table = pa.table({"profile_id": ["ann"], "reader": ["x"]})
    visits.asked += [table, table]
    assert set(visits.tables()) == {"asked"} and visits.tables()["asked"].num_rows == 2


def test_a_server_is_read_only_where_there_is_one() -> None:
    assert REDIS not in Readers(Path(), "").names
    assert {REDIS, CALLER} < set(Readers(Path(), "redis://localhost").names)


def test_callers_pass_settings_alone() -> None:
    row = {"profile_id": "ann", "country": "US", "known_at": AT}
    row |= dict.fromkeys(("languages", "maturity_limit", "kids", "blocked_titles"))
    assert "profile_id" not in caller_settings(row) and caller_settings(row)["country"] == "US"


@pytest.mark.slow
def test_a_small_service_shows_nothing_that_it_may_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    arguments = ["--members", "6", "--nights", "1", "--days", "1", "--no-defects", "--json"]
    result = CliRunner().invoke(safety, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    figures = json.loads((tmp_path / "bench" / "safety.json").read_text())
    assert figures["readers"] >= 3 and figures["cells_judged"] > 10_000
    counts = ("illegal_titles", "illegal_artwork", "illegal_sentences", "empty_pages")
    assert {name: figures[name] for name in counts} == dict.fromkeys(counts, 0)
