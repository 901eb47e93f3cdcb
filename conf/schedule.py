"""Which DAG runs which jobs, how often, and which run builds which day or tick."""
# Tested by tests/dags/test_dags.py.

from datetime import UTC, date, datetime, timedelta

from conf.contracts import contract, table_names
from conf.days import days_between, end_of, start_of
from conf.errors import UserMistake
from conf.nearline import nearline_settings
from conf.settings import Frozen, Settings
from conf.ticks import Tick, tick_before, ticks_between

When = date | Tick  # what a run builds: a run date or a tick
PLAIN = frozenset(
    {"measure_freshness", "judge_impressions", "serve_pages"}
)  # jobs without Spark: Python itself starts them
# jobs that write no rows, and what they read
EXPORTS: dict[str, tuple[str, ...]] = {
    "serve_pages": ("homepage_rows", "homepage_updates"),
    "maintain_tables": (),
}


class Cadence(Frozen):
    """How often a DAG runs: every `days` days at midnight UTC, or every `minutes`, `after` minutes
    later than its tick.

    Its run date is the last day of its data interval; its tick ends so many minutes before that
    interval does.
    """

    cron: str
    days: int = 0
    minutes: int = 0
    after: int = 0
    jobs: tuple[str, ...]


def every(minutes: int, after: int = 0) -> str:
    """The cron line of so many minutes, `after` minutes after each of them.

    >>> every(10), every(10, 5), every(120, 5)
    ('0-59/10 * * * *', '5-59/10 * * * *', '5 0-23/2 * * *')
    """
    late = after % minutes
    if minutes < 60:
        return f"{late}-59/{minutes} * * * *"
    return f"{late % 60} {late // 60}-23/{minutes // 60} * * *"


def _between_nights(jobs: tuple[str, ...], after: int = 0) -> Cadence:
    minutes = nearline_settings().every_minutes
    return Cadence(cron=every(minutes, after), minutes=minutes, after=after, jobs=jobs)


CADENCES = {
    "homepage_daily": Cadence(
        cron="0 0 * * *",
        days=1,
        jobs=(
            "build_daily_counts",
            "build_title_features",
            "build_profile_features",
            "build_similars",
            "update_policies",
            "assemble_drafts",
            "run_audits",
            "publish_homepage_rows",
        ),
    ),
    "homepage_nearline": _between_nights(
        ("compute_overlays", "measure_freshness", "judge_impressions")
    ),
    "homepage_online": _between_nights(
        ("publish_updates", "serve_pages"), nearline_settings().online_after_minutes
    ),
    "rankers_weekly": Cadence(
        cron="0 0 * * MON",
        days=7,
        jobs=("build_examples", "build_resumes", "train_rankers", "build_contexts"),
    ),
    "upkeep_weekly": Cadence(cron="0 0 * * MON", days=7, jobs=("maintain_tables",)),
}

# Jobs that know without Spark whether there is anything to do: on one machine they open it
# themselves, if there is.
ASKING_FIRST = frozenset({"build_resumes", "update_policies"})


def cadence(dag_id: str) -> Cadence:
    """A DAG's cadence; an unknown DAG lists the known ones."""
    if dag_id not in CADENCES:
        raise UserMistake(f"unknown DAG {dag_id!r}; the DAGs are: {', '.join(CADENCES)}")
    return CADENCES[dag_id]


def job_edges(jobs: tuple[str, ...]) -> set[tuple[str, str]]:
    """Pairs (earlier, later) among the jobs: later reads a table that earlier writes."""
    tables = [contract(name) for name in table_names()]
    reads = [(table.written_by, read) for table in tables for read in table.reads]
    reads += [(job, read) for job, them in EXPORTS.items() for read in them]
    pairs = {(contract(read).written_by, later) for later, read in reads}
    return {
        (earlier, later)
        for earlier, later in pairs
        if earlier != later and {earlier, later} <= set(jobs)
    }


def run_dates(dag_id: str, first: date, last: date) -> list[date]:
    """The run dates of a DAG from first to last: each day, or each Sunday for a week that ends with
    it.
    """
    week = cadence(dag_id).days == 7
    days = [day for day in days_between(first, last) if not week or day.isoweekday() == 7]
    if not days:
        raise UserMistake(
            f"{dag_id} has no run date from {first} to {last}: it builds weeks, named by their Sunday"
        )
    return days


def runs_between(dag_id: str, first: date | datetime, last: date | datetime) -> list[When]:
    """What the runs of a DAG build from first to last, both included; a day means all ticks of it."""
    if not cadence(dag_id).minutes:
        if isinstance(first, datetime) or isinstance(last, datetime):
            raise UserMistake(f"{dag_id} builds days; give them as YYYY-MM-DD, without an hour")
        return [*run_dates(dag_id, first, last)]
    begins = first if isinstance(first, datetime) else start_of(first) + timedelta(microseconds=1)
    ends = last if isinstance(last, datetime) else start_of(last + timedelta(days=1))
    return [*ticks_between(begins, ends)]


def interval_start(dag_id: str, when: When) -> datetime:
    """The start of the data interval of the run that builds a run date or tick: Airflow's logical
    date.
    """
    ticks = cadence(dag_id)
    if isinstance(when, Tick):
        return when.until + timedelta(minutes=ticks.after - ticks.minutes)
    return start_of(when - timedelta(days=ticks.days - 1))


def built_by(dag_id: str, start: datetime) -> When:
    """What the run builds whose data interval starts then."""
    ticks = cadence(dag_id)
    if ticks.minutes:
        return Tick(start.astimezone(UTC) + timedelta(minutes=ticks.minutes - ticks.after))
    return start.astimezone(UTC).date() + timedelta(days=ticks.days - 1)


def run_date_of(when: When) -> date:
    """The run date, or that of a tick."""
    return when.ds if isinstance(when, Tick) else when


def last_start(dag_id: str, settings: Settings) -> datetime | None:
    """The last logical date a DAG may be run for; a finished log gets no runs after its last whole
    interval.
    """
    if settings.schedule_end is None:
        return None
    last: When = settings.schedule_end
    if cadence(dag_id).minutes:
        last = tick_before(end_of(settings.schedule_end) + timedelta(microseconds=1))
    return interval_start(dag_id, last)
