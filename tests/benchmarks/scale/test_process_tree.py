import sys
import time

import pytest

from benchmarks.scale.process_tree import Usage, measured

BURN = "import time; end = time.process_time() + {s}\nwhile time.process_time() < end: pass"


def run(code: str) -> Usage:
    return measured([sys.executable, "-c", code])


def test_the_cpu_of_children_that_outlive_their_parent_is_counted():
    orphan = BURN.format(s=1.5)
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {orphan!r}])"
    usage = run(code)
    assert usage.status == 0
    assert usage.cpu_s >= 1.5


def test_the_cpu_of_children_whose_parent_ignores_their_end_is_counted():
    code = (
        "import signal, subprocess, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        f"subprocess.Popen([sys.executable, '-c', {BURN.format(s=2.5)!r}]).wait()"
    )
    assert run(code).cpu_s >= 1.5


def test_waiting_costs_time_and_no_cpu():
    began = time.monotonic()
    usage = run("import time; time.sleep(1)")
    assert 1 <= usage.wall_s <= time.monotonic() - began
    assert usage.cpu_s < 0.8


def test_memory_of_parent_and_child_adds_up(tmp_path):
    child = "size = bytearray(80_000_000); import time; time.sleep(2)"
    code = (
        "import subprocess, sys; size = bytearray(80_000_000)\n"
        f"subprocess.run([sys.executable, '-c', {child!r}])"
    )
    assert run(code).peak_rss_mb > 150


def test_scratch_files_are_seen_before_they_are_gone(tmp_path):
    code = (
        f"import pathlib, time; path = pathlib.Path({str(tmp_path)!r}, 'scratch')\n"
        "path.write_bytes(bytes(3_000_000)); time.sleep(2); path.unlink()"
    )
    usage = measured([sys.executable, "-c", code], scratch=tmp_path)
    assert usage.peak_scratch_mb == pytest.approx(3_000_000 / 2**20, abs=0.1)


def test_a_failure_keeps_its_status_and_its_last_words():
    usage = run("import sys; print('no day'); sys.exit(3)")
    assert (usage.status, usage.output.strip()) == (3, "no day")


def test_variables_reach_the_command():
    code = "import os; print(os.environ['FRONTROW_TABLES'])"
    assert measured([sys.executable, "-c", code], {"FRONTROW_TABLES": "here"}).output == "here\n"
