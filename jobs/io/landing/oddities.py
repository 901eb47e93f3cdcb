"""What a landing notices about records that it takes."""
# Tested by tests/jobs/test_ingest_events.py.

from conf.landing import FAR_DAYS
from jobs.io.landing.summary import Newest


def far_events(newest: Newest) -> list[str]:
    """Events that lie far after all others, as those of a clock that is wrong do."""
    if not newest.far_count or newest.moment is None:
        return []
    return [
        f"events: {newest.far_count:,} lie more than {FAR_DAYS} days after all others, up to"
        f" {newest.far_last}; changes without a date are taken as learned at"
        f" {newest.moment:%Y-%m-%dT%H:%M:%SZ}, the newest of the others"
    ]
