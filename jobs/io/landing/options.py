"""What a landing may be told, besides the files."""
# Tested by tests/jobs/test_ingest_events.py.

from dataclasses import dataclass, field
from datetime import UTC, datetime

from conf.days import parse_instant
from conf.errors import UserMistake
from conf.landing import AHEAD, MOST_REFUSED


def _clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class LandingOptions:
    """When all this was learned, if it is known; what the clock says; which share of the records of
    a file may be refused.
    """

    known_at: datetime | None = None
    now: datetime = field(default_factory=_clock)
    most_refused: float = MOST_REFUSED

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 <= self.most_refused <= 1:
            raise UserMistake(
                f"--most-refused {self.most_refused:g}: is a share of the records, from 0 to 1"
            )

    @property
    def latest(self) -> datetime:
        """The moment after which nothing can have happened or been learned."""
        return self.known_at or self.now + AHEAD

    def moment(self, newest: datetime | None) -> datetime | None:
        """When a change was learned that has no date: with the newest event, and not after now."""
        if self.known_at:
            return self.known_at
        return newest and min(newest, self.now)


def landing_options(known_at: str | None, now: str | None, most_refused: float) -> LandingOptions:
    """The options as a command line gives them."""
    moment = parse_instant(known_at, "--known-at") if known_at else None
    clock = parse_instant(now, "--now") if now else _clock()
    return LandingOptions(moment, clock, most_refused)
