"""Which version of the published table a reader may trust for a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conf.errors import Rejected, UserMistake
from jobs.io.published.receipts import (
    PublicationReceipt,
    check_row_count,
    newest_receipt,
    next_instant,
    trusted_version,
)

MON, TUE = date(2026, 1, 5), date(2026, 1, 6)


NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)


def receipt(
    ds: date, version: int, rows: int = 9, hour: int | None = None, tick: str | None = None
) -> PublicationReceipt:
    at = None if hour is None else NOON + timedelta(hours=hour)
    return PublicationReceipt(ds, version, rows, 1, "hash", at, tick)


def write(*versions: int) -> list[tuple[int, str]]:
    return [(0, "CREATE TABLE"), *((version, "WRITE") for version in versions)]


@pytest.mark.parametrize(
    ("receipts", "commits", "trusted"),
    [
        ([receipt(MON, 1)], write(1), 1),
        (
            [receipt(MON, 1), receipt(TUE, 2)],
            write(1, 2),
            2,
        ),  # another day's publication does not age this one
        ([receipt(MON, 1)], write(1, 2), 1),  # version 2 was cut short, or is nobody's
        (
            [receipt(MON, 1), receipt(TUE, 3)],
            write(1, 2, 3),
            1,
        ),  # so it is when another day was published after it
        ([receipt(MON, 1), receipt(MON, 2)], write(1, 2), 2),  # published again
        ([receipt(MON, 1)], [*write(1), (2, "OPTIMIZE"), (3, "VACUUM END")], 1),
        ([receipt(MON, 5)], write(4, 5), 5),  # what went before the receipt is its own affair
        (
            [receipt(MON, 1), receipt(TUE, 2)],
            write(1, 2, 3),
            2,
        ),  # nothing strange came before version 3
        (
            [receipt(MON, 1), receipt(MON, 2, hour=0), receipt(MON, 1, hour=1)],
            write(1, 2),
            1,
        ),  # rolled back
        (
            [receipt(MON, 1), receipt(MON, 3), receipt(MON, 1, hour=1), receipt(TUE, 2)],
            write(1, 2, 3),
            2,
        ),
        (
            [receipt(MON, 1), receipt(MON, 2), receipt(MON, 1, hour=1), receipt(TUE, 3, hour=2)],
            write(1, 2, 3),
            1,
        ),
        (
            [receipt(MON, 1), receipt(MON, 2), receipt(MON, 1, hour=1), receipt(MON, 3, hour=2)],
            write(1, 2, 3),
            3,
        ),
        (
            [receipt(MON, 1), receipt(MON, 2), receipt(MON, 1, hour=1), receipt(MON, 2, hour=2)],
            write(1, 2),
            2,
        ),
    ],
)
def test_trusted_version(
    receipts: list[PublicationReceipt], commits: list[tuple[int, str]], trusted: int
) -> None:
    assert trusted_version(receipts, commits, MON) == trusted


def test_day_without_receipt_names_the_days_that_have_one() -> None:
    with pytest.raises(UserMistake, match="published days: 2026-01-06"):
        trusted_version([receipt(TUE, 1)], write(1), MON)
    with pytest.raises(UserMistake, match="nothing was published yet"):
        trusted_version([], write(1), MON)


def test_receipt_of_a_version_that_is_gone_is_refused() -> None:
    with pytest.raises(Rejected, match="commits were lost"):
        trusted_version([receipt(MON, 3)], write(1, 2), MON)


def test_rows_have_to_be_as_many_as_the_receipt_says() -> None:
    check_row_count(receipt(MON, 1, rows=9), 9)
    with pytest.raises(Rejected, match="has 8 rows, its receipt says 9"):
        check_row_count(receipt(MON, 1, rows=9), 8)


def test_last_publication_of_a_day_holds() -> None:
    assert newest_receipt([receipt(MON, 2), receipt(MON, 7), receipt(TUE, 9)], MON) == receipt(
        MON, 7
    )
    assert newest_receipt([], MON) is None


def test_receipts_of_ticks_are_apart_from_each_other_and_from_the_days() -> None:
    known = [receipt(MON, 1, tick="0010"), receipt(MON, 3, tick="0020"), receipt(MON, 2)]
    assert newest_receipt(known, MON, "0010") == known[0] and newest_receipt(known, MON) == known[2]
    assert trusted_version(known, write(1, 2, 3), MON, "0010") == 3
    assert trusted_version(known, write(1, 2, 3, 4), MON, "0010") == 3  # 4 was cut short
    again = receipt(MON, 4, tick="0010")
    assert trusted_version([*known, again], write(1, 2, 3, 4), MON, "0010") == 4


def test_publication_comes_after_all_others_whatever_the_clock_says() -> None:
    ahead = receipt(MON, 1, hour=5)
    assert next_instant([ahead, receipt(TUE, 2)], NOON) == ahead.published_at + timedelta(
        microseconds=1
    )
    assert next_instant([ahead], NOON + timedelta(hours=6)) == NOON + timedelta(hours=6)
    assert next_instant([], NOON) == NOON
