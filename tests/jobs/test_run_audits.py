"""The rules that come from the contract: each is broken once, and the audit names the rows."""

from pathlib import Path

import pytest

from conf.contracts import contract
from jobs.io.great_expectations import Batch, Finding, Rule, validation_findings
from jobs.run_audits import _batches, _least_rows
from tests import audited, drafts

REQUIRED = [name for name in contract("homepage_rows").required if name != "ds"]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """Findings on a page with its second row twice, one row without any required value and one at
    position 0.
    """
    page = drafts.pages_of(["ann"])["ann"]
    blank = {**page[0], **dict.fromkeys(REQUIRED)}
    low = {**page[2], "row_position": 0}
    rows = audited.arrow("drafts", [*page, page[1], blank, low])
    people = audited.arrow("profile_features", drafts.profile_records(["ann"]))
    part = audited.day_of_drafts().audited(rows, people)
    docs = tmp_path_factory.mktemp("docs")
    seen = {f.rule: f for f in validation_findings(_batches([part], _least_rows([])), docs)}
    assert (docs / "index.html").exists()
    return seen


@pytest.mark.parametrize("column", REQUIRED)
def test_missing_value_is_found(found: dict[str, Finding], column: str) -> None:
    assert not found[f"{column}_present"].passed
    assert found[f"{column}_present"].observed == "1 of 10"


def test_repeated_key_is_found_with_its_example(found: dict[str, Finding]) -> None:
    assert not found["keys_unique"].passed
    assert found["keys_unique"].examples == ("profile_id=ann row_position=2",)


def test_value_out_of_range_is_found_with_its_example(found: dict[str, Finding]) -> None:
    assert not found["row_position_in_range"].passed
    assert found["row_position_in_range"].examples == ("profile_id=ann row_position=0",)


def test_day_without_days_before_it_needs_one_row(found: dict[str, Finding]) -> None:
    assert found["rows_not_fewer"].passed


def test_sums_of_parts_are_held_against_the_bounds(tmp_path: Path) -> None:
    counts = [{"rows": 2, "torn": 0, "blot": 1}, {"rows": 1, "torn": 0, "blot": 1}]
    rules = (
        Rule("rows_not_fewer", "rows", "at least 4 rows", least=4),
        Rule("torn", "torn", "none is torn", least=0, most=0),
        Rule("blot", "blot", "none has a blot", least=0, most=0),
        Rule("never counted", "nothing", "what nobody counted does not hold", least=0, most=0),
    )
    batch = Batch("rows", counts, "rows", rules, {"blot": ("profile_id=ann",)})
    few, torn, blot, unknown = validation_findings([batch], tmp_path)
    assert (few.passed, few.observed) == (False, "3")
    assert (torn.passed, torn.observed) == (True, "holds")
    assert (blot.passed, blot.observed, blot.examples) == (False, "2 of 3", ("profile_id=ann",))
    assert not unknown.passed
    assert "could not be checked" in unknown.observed


def test_every_rule_of_the_contract_is_asked(found: dict[str, Finding]) -> None:
    assert set(contract("homepage_rows").rules) < set(found)
