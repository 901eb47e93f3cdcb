"""What a job's `main` does around its step: it asks whether there is work before it starts Spark."""

import os
import subprocess
import sys

import pytest
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PythonException

from conf.errors import Rejected, Retryable
from jobs.io import step
from jobs.io.step import day_job, known_error, one_line_errors

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


def test_a_job_without_spark_ends_before_python_is_taken_down():
    program = (
        "import atexit, os; atexit.register(os.abort)\n"
        "from jobs.io.step import plain_tick_job\n"
        "plain_tick_job('count', 'Count.', lambda tick: 'done')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, "--until", "1998-04-22T20:20Z"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "count 1998-04-22T20:20Z: done\n"), ended.stderr


def test_a_day_that_is_none_is_refused_before_anything_is_asked(sessions, capsys):
    with pytest.raises(SystemExit) as left:
        day_job(
            "build_things", "about", lambda *_: "", ["--ds", "1998-02-30"], lambda _ds: "nothing"
        )
    assert left.value.code == 2 and sessions == []
    assert capsys.readouterr().err.startswith(
        "error: --ds '1998-02-30' is not a day of the calendar"
    )


def chained(outer: Exception, cause: Exception) -> Exception:
    outer.__cause__ = cause
    return outer


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(28, "No space left on device"), 75),
        (chained(RuntimeError("upload failed"), OSError(28, "No space left on device")), 75),
        (Exception("Generic LocalFileSystem error: os error 28"), 75),
        (Py4JNetworkError("Answer from Java side is empty"), 75),
        (PythonException("Traceback\nconf.errors.Rejected: ranker: refused\n\tat java"), 65),
        (PythonException("java.lang.OutOfMemoryError: Java heap space"), 75),
        (
            PythonException("java.io.FileNotFoundException: /t/a.json (Permission denied)\n\tat x"),
            2,
        ),
        (PythonException("java.nio.file.AccessDeniedException: /t/a.json\n\tat java"), 2),
        (PythonException("Mkdirs failed to create file:/t/ds=1998-04-22 (exists=false"), 2),
        (PythonException("PermissionError: [Errno 13] Permission denied: '/t/a.json'\nat x"), 2),
        (OSError("Unable to open file /t/a\n ↳ Permission denied (os error 13)"), 2),
    ],
)
def test_what_may_go_wrong_at_night_is_one_line_with_its_status(error, status, capsys):
    with pytest.raises(SystemExit) as left, one_line_errors():
        raise error
    told = capsys.readouterr().err
    assert left.value.code == status and told.count("\n") == 1 and told.startswith("error: ")


def test_error_of_a_worker_is_ours_again():
    known = known_error(PythonException("...\nconf.errors.Rejected: ranker: refused\nat x"))
    assert isinstance(known, Rejected) and str(known) == "ranker: refused"


def test_what_a_user_may_not_do_is_named_with_its_file():
    denied = PythonException("x\njava.io.FileNotFoundException: /t/a.json (Permission denied)\nat")
    assert str(known_error(denied)).startswith("/t/a.json: this user may not read or write it")


def test_text_of_an_error_cannot_steer_the_terminal(capsys):
    with pytest.raises(SystemExit), one_line_errors():
        raise Retryable("title \x1b]0;owned\x07\nsecond line")
    assert capsys.readouterr().err == "error: title \\x1b]0;owned\\x07\\nsecond line\n"


def test_error_that_nobody_expected_keeps_its_trace():
    with pytest.raises(ZeroDivisionError), one_line_errors():
        1 / 0  # noqa: B018


def test_what_a_job_writes_is_its_owners_alone(tmp_path):
    before = os.umask(0o022)
    try:
        with one_line_errors():
            (tmp_path / "rows").touch()
        assert (tmp_path / "rows").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
