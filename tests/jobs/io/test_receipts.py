"""Which version of the published table a reader may trust for a day."""

from datetime import date

import pytest

from conf.errors import Rejected, UserMistake
from jobs.io.receipts import Receipt, agreed, newest_receipt, trusted_version

MON, TUE = date(2026, 1, 5), date(2026, 1, 6)


def receipt(ds: date, version: int, rows: int = 9) -> Receipt:
    return Receipt(ds, version, rows, 1, "hash")


def write(*versions: int) -> list[tuple[int, str]]:
    return [(0, "CREATE TABLE"), *((version, "WRITE") for version in versions)]


@pytest.mark.parametrize(
    ("receipts", "commits", "trusted"),
    [
        ([receipt(MON, 1)], write(1), 1),
        ([receipt(MON, 1), receipt(TUE, 2)], write(1, 2), 2),  # another day's publication does not age this one
        ([receipt(MON, 1)], write(1, 2), 1),  # version 2 was cut short, or is nobody's
        ([receipt(MON, 1), receipt(TUE, 3)], write(1, 2, 3), 1),  # so it is when another day was published after it
        ([receipt(MON, 1), receipt(MON, 2)], write(1, 2), 2),  # published again
        ([receipt(MON, 1)], [*write(1), (2, "OPTIMIZE"), (3, "VACUUM END")], 1),
        ([receipt(MON, 5)], write(4, 5), 5),  # what went before the receipt is its own affair
    ],
)
def test_trusted_version(receipts: list[Receipt], commits: list[tuple[int, str]], trusted: int) -> None:
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
    agreed(receipt(MON, 1, rows=9), 9)
    with pytest.raises(Rejected, match="has 8 rows, its receipt says 9"):
        agreed(receipt(MON, 1, rows=9), 8)


def test_last_publication_of_a_day_holds() -> None:
    assert newest_receipt([receipt(MON, 2), receipt(MON, 7), receipt(TUE, 9)], MON) == receipt(MON, 7)
    assert newest_receipt([], MON) is None
