"""A small service of which it is known how its titles stand: tables alone, without Spark."""

from pathlib import Path

from jobs.io import title_health
from tests import audited, drafts, published

NAMES = ["ann", "bob", "eve"]
DS = drafts.DS


def write_healthy(lake: Path) -> None:
    """Two published days of three profiles, the newest with title_health, at FRONTROW_TABLES."""
    published.publish(lake, published.EVE, *NAMES[:2], title="Eve")
    published.publish(lake, DS, *NAMES)
    titles, windows = drafts.log_records()
    published.write(lake, "titles", titles)
    published.write(lake, "availability", windows)
    published.write(lake, "drafts", published.page_rows(DS, *NAMES))
    published.write(lake, "profile_features", drafts.profile_records(NAMES))
    published.write(lake, "title_features", drafts.title_feature_records())
    title_health.write_title_health(audited.day_of_drafts().tables, DS, 0)
