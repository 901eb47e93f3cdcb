"""One run at a time commits to a table on an S3-compatible store.

Delta's log store for s3a keeps apart the writers of its own process alone, and the connector looks
before a write whether a file exists, not while it writes: of two runs that commit at once one would
erase the other's commit without a word. An object that is created only where there is none, which
the store decides, keeps them apart.
"""

# Tested by tests/jobs/io/tables/test_s3.py.

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from conf.errors import Retryable
from conf.s3 import is_on_s3

MARKS = "_writers"  # beside the tables: Delta creates none in a folder that has something in it
ONLY_WHERE_NONE = "fs.option.create.conditional.overwrite"


@contextmanager
def sole_writer(spark: SparkSession, path: str) -> Iterator[None]:
    """While it lasts no other run commits to the table at a path of s3a; elsewhere it does nothing.

    Raises:
        Retryable: another run is committing, or ended without taking its mark away.
    """
    if not is_on_s3(path):
        yield
        return
    jvm: Any = spark._jvm
    root, _, table = path.rpartition("/")
    mark = jvm.org.apache.hadoop.fs.Path(f"{root}/{MARKS}/{table}")
    files = mark.getFileSystem(spark._jsc.hadoopConfiguration())
    _leave_mark(files, mark, path)
    try:
        yield
    finally:
        files.delete(mark, False)


def _leave_mark(files: Any, mark: Any, path: str) -> None:
    owner = f"{socket.gethostname()}, process {os.getpid()}, {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    try:
        stream = files.createFile(mark).overwrite(False).must(ONLY_WHERE_NONE, True).build()
        stream.write(bytearray(owner, "utf-8"))
        stream.close()
    except Py4JJavaError as error:
        if not files.exists(mark):
            cause = str(error.java_exception.getMessage()).splitlines()[0]
            raise Retryable(f"{mark.toString()} could not be written: {cause}") from None
        raise Retryable(
            f"{path}: another run is committing to it ({_text(files, mark)}"
            f" UTC); if that run has ended, delete {mark.toString()}"
        ) from None


def _text(files: Any, mark: Any) -> str:
    """Who left the mark."""
    try:
        stream = files.open(mark)
        owner = bytes(stream.readAllBytes()).decode()
        stream.close()
        return owner
    except Py4JJavaError:  # it ended meanwhile
        return "since a moment ago"
