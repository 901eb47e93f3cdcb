"""A partition is named by a date and four digits, and by nothing that came from outside."""

from datetime import UTC, date, datetime

import pytest

from conf.ticks import tick_of
from jobs.io.tables.partitions import day_key, partition_text, predicate, tick_key

MONDAY = date(2026, 1, 5)
EVENING = tick_of(datetime(2026, 1, 5, 21, 10, tzinfo=UTC))


def test_a_day_and_a_tick_as_sql() -> None:
    assert predicate(day_key(MONDAY)) == "ds = DATE'2026-01-05'"
    assert predicate(tick_key(EVENING)) == "ds = DATE'2026-01-05' AND tick = '2110'"
    assert partition_text(tick_key(EVENING)) == "ds=2026-01-05, tick=2110"


@pytest.mark.parametrize(
    "text", ["2026-01-05", "2110' OR '1' = '1", "21100", "", "true", "DATE'2026-01-05'"]
)
def test_other_text_names_no_partition(text: str) -> None:
    with pytest.raises(TypeError, match="by a date or by four digits"):
        predicate({"ds": text})


def test_an_instant_is_no_date() -> None:
    with pytest.raises(TypeError):
        predicate({"ds": datetime(2026, 1, 5, tzinfo=UTC)})
