"""What we ask a running Airflow over its public REST interface: health, runs, tasks and why one
failed.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from conf.errors import FrontrowError, Retryable
from conf.settings import Frozen

PATIENCE = 30  # seconds for one answer
ENDED = ("success", "failed")
TRIES = 5


class Run(Frozen):
    """One DAG run: the start of its interval, its state, and its tasks' states by name."""

    run_id: str
    logical_date: datetime
    state: str
    tasks: dict[str, str] = Field(default_factory=dict)


class AirflowApi:
    """A client of one Airflow on loopback, as its only user."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url, self._user, self._password = url, user, password
        self._token = ""

    def health(self, patience: float = PATIENCE) -> dict[str, str]:
        """The state of each part that is meant to run: metadatabase, scheduler, dag_processor; one
        try only.
        """
        found = _ask(
            "GET", f"{self._url}/api/v2/monitor/health", {}, None, tries=1, patience=patience
        )
        return {
            part: str(found[part]["status"])
            for part in ("metadatabase", "scheduler", "dag_processor")
        }

    def ensure_pool(self, name: str, slots: int) -> None:
        """Make the pool if it is missing; one that somebody has resized stays as it is."""
        if name not in {pool["name"] for pool in self._call("GET", "/pools?limit=100")["pools"]}:
            self._call(
                "POST",
                "/pools",
                {"name": name, "slots": slots, "description": "Spark sessions at once"},
            )

    def dag_ids(self) -> set[str]:
        """The DAGs that Airflow has read."""
        return {dag["dag_id"] for dag in self._call("GET", "/dags?limit=100")["dags"]}

    def paused(self, dag_id: str) -> bool:
        """Whether new runs of the DAG wait."""
        return bool(self._call("GET", f"/dags/{dag_id}")["is_paused"])

    def pause(self, dag_id: str, paused: bool) -> None:
        """Hold or release the DAG's runs."""
        self._call("PATCH", f"/dags/{dag_id}?update_mask=is_paused", {"is_paused": paused})

    def active(self, dag_id: str) -> bool:
        """Whether a run of the DAG waits or runs."""
        return (
            int(
                self._call("GET", f"/dags/{dag_id}/dagRuns?state=queued&state=running&limit=1")[
                    "total_entries"
                ]
            )
            > 0
        )

    def backfills(self, dag_id: str) -> list[int]:
        """Backfills of the DAG that Airflow does not count as completed."""
        found = self._call("GET", f"/backfills?dag_id={dag_id}&limit=100")["backfills"]
        return [int(one["id"]) for one in found if one["completed_at"] is None]

    def cancel(self, backfill: int) -> None:
        """End a backfill; its queued runs fail. One that has completed since it was listed stays as
        it is.
        """
        try:
            self._call("PUT", f"/backfills/{backfill}/cancel")
        except FrontrowError as refused:
            if "already completed" not in str(refused):
                raise

    def runs(self, dag_id: str, first: datetime, last: datetime) -> list[Run]:
        """The DAG's runs whose interval starts from first to last, earliest first."""
        query = urllib.parse.urlencode(
            {
                "logical_date_gte": first.isoformat(),
                "logical_date_lte": last.isoformat(),
                "order_by": "logical_date",
                "limit": 100,
            }
        )
        found: list[Run] = []
        while True:
            page = self._call("GET", f"/dags/{dag_id}/dagRuns?{query}&offset={len(found)}")
            found += [_run(one) for one in page["dag_runs"]]
            if not page["dag_runs"] or len(found) >= int(page["total_entries"]):
                return found

    def with_tasks(self, dag_id: str, run: Run) -> Run:
        """The run with the states of its tasks."""
        found = self._call(
            "GET", f"/dags/{dag_id}/dagRuns/{_quoted(run.run_id)}/taskInstances?limit=100"
        )
        states = {one["task_id"]: str(one["state"] or "waiting") for one in found["task_instances"]}
        return run.model_copy(update={"tasks": states})

    def why_failed(self, dag_id: str, run: Run) -> str:
        """The first failed task of the run and the error line its job ended with."""
        found = self._call(
            "GET", f"/dags/{dag_id}/dagRuns/{_quoted(run.run_id)}/taskInstances?limit=100"
        )
        failed = sorted(
            (t for t in found["task_instances"] if t["state"] == "failed"),
            key=lambda t: t["end_date"] or "",
        )
        if not failed:
            return "no task failed; the run was stopped"
        task, tries = failed[0]["task_id"], max(1, failed[0]["try_number"])
        log = self._call(
            "GET", f"/dags/{dag_id}/dagRuns/{_quoted(run.run_id)}/taskInstances/{task}/logs/{tries}"
        )
        lines = [
            str(e.get("event", "")) if isinstance(e, dict) else str(e)
            for e in log.get("content") or ()
        ]
        said = [line.strip() for line in lines if line.startswith("error: ")]
        return f"{task}: {said[-1].removeprefix('error: ') if said else 'see its log in Airflow'}"

    def _call(self, method: str, path: str, body: object = None) -> Any:
        if not self._token:
            login = {"username": self._user, "password": self._password}
            self._token = _ask("POST", f"{self._url}/auth/token", {}, login)["access_token"]
        return _ask(
            method, f"{self._url}/api/v2{path}", {"Authorization": f"Bearer {self._token}"}, body
        )


def _run(one: Mapping[str, Any]) -> Run:
    moment = datetime.fromisoformat(one["logical_date"].replace("Z", "+00:00"))
    return Run(run_id=one["dag_run_id"], logical_date=moment.astimezone(UTC), state=one["state"])


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _ask(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: object,
    tries: int = TRIES,
    patience: float = PATIENCE,
) -> Any:
    request = urllib.request.Request(
        url, method=method, headers={"Accept": "application/json", **headers}
    )
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({})
    )  # loopback never goes through a proxy
    for attempt in range(1, tries + 1):
        try:
            with opener.open(request, timeout=patience) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise FrontrowError(
                    f"Airflow refused {method} {url}: {error.code} {_detail(error)}"
                ) from None
        except (urllib.error.URLError, OSError, ValueError) as error:
            if attempt == tries:
                raise Retryable(
                    f"Airflow does not answer at {url}: {getattr(error, 'reason', error)}"
                ) from None
        time.sleep(attempt)
    raise Retryable(
        f"Airflow answers {method} {url} with a server error; see the log of its api-server"
    )


def _detail(error: urllib.error.HTTPError) -> str:
    return " ".join(error.read(300).decode(errors="replace").split())
