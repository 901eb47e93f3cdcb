"""How much memory a run needs: this process, its JVM and their Python workers together."""

import contextlib
import threading
from collections.abc import Iterator

import psutil

MEGABYTE = 1024 * 1024


class Peak:
    """The most resident memory of a run, in MB."""

    megabytes = 0.0


@contextlib.contextmanager
def peak_memory(every_s: float = 0.5) -> Iterator[Peak]:
    """The peak of the resident memory of this process and all below it, read every `every_s`."""
    peak, finished = Peak(), threading.Event()

    def watch() -> None:
        """Raise the peak until the run is over."""
        while not finished.wait(every_s):
            peak.megabytes = max(peak.megabytes, _resident() / MEGABYTE)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        finished.set()
        watcher.join()


def _resident() -> int:
    """Bytes of this process and all below it."""
    this_process = psutil.Process()
    total = 0
    for process in [this_process, *this_process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            total += process.memory_info().rss
    return total
