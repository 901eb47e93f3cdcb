"""One step -> one task: `spark-submit jobs/<job>.py --ds <day>`, retried only where its exit status
says it helps.

Between two nights it is `--until <end of the tick>`. A job without Spark is `python -m jobs.<job>`,
and on one machine so is a job that may have nothing to do, which starts Spark only for work.
"""

import contextlib
import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Asset, BaseOperator, CronDataIntervalTimetable
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from conf.airflow import ACTIVE_RUNS, POOL, RETRY_DELAY_S, TASK_RETRIES
from conf.days import start_of
from conf.errors import Retryable
from conf.plain_text import one_line
from conf.rights import umask_of
from conf.s3 import is_on_s3
from conf.schedule import ASKING_FIRST, PLAIN, Cadence, cadence, job_edges, last_start
from conf.settings import ROOT, load_settings, spark_conf
from dags import alarms, links

# The only place where it is decided what a run builds: the last day of its data interval, or the
# tick that had ended.
RUN_DATE = "{{ (data_interval_end - macros.timedelta(days=1)) | ds }}"
UNTIL = "{{ (data_interval_end - macros.timedelta(minutes=%d)).strftime('%%Y-%%m-%%dT%%H:%%MZ') }}"
AIRFLOWS = re.compile(r"_*AIRFLOW|FRONTROW_AIRFLOW_DB$")  # the names of Airflow's variables
SECRET = re.compile(
    r"(?i)PASSW|SECRET|TOKEN|CREDENTIAL|PRIVATE|APIKEY|_KEY(_|$)|^FRONTROW_(ALARMS|SMTP|REDIS)$|^PG"
)
PASSWORD_IN_URL = re.compile(r"://[^/@\s]*:[^/@\s]+@")
REDIS_STEPS = {"serve_pages": ("FRONTROW_REDIS",)}
PR_SET_PDEATHSIG = 1
PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
KILLED = {signal.SIGKILL, signal.SIGTERM}  # by whoever is short of memory, or shuts down
ALARM = re.compile(r"alarm: (?P<kind>[a-z]+): (?P<text>.+)")  # a job's line that raises one
VERSION = re.compile(r"\bversion (\d+)")  # in the line that a job prints
ASSETS = {
    "publish_homepage_rows": Asset("homepage_rows"),
    "compute_overlays": Asset("overlays"),
    "publish_updates": Asset("homepage_updates"),
}


class SparkStep(BaseOperator):
    """Runs an argument list, without a shell, in a process group of its own; `argv` is rendered by
    Airflow.
    """

    template_fields = ("argv",)
    ui_color = "#f6e3c5"

    def __init__(self, *, argv: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.argv = argv
        self.custom_operator_name = self.task_id.replace("_", " ")  # in Airflow's boxes
        self.operator_extra_links = links.links_of(self.task_id)
        self._process: subprocess.Popen[str] | None = None
        self._is_stopped = False  # by somebody who wants no other try

    def execute(self, context: Any) -> None:
        """Run the job; its output is the task's log, its exit status decides between success, retry
        and failure.
        """
        self._process = subprocess.Popen(
            self.argv,
            cwd=ROOT,
            env=job_environment(self.task_id),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            umask=umask_of(load_settings().tables_root),
            preexec_fn=_end_with_parent,  # one call of the system, which waits for no lock
        )
        reason, last_line = "", ""
        for line in self._process.stdout or ():
            self.log.info("%s", one_line(line.rstrip()))
            reason = line.strip() if line.startswith("error: ") else reason
            last_line = line.strip() or last_line
            if match := ALARM.match(line):
                alarms.raise_alarm(match["kind"], self.task_id, self.argv[-1], match["text"])
        status = self._process.wait()
        if self._is_stopped:
            raise AirflowFailException(f"{self.task_id} was stopped")
        if status and not reason:
            reason = unsaid(self.task_id, status)
            self.log.error("%s", reason)  # `frontrow backfill` tells it
        judge(self.task_id, status, reason)
        self._describe_assets(context, last_line)

    def _describe_assets(self, context: Any, last_line: str) -> None:
        """Let what changed carry its day or tick, and the version that the job says it published."""
        version = VERSION.search(last_line)
        for asset in self.outlets if "outlet_events" in context else ():
            extra: dict[str, Any] = {"ds" if self.argv[-2] == "--ds" else "until": self.argv[-1]}
            if version:
                extra["table_version"] = int(version[1])
            context["outlet_events"][asset].extra = extra

    def get_openlineage_facets_on_start(self) -> Any:
        """What the job is about to read; OpenLineage's provider asks where it is switched on."""
        from dags import lineage  # OpenLineage takes its time to load

        return lineage.read_by_step(self.task_id, self.argv[-2:], job_environment(self.task_id))

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What the job has written."""
        from dags import lineage

        return lineage.done_by_step(self.task_id, self.argv[-2:], job_environment(self.task_id))

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """What the tables hold after a job that failed: it may have written one of them."""
        return self.get_openlineage_facets_on_complete(task_instance)

    def on_kill(self) -> None:
        """Stop the whole group: spark-submit is a JVM with Python children, and none of them may
        outlive the task.
        """
        self._is_stopped = True
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def is_killed(status: int) -> bool:
    """Whether somebody from outside ended a job, be it Spark's JVM below it."""
    return -status in KILLED or status - 128 in KILLED


def unsaid(job: str, status: int) -> str:
    """The reason of a job that ended without one."""
    if is_killed(status):
        return (
            f"error: {job} was killed, most likely for want of memory;"
            " FRONTROW_DRIVER_MEMORY says how much Spark takes"
        )
    return f"error: {job} gave no reason; see the lines above"


def _end_with_parent() -> None:
    """Ask Linux to kill the job when the task's own process is gone, however it went: no job may run
    beside its next try.
    """
    if PRCTL:
        PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)


def judge(job: str, status: int, reason: str) -> None:
    """Turn a job's exit status into Airflow's terms: 0 is success, 75 may be tried again, and so may
    what somebody killed; the rest fails at once.
    """
    if status == 0:
        return
    how = f"ended by signal {-status}" if status < 0 else f"exit status {status}"
    message = reason or unsaid(job, status)
    if is_killed(status) or status == Retryable.exit_status:
        raise AirflowException(f"{message} ({job}: {how}, worth another try)")
    raise AirflowFailException(f"{message} ({job}: {how})")


def job_environment(job: str) -> dict[str, str]:
    """A job's variables: ours, this interpreter for Spark's workers, patient threads, and nothing of
    Airflow's: neither its settings, connections and variables nor the address of its database.

    Nor anything else that looks like a secret, but the keys of an object store that holds the
    tables, and Redis for the step that sends releases there.
    """
    needed = set(REDIS_STEPS.get(job, ()))
    if is_on_s3(load_settings().tables_root):
        needed |= {name for name in os.environ if name.startswith("AWS_")}
    kept = {}
    for name, value in os.environ.items():
        is_secret = SECRET.search(name) or PASSWORD_IN_URL.search(value)
        if not AIRFLOWS.match(name) and (name in needed or not is_secret):
            kept[name] = value
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    return {"OMP_WAIT_POLICY": "passive"} | kept | python  # as in jobs/__init__.py


def command(job: str, ticks: Cadence) -> list[str]:
    """The argument list of a job, to be rendered: options from conf, run date or tick from the data
    interval.
    """
    when = ["--until", UNTIL % ticks.after] if ticks.minutes else ["--ds", RUN_DATE]
    settings = load_settings()
    asks = job in ASKING_FIRST and settings.spark_master.startswith(
        "local"
    )  # spark-submit starts its JVM at once
    if job in PLAIN or asks:
        return [sys.executable, "-m", f"jobs.{job}", *when]
    options = [
        part
        for name, value in sorted(spark_conf(settings).items())
        for part in ("--conf", f"{name}={value}")
    ]
    submit = settings.spark_submit or str(Path(sys.executable).parent / "spark-submit")
    script = str(ROOT / "jobs" / f"{job}.py")
    return [submit, "--master", settings.spark_master, "--name", job, *options, script, *when]


def step(job: str, ticks: Cadence) -> SparkStep:
    """The task of a job; what publishes, be it to the next DAG, alone tells Airflow that an asset
    changed.
    """
    outlets = [ASSETS[job]] if job in ASSETS else []
    builds = UNTIL % ticks.after if ticks.minutes else RUN_DATE
    return SparkStep(
        task_id=job,
        argv=command(job, ticks),
        pool=POOL,
        outlets=outlets,
        map_index_template=builds,  # what Airflow's lists of tasks show beside each
    )


def pipeline(dag_id: str, about: str | None, tags: Iterable[str]) -> DAG:
    """The DAG of `conf.schedule`: one task for each job, and the edges that the tables' contracts
    imply.
    """
    settings, ticks = load_settings(), cadence(dag_id)
    with DAG(
        dag_id=dag_id,
        schedule=CronDataIntervalTimetable(ticks.cron, timezone="UTC"),
        start_date=start_of(settings.schedule_start),
        end_date=last_start(dag_id, settings),
        catchup=False,
        max_active_runs=1
        if ticks.minutes
        else ACTIVE_RUNS,  # a tick goes on where the one before it has ended
        doc_md=about,
        deadline=alarms.deadline(dag_id),
        tags=set(tags),
        default_args={
            "owner": "frontrow",
            "retries": TASK_RETRIES,
            "retry_delay": timedelta(seconds=RETRY_DELAY_S),
            "on_failure_callback": alarms.failed,
            "on_retry_callback": alarms.retried,
        },
    ) as dag:
        tasks = {job: step(job, ticks) for job in ticks.jobs}
        for earlier, later in sorted(job_edges(ticks.jobs)):
            tasks[earlier].set_downstream(tasks[later])
    return dag
