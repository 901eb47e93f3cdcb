"""How much memory a run needs: this process, its JVM and their Python workers together."""

import contextlib
import threading
from collections.abc import Iterator

import psutil

MEGABYTE = 1024 * 1024


class Peak:
    """The most resident memory seen, in MB."""

    megabytes = 0.0


@contextlib.contextmanager
def peak_memory(every_s: float = 0.5) -> Iterator[Peak]:
    """Watch the resident memory of this process and all below it, several times a second."""
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(every_s):
            peak.megabytes = max(peak.megabytes, _resident() / MEGABYTE)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def _resident() -> int:
    ours = psutil.Process()
    total = 0
    for process in [ours, *ours.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total
