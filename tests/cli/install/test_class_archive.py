"""The rehearsal of `make setup` goes as far as it pays: to the pages, which compiles what they are built with."""

import pytest

from cli.install.class_archive import DAY, PROFILES, rehearse
from jobs.io.tables import arrow as arrow_tables


@pytest.mark.long
def test_the_rehearsal_builds_pages_and_does_not_audit_them(spark, lake):
    rehearse(spark)
    assert arrow_tables.has_day("drafts", DAY)
    assert not arrow_tables.was_written("audits") and not arrow_tables.was_written("homepage_rows")
    pages = arrow_tables.sql("SELECT count(DISTINCT profile_id) AS pages FROM drafts").to_pylist()
    assert pages == [{"pages": PROFILES}]
