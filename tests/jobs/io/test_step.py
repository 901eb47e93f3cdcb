"""What a job's `main` does around its step: it asks whether there is work before it starts Spark."""

import pytest

from jobs.io import step
from jobs.io.step import day_job

DAY = ["--ds", "1998-04-22"]


class Session:
    """Stands in for Spark."""

    stopped = False

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def sessions(monkeypatch):
    """The sessions that were opened."""
    opened = []
    monkeypatch.setattr(step, "open_session", lambda _name: opened.append(Session()) or opened[-1])
    return opened


def ended(idle):
    with pytest.raises(SystemExit) as left:
        day_job("build_things", "about", lambda _spark, ds: f"made for {ds}", DAY, idle)
    return left.value.code


def test_a_job_without_work_says_so_and_starts_no_spark(sessions, capsys):
    assert ended(lambda ds: f"nothing on {ds}") == 0
    assert capsys.readouterr().out == "build_things 1998-04-22: nothing on 1998-04-22\n"
    assert sessions == []


@pytest.mark.parametrize("idle", [None, lambda _ds: None])
def test_a_job_with_work_does_it_in_a_session_that_it_stops(sessions, capsys, idle):
    assert ended(idle) == 0
    assert capsys.readouterr().out == "build_things 1998-04-22: made for 1998-04-22\n"
    assert [session.stopped for session in sessions] == [True]


def test_a_day_that_is_none_is_refused_before_anything_is_asked(sessions, capsys):
    with pytest.raises(SystemExit) as left:
        day_job(
            "build_things", "about", lambda *_: "", ["--ds", "1998-02-30"], lambda _ds: "nothing"
        )
    assert left.value.code == 2 and sessions == []
    assert capsys.readouterr().err.startswith(
        "error: --ds '1998-02-30' is not a day of the calendar"
    )
