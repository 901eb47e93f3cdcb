"""What we ask a running Airflow by its own generated client: health, runs, tasks, why one failed."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import urllib3
from airflow_client.client import ApiClient, Configuration
from airflow_client.client.api.backfill_api import BackfillApi
from airflow_client.client.api.dag_api import DAGApi
from airflow_client.client.api.dag_run_api import DagRunApi
from airflow_client.client.api.monitor_api import MonitorApi
from airflow_client.client.api.pool_api import PoolApi
from airflow_client.client.api.task_instance_api import TaskInstanceApi
from airflow_client.client.exceptions import ApiException
from airflow_client.client.models.dag_patch_body import DAGPatchBody
from airflow_client.client.models.dag_run_mutable_states import DagRunMutableStates
from airflow_client.client.models.dag_run_patch_body import DAGRunPatchBody
from airflow_client.client.models.dag_run_response import DAGRunResponse
from airflow_client.client.models.pool_body import PoolBody
from airflow_client.client.models.task_instance_response import TaskInstanceResponse
from pydantic import Field
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from conf.errors import FrontrowError, Retryable
from conf.settings import Frozen

PATIENCE_S = 30  # for one answer
ENDED = ("success", "failed")
MOST = 100  # entries of one answer
# A server that starts or is busy refuses connections or answers with 5xx; four more tries, waiting longer each time.
RETRIES = Retry(
    total=4,
    backoff_factor=1,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=None,
    raise_on_status=False,
)


class Run(Frozen):
    """One DAG run: the start of its interval, its state, and its tasks' states by name."""

    run_id: str
    logical_date: datetime
    state: str
    tasks: dict[str, str] = Field(default_factory=dict)


class AirflowApi:
    """A client of one Airflow on loopback, as its only user.

    Every method raises FrontrowError where Airflow refuses, and Retryable where it does not answer.
    """

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._user, self._password = url, user, password

    def health(self, patience: float = PATIENCE_S) -> dict[str, str]:
        """The state of each part that is meant to run; one try only.

        The parts are metadatabase, scheduler and dag_processor.
        """
        api = MonitorApi(_client(self._url, retries=Retry(0)))
        health = _answer(api.get_health, patience=patience)
        parts = ("metadatabase", "scheduler", "dag_processor")
        return {part: str(getattr(health, part).status) for part in parts}

    def ensure_pool(self, name: str, slots: int) -> None:
        """Make the pool if it is missing; one that somebody has resized stays as it is."""
        api = PoolApi(self._client)
        pools = _answer(api.get_pools, limit=MOST).pools
        if name not in {pool.name for pool in pools}:
            pool = PoolBody(name=name, slots=slots, description="tasks at once")
            _answer(api.post_pool, pool)

    def dag_ids(self) -> set[str]:
        """The DAGs that Airflow has read."""
        dags = _answer(DAGApi(self._client).get_dags, limit=MOST).dags
        return {dag.dag_id for dag in dags}

    def paused(self, dag_id: str) -> bool:
        """Whether new runs of the DAG wait."""
        dag = _answer(DAGApi(self._client).get_dag, dag_id)
        return bool(dag.is_paused)

    def pause(self, dag_id: str, paused: bool) -> None:
        """Hold or release the DAG's runs."""
        body = DAGPatchBody(is_paused=paused)
        _answer(DAGApi(self._client).patch_dag, dag_id, body, update_mask=["is_paused"])

    def active(self, dag_id: str) -> bool:
        """Whether a run of the DAG waits or runs."""
        api = DagRunApi(self._client)
        runs = _answer(api.get_dag_runs, dag_id, state=["queued", "running"], limit=1)
        return bool(runs.total_entries)

    def fail(self, dag_id: str, run: Run) -> None:
        """End a run as failed, so that a backfill may build it again."""
        body = DAGRunPatchBody(state=DagRunMutableStates.FAILED)
        api = DagRunApi(self._client)
        _answer(api.patch_dag_run, dag_id, run.run_id, body, update_mask=["state"])

    def backfills(self, dag_id: str) -> list[int]:
        """Backfills of the DAG that Airflow does not count as completed, among its newest: it allows
        one at a time.
        """
        listed = BackfillApi(self._client).list_backfills
        backfills = _answer(listed, dag_id, limit=MOST, order_by=["-id"]).backfills
        return [backfill.id for backfill in backfills if backfill.completed_at is None]

    def cancel(self, backfill: int) -> None:
        """End a backfill; its queued runs fail. One that has completed meanwhile stays as it is."""
        try:
            _answer(BackfillApi(self._client).cancel_backfill, backfill)
        except FrontrowError as refusal:
            if "already completed" not in str(refusal):
                raise

    def runs(self, dag_id: str, first: datetime, last: datetime) -> list[Run]:
        """The DAG's runs whose interval starts from first to last, earliest first."""
        api = DagRunApi(self._client)
        runs: list[Run] = []
        while True:
            page = _answer(
                api.get_dag_runs,
                dag_id,
                logical_date_gte=first,
                logical_date_lte=last,
                order_by=["logical_date"],
                limit=MOST,
                offset=len(runs),
            )
            runs += [_run(response) for response in page.dag_runs]
            if not page.dag_runs or len(runs) >= (page.total_entries or 0):
                return runs

    def with_tasks(self, dag_id: str, run: Run) -> Run:
        """The run with the states of its tasks."""
        states = {}
        for task in self._tasks(dag_id, run):
            states[task.task_id] = task.state.value if task.state else "waiting"
        return run.model_copy(update={"tasks": states})

    def why_failed(self, dag_id: str, run: Run) -> str:
        """The first failed task of the run and the error line its job ended with."""
        tasks = [t for t in self._tasks(dag_id, run) if t.state and t.state.value == "failed"]
        if not tasks:
            return "no task failed; the run was stopped"
        never = datetime.min.replace(tzinfo=UTC)
        task = min(tasks, key=lambda t: t.end_date or never)
        lines = self._log_lines(dag_id, run, task)
        errors = [line.strip() for line in lines if line.startswith("error: ")]
        reason = errors[-1].removeprefix("error: ") if errors else "see its log in Airflow"
        return f"{task.task_id}: {reason}"

    def _tasks(self, dag_id: str, run: Run) -> list[TaskInstanceResponse]:
        api = TaskInstanceApi(self._client)
        answer = _answer(api.get_task_instances, dag_id, run.run_id, limit=MOST)
        tasks: list[TaskInstanceResponse] = answer.task_instances
        return tasks

    def _log_lines(self, dag_id: str, run: Run, task: TaskInstanceResponse) -> list[str]:
        attempt = max(1, task.try_number)
        api = TaskInstanceApi(self._client)
        log = _answer(
            api.get_log, dag_id, run.run_id, task.task_id, attempt, accept="application/json"
        )
        entries = log.content.actual_instance or []
        return [entry if isinstance(entry, str) else entry.event for entry in entries]

    @cached_property
    def _client(self) -> ApiClient:
        """The client with a token of the login, which the generated client does not ask for."""
        login = {"username": self._user, "password": self._password}
        url = f"{self._url}/auth/token"
        try:
            with urllib3.PoolManager(retries=RETRIES, timeout=PATIENCE_S) as http:
                answer = http.request("POST", url, json=login)
        except HTTPError as error:
            raise Retryable(f"Airflow does not answer at {url}: {error}") from None
        if answer.status >= 400:
            raise _refusal(answer.status, f"POST {url}", answer.data.decode(errors="replace"))
        return _client(self._url, RETRIES, answer.json()["access_token"])


def _client(url: str, retries: Retry, token: str | None = None) -> ApiClient:
    """A client that never goes through a proxy: Airflow is on loopback."""
    configuration = Configuration(host=url, access_token=token)
    configuration.proxy = None
    configuration.retries = retries
    return ApiClient(configuration)


def _answer(
    question: Callable[..., Any], *words: object, patience: float = PATIENCE_S, **options: object
) -> Any:
    """Airflow's answer to one question. Raises FrontrowError or Retryable, each in one line."""
    name = getattr(question, "__name__", "a question")
    try:
        return question(*words, **options, _request_timeout=patience)
    except ApiException as error:
        raise _refusal(error.status, name, str(error.body)) from None
    except (HTTPError, OSError) as error:
        raise Retryable(f"Airflow does not answer {name}: {error}") from None
    except ValueError as error:
        line = " ".join(str(error).split())
        raise Retryable(f"Airflow's answer to {name} cannot be read: {line[:300]}") from None


def _refusal(status: int | None, question: str, body: str) -> FrontrowError:
    if status is None or status >= 500:
        return Retryable(
            f"Airflow answers {question} with a server error; see the log of its api-server"
        )
    detail = " ".join(body[:300].split())
    return FrontrowError(f"Airflow refused {question}: {status} {detail}")


def _run(response: DAGRunResponse) -> Run:
    moment = response.logical_date or response.run_after
    return Run(
        run_id=response.dag_run_id,
        logical_date=moment.astimezone(UTC),
        state=response.state.value,
    )
