import subprocess
import sys
import time

import psutil
import pytest

from benchmarks.spine.memory import MEGABYTE, peak_memory


def test_the_peak_holds_this_process_and_those_below_it():
    alone = psutil.Process().memory_info().rss / MEGABYTE
    child = [sys.executable, "-c", "size = bytearray(64 * 1024 * 1024); input()"]
    with subprocess.Popen(child, stdin=subprocess.PIPE) as process:
        with peak_memory(every_s=0.01) as peak:
            deadline = time.monotonic() + 20
            while peak.megabytes < alone + 32 and time.monotonic() < deadline:
                time.sleep(0.01)
        process.communicate(b"\n")
    assert peak.megabytes >= alone + 32


def test_nothing_is_measured_after_the_run_even_after_a_fault():
    with pytest.raises(ValueError, match="a fault"), peak_memory(every_s=0.01) as peak:
        raise ValueError("a fault")
    measured = peak.megabytes
    time.sleep(0.05)
    assert peak.megabytes == measured
