"""A backfill of which nothing moves is told why, and what Airflow never starts is not waited for."""

from datetime import UTC, date, datetime

import pytest

from conf.errors import Retryable
from jobs.io.airflow.client import Run
from jobs.io.airflow.waiting import GIVE_UP_S, STILL_S, Watch

DAYS = [date(1998, 4, 21), date(1998, 4, 22)]


class Api:
    """An Airflow that is paused or not, with open backfills or none."""

    def __init__(self, paused: bool = False, backfills: tuple[int, ...] = (1,)) -> None:
        self.is_paused, self.open = paused, list(backfills)

    def paused(self, dag_id: str) -> bool:
        return self.is_paused

    def backfills(self, dag_id: str) -> list[int]:
        return self.open


def run(state: str, day: int = 21, **tasks: str) -> Run:
    moment = datetime(1998, 4, day, tzinfo=UTC)
    return Run(run_id=f"backfill__{moment}", logical_date=moment, state=state, tasks=tasks)


def looked(api: Api, *looks: tuple[float, list[Run]]) -> list[str]:
    """What is said of looks at these seconds."""
    said, now = [], [0.0]
    watch = Watch(api, "homepage_daily", DAYS, said.append, lambda: now[0])
    for second, runs in looks:
        now[0] = second
        watch.look(runs)
    return said


WAITING = [run("queued"), run("queued", 22)]


@pytest.mark.parametrize(
    ("api", "runs", "reason"),
    [
        (Api(paused=True), WAITING, "queued 1998-04-21, queued 1998-04-22): somebody paused it"),
        (
            Api(paused=True),
            [run("running", build_similars="waiting")],
            "running 1998-04-21): somebody",
        ),
        (Api(backfills=()), WAITING, "their backfill was cancelled, and Airflow never starts them"),
        (Api(), [run("success")], "Airflow made no run of 1 of these 2"),
    ],
)
def test_what_nobody_will_start_is_told_once_and_not_waited_for(api, runs, reason):
    assert looked(api, (STILL_S - 1, runs)) == []
    (line,) = looked(api, (STILL_S, runs), (STILL_S + 2, runs))
    assert reason in line and "\n" not in line
    with pytest.raises(Retryable, match="homepage_daily"):
        looked(api, (STILL_S, runs), (GIVE_UP_S, runs))


def test_tasks_that_wait_for_a_place_are_told_and_waited_for():
    waiting = [run("running", build_similars="scheduled"), run("queued", 22)]
    (line,) = looked(Api(), (STILL_S, waiting), (GIVE_UP_S * 9, waiting))
    assert "wait for a place" in line


def test_what_moves_is_not_told_and_begins_the_wait_anew():
    moving = [run("running", build_similars="running"), run("queued", 22)]
    assert looked(Api(True), (GIVE_UP_S, moving), (GIVE_UP_S + STILL_S - 1, WAITING)) == []
    assert len(looked(Api(True), (GIVE_UP_S, moving), (GIVE_UP_S + STILL_S, WAITING))) == 1
