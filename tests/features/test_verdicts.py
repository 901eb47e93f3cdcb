"""Each rule of a page has a fault that breaks it, and sound pages break none."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from conf.contracts import contract
from conf.days import end_of
from features.audit.claims import claims
from features.audit.evidence import EVIDENCE_RULES
from features.audit.pages import PAGE_RULES, page_verdicts, title_facts
from features.audit.rows import ROW_RULES, row_verdicts
from tests import drafts


@pytest.fixture(scope="module")
def broken(spark: SparkSession) -> Iterator[dict[str, set[str]]]:
    """The rules that fail, by profile: all faults judged in one pass."""
    pages = drafts.faulty_pages()
    profiles = drafts.profile_features(spark, list(pages))
    as_of = end_of(drafts.DS)
    facts = title_facts(*drafts.log_tables(spark), as_of)
    claimed = claims(drafts.title_features(spark), facts, profiles, as_of)
    rows = row_verdicts(drafts.frame(spark, pages), profiles, claimed, as_of).persist()
    judged = page_verdicts(rows, profiles, facts, as_of)
    found: dict[str, set[str]] = {}
    for names, frame in ((ROW_RULES, rows), (PAGE_RULES, judged)):
        failing = F.array_compact(F.array(*(F.when(~F.col(name), F.lit(name)) for name in names)))
        nulls = F.array_compact(
            F.array(*(F.when(F.col(name).isNull(), F.lit(f"null {name}")) for name in names))
        )
        for row in frame.select("profile_id", F.concat(failing, nulls).alias("failing")).collect():
            found.setdefault(row["profile_id"], set()).update(row["failing"])
    yield found
    rows.unpersist()


def test_sound_page_breaks_no_rule(broken: dict[str, set[str]]) -> None:
    assert broken["fine"] == set()


@pytest.mark.parametrize("fault", drafts.FAULTS)
def test_fault_breaks_its_rules_and_no_others(broken: dict[str, set[str]], fault: str) -> None:
    assert broken[fault] == drafts.FAULTS[fault][1]


def test_every_rule_has_a_fault_that_breaks_it() -> None:
    assert {rule for _, rules in drafts.FAULTS.values() for rule in rules} == {
        *ROW_RULES,
        *PAGE_RULES,
    }


def test_contract_declares_every_verdict() -> None:
    assert {c.columns[0] for c in contract("homepage_rows").checks} == {
        *ROW_RULES,
        *PAGE_RULES,
        *EVIDENCE_RULES,
    }
