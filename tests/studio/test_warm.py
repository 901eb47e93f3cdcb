"""What a studio reads before it is asked: everything that is there, and no fault where nothing is."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import keeper
from studio import warm
from studio.reports import ranker_rows
from tests.built import DAYS, tables_at


@pytest.fixture(autouse=True)
def keeping() -> Iterator[None]:
    yield
    keeper.keep_nothing()
    gc.unfreeze()


def test_all_that_views_need_is_read_before_they_are_asked(built: Path) -> None:
    with tables_at(built):
        warm.begin().join()
        assert warm.warm_up() == []
        tables = keeper.keeper()
        assert tables is not None
        kept = {Path(path).name for path, _ in tables.tables}
        assert {"homepage_rows", "titles", "title_health", "publications"} <= kept
        assert tables.rows.by_key
        assert arrow_tables.open_table("titles") is arrow_tables.open_table("titles")


def test_what_is_kept_is_no_longer_looked_at_by_the_garbage_collector(built: Path) -> None:
    with tables_at(built):
        warm.begin().join()
        assert not any(each is keeper.keeper() for each in gc.get_objects())


def test_rankers_that_serve_are_ready_before_a_score_is_asked_for(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tables_at(built):
        ranker_rows._serving.cache_clear()
        failed = warm.warm_up()
        made: list[object] = []
        monkeypatch.setattr(ranker_rows, "scorer", made.append)
        for name in ranker_rows.TITLE_RANKERS:
            if f"scores by {name}" not in failed:
                assert callable(ranker_rows.serving_ranker(name, DAYS[1]).scores)
        assert made == [] and len(failed) < len(ranker_rows.TITLE_RANKERS)


def test_before_anything_was_built_nothing_is_wrong(lake: Path) -> None:
    assert {"titles", "health"} <= set(warm.warm_up())
