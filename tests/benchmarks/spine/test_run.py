from datetime import date

import pytest

from benchmarks.spine import run

FIRST, SECOND, LAST = (date(2026, 1, day) for day in (4, 5, 6))


class TablesWithoutSpark:
    """Tables whose content is named by the build that wrote it."""

    def __init__(self) -> None:
        self.content: dict[tuple[str, date], str] = {}

    def forget_day(self, spark: None, table: str, ds: date) -> None:
        self.content.pop((table, ds), None)

    def read_day(self, spark: None, table: str, ds: date) -> str:
        return self.content[table, ds]

    def content_hash(self, rows: str) -> str:
        return f"hash of {rows}"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> TablesWithoutSpark:
    tables = TablesWithoutSpark()
    monkeypatch.setattr(run, "tables", tables)
    return tables


def test_the_last_day_is_rebuilt_at_once_and_after_the_other_days_backwards(tables):
    builds = []

    def build(dag_id: str, ds: date) -> None:
        assert not any(day == ds for _, day in tables.content), "the day was forgotten before"
        tables.content["homepage_rows", ds] = f"build {len(builds)}"
        builds.append(ds)

    hashes = run._rebuilt_hashes(None, [FIRST, SECOND, LAST], build)
    assert builds == [LAST, SECOND, FIRST, LAST]
    assert hashes == ["hash of build 0", "hash of build 3"]


def test_the_content_hash_is_that_of_the_published_rows(tables):
    tables.content["homepage_rows", LAST] = "rows"
    assert run._content_hash(None, LAST) == "hash of rows"
