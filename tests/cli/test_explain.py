"""`frontrow explain` and `frontrow drift` on a small built lake: sums, ranks, and what they refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.drift import drift
from cli.explain import explain
from conf.errors import UserMistake
from studio.reports.ranker_rows import moment_of_day, newest_day, profile_rows
from tests.built import DAYS, tables_at


def scored_title(built: Path) -> str:
    """A title that the first profile may see and has not played."""
    moment = moment_of_day(DAYS[1])
    history = profile_rows(DAYS[1], "p1")["history"].to_pylist()[0]
    played = {entry["title_id"] for entry in history}
    return str(next(title for title in moment.catalogue.title_ids if title not in played))


def report(*words: str) -> dict[str, Any]:
    result = CliRunner().invoke(explain, [*words, "--json"], catch_exceptions=False)
    return dict(json.loads(result.output))


def test_what_the_features_add_sums_to_the_score(built: Path) -> None:
    with tables_at(built):
        title = scored_title(built)
        for ranker in ("top_picks", "pvr"):
            try:
                explained = report("--profile", "p1", "--title", title, "--ranker", ranker)
            except UserMistake as error:  # this small log may promote no such ranker
                assert "none that was trained by then was promoted" in str(error)
                continue
            added = sum(feature["adds"] for feature in explained["features"])
            assert explained["score"] == pytest.approx(explained["start"] + added, abs=1e-6)
            assert 1 <= explained["place"] <= explained["of"]


def test_drift_covers_every_feature_largest_first_and_is_kept(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    with tables_at(built):
        result = CliRunner().invoke(drift, ["--json"])
    if isinstance(result.exception, UserMistake):
        assert "none that was trained by then was promoted" in str(result.exception)
        return
    moved = json.loads(result.output)
    indices = [feature["psi"] for feature in moved["features"]]
    assert indices == sorted(indices, reverse=True) and len(indices) > 10
    assert (tmp_path / "reports" / f"drift-{moved['ranker']}-{DAYS[1]}.json").exists()


def test_a_profile_or_day_that_is_not_there_is_one_line_that_says_what_to_do(built: Path) -> None:
    with tables_at(built):
        assert newest_day("profile_features") == DAYS[1]
        with pytest.raises(
            UserMistake, match="'nobody' has no features on 2026-04-30; give the id"
        ):
            profile_rows(DAYS[1], "nobody")
        with pytest.raises(UserMistake, match="no rows for ds=2020-01-01; run `python -m jobs"):
            profile_rows(DAYS[1].replace(year=2020, month=1, day=1), "p1")


def test_before_anything_was_built_the_message_names_the_job(lake: Path) -> None:
    error = CliRunner().invoke(explain, ["--profile", "p1", "--title", "t1"]).exception
    assert isinstance(error, UserMistake) and "was not written yet" in str(error)
