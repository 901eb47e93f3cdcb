"""Each rule of a row or a page has a fault that breaks it, and sound pages break none."""

import copy

import pytest

from conf.contracts import contract
from conf.errors import Rejected
from features.audit.artwork import PICTURE_RULES
from features.audit.evidence import EVIDENCE_RULES
from features.audit.makers import MAKER_RULES
from features.audit.pages import PAGE_RULES
from features.audit.rows import RANK_RULES, ROW_RULES
from tests import audited, drafts

FORM = {*ROW_RULES, *MAKER_RULES, *PAGE_RULES, *RANK_RULES}


@pytest.fixture(scope="module")
def broken_rules() -> dict[str, set[str]]:
    """The rules of form that each profile's page breaks: all faults are judged in one pass."""
    pages = drafts.pages_with_faults()
    rows = [row for page in pages.values() for row in page]
    found = audited.judged(audited.day_of_drafts(), rows, drafts.profile_records(list(pages)))
    rules: dict[str, set[str]] = {}
    for table in ("row_verdicts", "page_verdicts"):
        for profile, failing in audited.broken(found, table, ["profile_id"]).items():
            rules.setdefault(profile, set()).update(failing & FORM)
    return rules


def test_sound_page_breaks_no_rule(broken_rules: dict[str, set[str]]) -> None:
    assert broken_rules["fine"] == set()


@pytest.mark.parametrize("fault", drafts.FAULTS)
def test_fault_breaks_its_rules_and_no_others(
    broken_rules: dict[str, set[str]], fault: str
) -> None:
    assert broken_rules[fault] == drafts.FAULTS[fault][1]


def test_every_rule_has_a_fault_that_breaks_it() -> None:
    assert {rule for _, rules in drafts.FAULTS.values() for rule in rules} == FORM


def test_contract_declares_every_verdict() -> None:
    declared = set(contract("homepage_rows").rules)
    of_rows = {*ROW_RULES, *MAKER_RULES, *RANK_RULES, *EVIDENCE_RULES, *PICTURE_RULES}
    assert declared == {*of_rows, *PAGE_RULES}


def test_part_counts_what_is_broken_and_names_a_page_of_each_profile_first() -> None:
    pages = drafts.pages_of(["ann", "bob", "eve"])
    for row in (*pages["ann"][:4], pages["bob"][0], pages["eve"][1]):
        row["reason"] = "asdf"
    del pages["eve"][3]
    rows = [row for page in pages.values() for row in page]
    people = drafts.profile_records(["ann", "bob", "eve", "gone", "toddler"])
    part = audited.day_of_drafts().audited(
        audited.arrow("drafts", rows), audited.arrow("profile_features", people)
    )
    assert (part.rows, part.pages, part.low, part.high) == (len(rows), 5, "ann", "eve")
    assert part.broken["row_text_true"] == 6
    assert part.examples["row_text_true"][:3] == (
        "profile_id=ann row_position=1",
        "profile_id=bob row_position=1",
        "profile_id=eve row_position=2",
    )
    assert part.examples["rows_numbered_from_one"] == ("profile_id=eve",)
    # the toddler may see nothing at all
    assert (part.excused, part.examples["page_present"]) == (1, ("profile_id=gone",))
    assert part.measures["all|profiles"] == 5
    assert part.measures["all|pages"] == 3


def test_rows_of_no_profile_and_a_day_without_pages_are_judged() -> None:
    row = {**drafts.pages_of(["ann"])["ann"][0], "profile_id": None}
    part = audited.day_of_drafts().audited(
        audited.arrow("drafts", [row]), audited.arrow("profile_features", [])
    )
    assert part.rows == part.broken["profile_id_present"] == part.broken["profile_known"] == 1
    people = audited.arrow("profile_features", drafts.profile_records(["ann"]))
    part = audited.day_of_drafts().audited(audited.arrow("drafts", []), people)
    assert (part.rows, part.low, part.broken["page_present"]) == (0, None, 1)


def test_a_day_is_sent_with_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with other settings comes to the same verdicts."""
    page = drafts.pages_of(["ann"])["ann"]
    people = drafts.profile_records(["ann"])
    people[0]["history"][0]["stars"] = 4.0  # liked where there are five, not where there are ten
    tables = audited.arrow("drafts", page), audited.arrow("profile_features", people)
    day = audited.day_of_drafts()
    monkeypatch.setenv("FRONTROW_STARS", "10")
    there = copy.deepcopy(day)
    assert there.steps == day.steps
    assert there.audited(*tables) == day.audited(*tables)


def test_a_profile_that_is_there_twice_is_refused() -> None:
    people = drafts.profile_records(["ann", "ann"])
    with pytest.raises(Rejected, match="a key is there twice"):
        audited.judged(audited.day_of_drafts(), drafts.pages_of(["ann"])["ann"], people)
