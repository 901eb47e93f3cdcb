"""Each rule of a row or a page has a fault that breaks it, and sound pages break none."""

from collections.abc import Iterator

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.days import end_of
from features.audit.artwork import PICTURE_RULES
from features.audit.claims import row_titles, true_claims
from features.audit.evidence import EVIDENCE_RULES
from features.audit.pages import PAGE_RULES, page_verdicts, title_facts
from features.audit.rows import RANK_RULES, ROW_RULES, rank_verdicts, row_verdicts
from tests import drafts


@pytest.fixture(scope="module")
def broken_rules(spark: SparkSession) -> Iterator[dict[str, set[str]]]:
    """The rules that each profile's page breaks: all faults are judged in one pass."""
    pages = drafts.pages_with_faults()
    profiles = drafts.profile_features(spark, list(pages))
    as_of = end_of(drafts.DS)
    facts = title_facts(*drafts.log_tables(spark), as_of)
    titles = row_titles(drafts.title_features(spark), facts, profiles, as_of).persist()
    drafted = drafts.drafts_frame(spark, pages)
    on_rows = row_verdicts(drafted, profiles, true_claims(titles), facts, as_of).persist()
    on_pages = page_verdicts(on_rows, profiles, facts, as_of)
    on_order = rank_verdicts(on_rows, titles)
    rules: dict[str, set[str]] = {}
    for profile, failing in [
        *failures(on_rows, ROW_RULES),
        *failures(on_pages, PAGE_RULES),
        *failures(on_order, RANK_RULES),
    ]:
        rules.setdefault(profile, set()).update(failing)
    yield rules
    on_rows.unpersist()


def failures(verdicts: DataFrame, names: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """(profile, the rules of some names that are false or null) of each record of verdicts."""
    is_false = [F.when(~F.col(name), F.lit(name)) for name in names]
    is_null = [F.when(F.col(name).isNull(), F.lit(f"null {name}")) for name in names]
    failing = F.array_compact(F.array(*is_false, *is_null)).alias("failing")
    records = verdicts.select("profile_id", failing).collect()
    return [(record["profile_id"], record["failing"]) for record in records]


def test_sound_page_breaks_no_rule(broken_rules: dict[str, set[str]]) -> None:
    assert broken_rules["fine"] == set()


@pytest.mark.parametrize("fault", drafts.FAULTS)
def test_fault_breaks_its_rules_and_no_others(
    broken_rules: dict[str, set[str]], fault: str
) -> None:
    assert broken_rules[fault] == drafts.FAULTS[fault][1]


def test_every_rule_has_a_fault_that_breaks_it() -> None:
    planted = {rule for _, rules in drafts.FAULTS.values() for rule in rules}
    assert planted == {*ROW_RULES, *PAGE_RULES, *RANK_RULES}


def test_contract_declares_every_verdict() -> None:
    declared = set(contract("homepage_rows").rules)
    of_rows = {*ROW_RULES, *RANK_RULES, *EVIDENCE_RULES, *PICTURE_RULES}
    assert declared == {*of_rows, *PAGE_RULES}
