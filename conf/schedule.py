"""Which DAG runs which jobs, how often, and which run builds which day."""

from datetime import date, timedelta

from conf.contracts import contract, table_names
from conf.days import days_between
from conf.errors import UserMistake
from conf.settings import Frozen, Settings


class Cadence(Frozen):
    """A DAG's tick: at midnight UTC, every `days` days. Its run date is the last day of its data interval."""

    cron: str
    days: int
    jobs: tuple[str, ...]


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
    "rankers_weekly": Cadence(cron="0 0 * * MON", days=7, jobs=("build_examples", "build_resumes", "train_rankers")),
}

# Jobs that know without Spark whether there is anything to do: on one machine they open it themselves, if there is.
ASKING_FIRST = frozenset({"build_resumes", "update_policies"})


def cadence(dag_id: str) -> Cadence:
    """A DAG's cadence; an unknown DAG lists the known ones."""
    if dag_id not in CADENCES:
        raise UserMistake(f"unknown DAG {dag_id!r}; the DAGs are: {', '.join(CADENCES)}")
    return CADENCES[dag_id]


def edges(jobs: tuple[str, ...]) -> set[tuple[str, str]]:
    """Pairs (earlier, later) among the jobs: later writes a table whose contract reads one that earlier writes."""
    tables = [contract(name) for name in table_names()]
    pairs = {(contract(read).written_by, table.written_by) for table in tables for read in table.reads}
    return {(earlier, later) for earlier, later in pairs if earlier != later and {earlier, later} <= set(jobs)}


def run_dates(dag_id: str, first: date, last: date) -> list[date]:
    """The run dates of a DAG from first to last: each day, or each Sunday for a week that ends with it."""
    week = cadence(dag_id).days == 7
    found = [day for day in days_between(first, last) if not week or day.isoweekday() == 7]
    if not found:
        raise UserMistake(f"{dag_id} has no run date from {first} to {last}: it builds weeks, named by their Sunday")
    return found


def interval_start(dag_id: str, ds: date) -> date:
    """The first day of the data interval that ends with run date `ds`: Airflow's logical date."""
    return ds - timedelta(days=cadence(dag_id).days - 1)


def last_start(dag_id: str, settings: Settings) -> date | None:
    """The last logical date a DAG may be run for; a finished log gets no runs after its last whole interval."""
    return interval_start(dag_id, settings.schedule_end) if settings.schedule_end else None
