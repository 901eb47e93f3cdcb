"""The rehearsal of `make setup` goes as far as it pays: to the pages, which compiles what they are built with."""

from jobs.io import lake as stored
from jobs.tools.class_archive import DAY, PROFILES, rehearse


def test_the_rehearsal_builds_pages_and_does_not_audit_them(spark, lake):
    rehearse(spark)
    assert stored.has_day("drafts", DAY)
    assert not stored.has("audits") and not stored.has("homepage_rows")
    pages = stored.sql("SELECT count(DISTINCT profile_id) AS pages FROM drafts").to_pylist()
    assert pages == [{"pages": PROFILES}]
