"""Which drafts may be published: those that the newest audit passed, as they were then."""

from datetime import date
from typing import Any

import pytest

from conf.errors import Rejected
from jobs import publish_homepage_rows as job
from jobs.io.published import publication
from jobs.io.published.publication import AuditedDrafts

DS = date(2026, 1, 5)


class Findings:
    """Rows of `audits` as a frame gives them: drafts_version, rule, passed and content_hash."""

    def __init__(self, *rows: tuple[int, str, bool]) -> None:
        names = ("drafts_version", "rule", "passed")
        self.rows = [
            dict(zip(names, row, strict=True)) | {"content_hash": f"of version {row[0]}"}
            for row in rows
        ]

    def orderBy(self, name: str) -> "Findings":
        self.rows.sort(key=lambda row: row[name])
        return self

    def collect(self) -> list[dict[str, Any]]:
        return self.rows


def audited(monkeypatch: pytest.MonkeyPatch, *rows: tuple[int, str, bool]) -> AuditedDrafts:
    monkeypatch.setattr(publication.tables, "read_day", lambda *_: Findings(*rows))
    return publication.passed_audit(None, DS)  # type: ignore[arg-type]


def test_the_newest_audit_decides(monkeypatch):
    found = audited(monkeypatch, (3, "a", False), (7, "a", True), (7, "b", True))
    assert found == AuditedDrafts(7, "of version 7")
    with pytest.raises(Rejected, match=r"audit of drafts version 7 failed \(b\)"):
        audited(monkeypatch, (3, "a", True), (3, "b", True), (7, "a", True), (7, "b", False))


@pytest.mark.parametrize(
    ("version", "content", "is_refused"),
    [(7, "other", False), (8, "same", False), (8, "other", True)],
)
def test_drafts_that_changed_since_are_refused(monkeypatch, version, content, is_refused):
    """Version 7 was audited; what was written since may be another day's."""
    monkeypatch.setattr(job.tables, "version_of", lambda *_: version)
    monkeypatch.setattr(job, "_content_hash", lambda *_: content)
    if is_refused:
        with pytest.raises(Rejected, match="changed after their audit"):
            job._refuse_changed_drafts(None, DS, AuditedDrafts(7, "same"))
    else:
        job._refuse_changed_drafts(None, DS, AuditedDrafts(7, "same"))
