"""Any exception as an error of ours, which is one line that says what to do."""

# Tested by tests/jobs/io/test_step.py and tests/cli/test_main.py.

import re
import socket

from conf.errors import FrontrowError, Rejected, Retryable, UserMistake
from jobs.io.tables import rights

CONFLICTS = (
    "ConcurrentAppend",
    "ConcurrentWrite",
    "ConcurrentDelete",
    "ConcurrentTransaction",
    "DELTA_CONCURRENT",
)
DISK_FULL = (
    "No space left on device",
    "Disk quota exceeded",
    "database or disk is full",  # SQLite
    "not enough space",
    "os error 28",  # Rust
)
LOST = (
    "Answer from Java side is empty",
    "Error while sending or receiving",
    "JAVA_GATEWAY_EXITED",
    "ExecutorLostFailure",
    "java.lang.OutOfMemoryError",
    "Python worker exited unexpectedly",
)
NO_FILE_SYSTEM = re.compile(r'No FileSystem for scheme "?(\w+)')
DENIED = re.compile(  # as Java, Hadoop, a worker's Python and Rust say it
    r"FileNotFoundException: (/\S+) \(Permission denied\)|AccessDeniedException: (/\S+)"
    r"|Mkdirs failed to create (?:file:)?(/\S+)|PermissionError: \[Errno 13\][^/\n]*(/[^'\n]+)"
    r"|Unable to \w+ \w+ (/\S+)[^/]{0,40}Permission denied|Permission denied \(os error 13\)"
)
REFUSED = (PermissionError, FileExistsError, FileNotFoundError, NotADirectoryError)


def known_error(error: BaseException) -> FrontrowError | None:
    """The error of ours that an exception is, or stands for; None for one that nobody expected."""
    if isinstance(error, FrontrowError):
        return error
    texts = []
    link: BaseException | None = error
    while link is not None:
        texts.append(str(link))
        link = link.__cause__ or link.__context__
    text = "\n".join(texts)
    if any(mark in text for mark in DISK_FULL):
        return Retryable("the disk is full; free some space and run this again")
    if any(mark in text for mark in CONFLICTS):
        return Retryable("another run wrote the same day at the same time; run this again")
    if denied := DENIED.search(text):
        path = next(filter(None, denied.groups()), "a file of the tables")
        return UserMistake(f"{path}: this user may not read or write it; {rights.ADVICE}")
    library = type(error).__module__.partition(".")[0]
    if library in ("py4j", "pyspark") and (of_spark := _of_spark(error, text)):
        return of_spark
    return _of_the_system(error)


def _of_spark(error: BaseException, text: str) -> FrontrowError | None:
    """What Spark's report says: an error of ours in a worker, a JVM that has gone, no connector."""
    for kind in (Rejected, Retryable, UserMistake):  # of a worker, as its traceback names it
        if match := re.search(rf"\bconf\.errors\.{kind.__name__}: (.+)", text):
            return kind(match[1])
    if any(mark in text for mark in LOST) or type(error).__name__ == "Py4JNetworkError":
        return Retryable(
            "Spark's process ended, most likely killed for memory (FRONTROW_DRIVER_MEMORY); run this again"
        )
    if missing := NO_FILE_SYSTEM.search(text):
        return UserMistake(
            f"no connector for {missing[1]}:// among the jars; docs/cluster.md says which file"
            " systems FRONTROW_TABLES may name"
        )
    return None


def _of_the_system(error: BaseException) -> FrontrowError | None:
    """What the operating system refused, with the file or the address that it was asked for."""
    if isinstance(error, socket.gaierror):
        return UserMistake(f"a host name cannot be resolved: {error.strerror}; check the address")
    if isinstance(error, REFUSED) and error.filename:
        return UserMistake(
            f"{error.filename}: {error.strerror}; what is read must be readable, and"
            " FRONTROW_HOME a folder that may be written"
        )
    if isinstance(error, IsADirectoryError):
        return UserMistake(f"{error.filename} is a folder; give a file")
    return None


def told(error: BaseException) -> str:
    """An exception's kind and the first line of what it says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else 'it said nothing'}"[:400]
