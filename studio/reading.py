"""What several views read, kept in memory for as long as the version that it was read from."""
# Tested by tests/studio/test_views.py.

from bisect import bisect_left
from datetime import date
from functools import lru_cache

from jobs.io.published import homepage
from jobs.io.published.receipts import PUBLISHED, PublicationReceipt, published_days
from jobs.io.tables import arrow as arrow_tables

LAST_CHARACTER = "\U0010ffff"


def days() -> list[date]:
    """The published days, newest first."""
    return published_days(homepage.publication_receipts())[::-1]


def publications_of(day: date) -> list[PublicationReceipt]:
    """The receipts of a day, newest first."""
    receipts = homepage.publication_receipts()
    return [receipt for receipt in receipts[::-1] if receipt.ds == day]


def profiles_of(day: date) -> list[str]:
    """The profiles that have a page on a published day, sorted."""
    return _profiles(day, homepage.trusted_version_of(day))


@lru_cache(maxsize=8)
def _profiles(day: date, version: int) -> list[str]:
    table = arrow_tables.open_table(PUBLISHED, version)
    assert table is not None  # the version is a published one
    return homepage.profiles_in(table, day)


def beginning_with(sorted_texts: list[str], prefix: str) -> list[str]:
    """The texts of a sorted list that begin with a prefix.

    >>> beginning_with(["a1", "a2", "b"], "a")
    ['a1', 'a2']
    """
    first = bisect_left(sorted_texts, prefix)
    return sorted_texts[first : bisect_left(sorted_texts, prefix + LAST_CHARACTER)]
