"""A command in a sandbox is judged by its end and its words, and interrupted when time is up."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.firsthour.sandbox import Ended, Sandbox


@pytest.mark.parametrize(
    ("status", "output", "fault"),
    [
        (0, "a page\n", None),
        (0, "", "it printed nothing"),
        (2, "one\nerror: no page\n", "status 2: error: no page"),
        (0, "Traceback (most recent call last)\nKeyError: 'a'\n", "a stack"),
        (None, "working\nerror: interrupted\n", None),
        (None, "error: another backfill\n", "error: another backfill"),
    ],
)
def test_an_end_is_judged(status: int | None, output: str, fault: str | None) -> None:
    told = Ended(status, output).fault
    assert told is None if fault is None else str(told).startswith(fault)


def test_what_takes_too_long_is_interrupted_with_all_of_its_group(tmp_path: Path) -> None:
    place, began = Sandbox(tmp_path, {"NAME": "ada"}), time.monotonic()
    assert place.run("echo hello $NAME", 20) == Ended(0, "hello ada\n")
    line = "trap 'echo error: interrupted; exit 130' INT; sleep 60 & wait"
    ended = place.run(line, 1)
    assert ended == Ended(None, "error: interrupted\n") and time.monotonic() - began < 20
    assert not [each for each in psutil.process_iter(["cwd"]) if each.info["cwd"] == str(tmp_path)]


def test_a_server_is_stopped_once_it_says_where_it_is(tmp_path: Path) -> None:
    place = Sandbox(tmp_path)
    ended = place.serve("echo at http://127.0.0.1:1/; exec sleep 60", 20)
    assert ended.status is None and not ended.fault
    assert "status 3" in str(place.serve("echo no; exit 3", 20).fault)


def test_a_command_hears_an_interrupt_also_where_the_bench_is_deaf_to_it(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in the background of a shell
    try:
        began = time.monotonic()
        assert Sandbox(tmp_path).run("exec sleep 60", 0.5).status is None
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 20
