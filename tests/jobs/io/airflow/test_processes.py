"""Children are stopped with everything they have started."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from jobs.io.airflow import processes

FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, {handler})
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(300)
"""


def started(log: Path, handler: str) -> tuple[int, psutil.Process]:
    """A process and its child, which lives in a session of its own as Spark's do."""
    pid = processes.start([sys.executable, "-c", FAMILY.format(handler=handler)], {}, log)
    until = time.monotonic() + 30
    while not log.read_text().endswith("\n") and time.monotonic() < until:
        time.sleep(0.05)
    return pid, psutil.Process(int(log.read_text()))


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_stop_reaches_grandchildren_in_other_sessions(tmp_path: Path):
    pid, child = started(tmp_path / "log", "signal.SIG_DFL")
    assert processes.alive(pid) and processes.runs(pid, sys.executable)
    processes.stop([pid])
    assert not processes.alive(pid) and gone(child)


def test_stop_ends_those_who_do_not_listen(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 0.3)
    pid, child = started(tmp_path / "log", "signal.SIG_IGN")
    processes.stop([pid])
    assert not processes.alive(pid) and gone(child)


def test_a_number_that_another_process_got_is_not_ours():
    assert not processes.runs(psutil.Process().pid, "/somewhere/bin/airflow")
    assert not processes.alive(2**22 + 1) and not processes.runs(2**22 + 1, "airflow")


def test_a_polite_kill_ends_the_block_in_order():
    code = """
import os, signal
from jobs.io.airflow.processes import orderly_end
with orderly_end():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        print("stopped what was started")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (
        128 + signal.SIGTERM,
        "stopped what was started",
    )
