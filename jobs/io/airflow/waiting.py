"""Runs of a backfill that wait while nothing of it moves: why, and what to do."""
# Tested by tests/jobs/io/airflow/test_waiting.py and tests/dags/test_backfill.py.

import time
from collections.abc import Callable, Sequence

from conf.errors import Retryable
from conf.schedule import When, built_by
from jobs.io.airflow.client import ENDED, AirflowApi, Run

STILL_S = 60  # after so long without a task at work somebody is told
GIVE_UP_S = 300  # after so long what nobody will start is not waited for
MOVING = ("running", "queued", "up_for_retry", "up_for_reschedule", "restarting", "deferred")


class Watch:
    """Tells once why nothing moves, and ends the waiting for what Airflow never starts."""

    def __init__(
        self,
        api: AirflowApi,
        dag_id: str,
        days: Sequence[When],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api, self._dag_id, self._days, self._say = api, dag_id, days, say
        self._clock, self._moved_at, self._told = clock, clock(), ""

    def look(self, runs: Sequence[Run]) -> None:
        """Take note of the runs as they are.

        Raises:
            Retryable: nothing has moved for GIVE_UP_S, and nothing will.
        """
        if any(state in MOVING for run in runs for state in run.tasks.values()):
            self._moved_at, self._told = self._clock(), ""
            return
        still_s = self._clock() - self._moved_at
        if still_s < STILL_S:
            return
        reason, is_final = self._why(runs)
        if reason != self._told:
            self._told = reason
            self._say(reason)
        if is_final and still_s >= GIVE_UP_S:
            raise Retryable(reason)

    def _why(self, runs: Sequence[Run]) -> tuple[str, bool]:
        """Why nothing moves, and whether it will stay so unless somebody does something."""
        dag_id, missing = self._dag_id, len(self._days) - len(runs)
        waiting = [run for run in runs if run.state not in ENDED]
        named = ", ".join(
            f"{run.state} {built_by(dag_id, run.logical_date)}" for run in waiting[:3]
        )
        named += ", ..." * (len(waiting) > 3)
        if self._api.paused(dag_id):
            what = "somebody paused it; unpause it on Airflow's page, or with `airflow dags unpause"
            return f"{dag_id} waits ({named}): {what} {dag_id}`", True
        of_backfills = [run for run in waiting if run.run_id.startswith("backfill__")]
        if of_backfills and not self._api.backfills(dag_id):
            what = "their backfill was cancelled, and Airflow never starts them"
            return f"{dag_id} waits ({named}): {what}; run this command again, it cures that", True
        if missing and not waiting:
            what = "run this command again, or look at the backfill on Airflow's page"
            return (
                f"{dag_id}: Airflow made no run of {missing} of these {len(self._days)}; {what}",
                True,
            )
        what = "their tasks wait for a place; see Pools and the scheduler's log in Airflow"
        return f"{dag_id} waits ({named}): {what}", False
