"""Jobs with Spark that are killed as they write and commit, and run again as Airflow would.

Readers look at the published pages at each moment, and in the end every table has to hold what it
holds where nobody was killed.
"""

# Tested by tests/benchmarks/trust/test_kills.py.

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from benchmarks.trust import service
from benchmarks.trust.contents import Contents, contents, differences
from benchmarks.trust.made import own_home
from benchmarks.trust.watching import Run, run
from conf.days import start_of
from conf.errors import FrontrowError, Rejected, Retryable, UserMistake
from conf.schedule import cadence
from jobs.io.published import homepage
from jobs.io.tables import repairs

Say = Callable[[str], None]
KILLS = 60
MOST_TRIES = 3  # of a job that was killed, as Airflow retries
NO_PAGE = "no page"
Page = str  # the text of somebody's rows


@dataclass(frozen=True)
class Step:
    """A job of the service with its command."""

    name: str
    argv: Sequence[str]


@dataclass
class Counts:
    """What came of the kills."""

    kills: Counter[str] = field(default_factory=Counter)  # by moment
    jobs: Counter[str] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    too_late: int = 0  # the job had ended before
    equal: int = 0
    unequal: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def failures(self) -> str:
        """What was not as it should be so far."""
        return "; ".join([*self.unequal, *self.unfinished, *self.damaged]) or "all as it should be"


def figures(say: Say, kills: int = KILLS) -> dict[str, object]:
    """How many jobs were killed at which moments, and after how many of them every table came to
    the same.
    """
    counts = Counts()
    with own_home() as home:
        say("a small service")
        with service.at(home / "before"):
            night = service.make(home / "before", say)
        for step, number in shares(steps(home, night), kills):
            say(f"{step.name}: {number} kills of {counts.kills.total()} so far")
            kill(home, step, number, night, counts)
            say(f"{step.name}: {counts.failures()}")
    return {
        "spark_kills": counts.kills.total(),
        "spark_kills_by_moment": dict(counts.kills),
        "spark_kills_by_job": dict(counts.jobs),
        "spark_kills_too_late": counts.too_late,
        "spark_kills_equal": counts.equal,
        "spark_kills_unequal": counts.unequal,
        "spark_kills_unfinished": counts.unfinished,
        "spark_kills_damaged": counts.damaged,
        "spark_kills_reads": counts.reads.total(),
        "spark_kills_wrong_reads": counts.reads["wrong"],
    }


def steps(home: Path, night: date) -> list[Step]:
    """What the service does that night: plays of the day after land, the night is built, and a tick."""
    sent = home / "sent"
    service.write_plays_after(sent, night)
    until = (start_of(night + timedelta(days=1)) + timedelta(minutes=30)).strftime(
        "%Y-%m-%dT%H:%MZ"
    )
    land = ("-m", "cli.main", "land", "--dataset", "files", "--input", str(sent))
    nightly = [(job, "--ds", str(night)) for job in cadence("homepage_daily").jobs]
    tick = [(job, "--until", until) for job in ("compute_overlays", "publish_updates")]
    jobs = [Step(job, ("-m", f"jobs.{job}", *when)) for job, *when in (*nightly, *tick)]
    return [Step("land", land), *jobs]


def shares(wanted: Sequence[Step], kills: int) -> Iterator[tuple[Step, int]]:
    """Each step with its share of the kills."""
    for number, step in enumerate(wanted):
        yield step, kills // len(wanted) + (number < kills % len(wanted))


def kill(home: Path, step: Step, kills: int, night: date, counts: Counts) -> None:
    """Run a step as it should be, and for each kill on a copy of what was there before it."""
    service.copy(home / "before", home / "after")
    whole = _run(home / "after", step)
    if whole.status:
        raise FrontrowError(f"{step.name} ended with status {whole.status}: {whole.output[-500:]}")
    wanted = contents(home / "after" / "tables")
    right = pages(home, night)
    for moment in _drawn(whole, kills, Random(step.name)):
        service.copy(home / "before", home / "night")
        _killed(home / "night", step, moment, wanted, right, counts)
        shutil.rmtree(home / "night")
    shutil.rmtree(home / "before")
    (home / "after").rename(home / "before")


def _drawn(whole: Run, kills: int, random: Random) -> list[int]:
    """Moments of a job by their numbers: each once, then again."""
    numbers = list(range(len(whole.moments)))
    random.shuffle(numbers)
    return [numbers[n % len(numbers)] for n in range(kills)] if numbers else []


def _killed(
    home: Path,
    step: Step,
    moment: int,
    wanted: Contents,
    right: dict[date, set[Page]],
    counts: Counts,
) -> None:
    """Kill a step at a moment, run it again until it is done, and compare what is there."""
    with service.at(home):
        look = reader(right, counts)
        first = _run(home, step, look, moment)
        if not first.was_killed:
            counts.too_late += 1
            return
        name = f"{step.name} at {moment} ({first.moments[moment]})"
        counts.kills[first.moments[moment]] += 1
        counts.jobs[step.name] += 1
        look()
        if not _is_done(home, step, look):
            counts.unfinished.append(name)
            return
        look()
        others = differences(wanted, contents(home / "tables"))
        counts.equal += not others
        if others:
            counts.unequal.append(f"{name}: {', '.join(others)}")
        if repairs.found(sorted(path.name for path in (home / "tables").glob("[!_]*"))):
            counts.damaged.append(name)


def _is_done(home: Path, step: Step, look: Callable[[], None]) -> bool:
    """Whether the step ends well in as many tries as it has, being tried again where it says so."""
    for _ in range(MOST_TRIES):
        status = _run(home, step, look).status
        if status != Retryable.exit_status:
            return status == 0
    return False


def _run(
    home: Path, step: Step, look: Callable[[], None] = lambda: None, killed_at: int | None = None
) -> Run:
    argv = [sys.executable, *step.argv]
    return run(argv, service.environment(home), home / "tables", look, killed_at)


def pages(home: Path, night: date) -> dict[date, set[Page]]:
    """What readers may be given of each day: a page that it had or comes to have."""
    right = {}
    for day in (night - timedelta(days=1), night):
        right[day] = {_page(home / state, day) for state in ("before", "after")}
    return right


def _page(home: Path, day: date) -> Page:
    with service.at(home):
        return _read(day)


def _read(day: date) -> Page:
    """Somebody's published page of a day. Raises Rejected."""
    try:
        return repr(homepage.page_records(service.READER, day))
    except UserMistake:
        return NO_PAGE


def reader(right: dict[date, set[Page]], counts: Counts) -> Callable[[], None]:
    """A look at the pages of each day, which counts what it was given."""

    def look() -> None:
        for day, pages in right.items():
            try:
                counts.reads["right" if _read(day) in pages else "wrong"] += 1
            except Rejected:
                counts.reads["refused"] += 1

    return look
