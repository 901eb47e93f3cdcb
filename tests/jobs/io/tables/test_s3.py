"""Tables on a store with the interface of S3: the rows that were written, and one writer at a time.

The server is moto's, which refuses an object that exists where it is asked to. Package index and
Maven are needed once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from conf.settings import ROOT
from jobs import direct
from jobs.io.tables import spark as tables
from tests import worlds
from tests.jobs.test_cluster import free_port

LOCK = ROOT / "conf" / "s3_server.txt"
LOG = {"seed": 5, "count": 200}
DAY = "2026-03-01"
STEPS = f"""
import threading
from datetime import date
from conf.errors import Retryable
from jobs import direct
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import spark as tables
from jobs.io.tables.sole_writer import sole_writer

from tests import worlds

spark = open_session("writers")
worlds.write_log(spark, worlds.random_events(**{LOG}), titles=10)
direct.run_step(spark, "build_daily_counts", date.fromisoformat("{DAY}"))
for name in ("events", "titles", "daily_counts"):
    print("hash", name, tables.content_hash(tables.read(spark, name).drop("input_versions")))
tables.forget_day(spark, "daily_counts", date.fromisoformat("{DAY}"))
print("left:", tables.read(spark, "daily_counts").count())

events = tables.read(spark, "events").limit(10).localCheckpoint()
before = tables.read(spark, "events").count()
with sole_writer(spark, tables.path_of("events")):  # another run, while it commits
    try:
        tables.append(spark, "events", events)
    except Retryable as error:
        print("refused:", error)
assert tables.read(spark, "events").count() == before
tables.append(spark, "events", events)
assert tables.read(spark, "events").count() == before + 10

start, won = threading.Barrier(4), []
def write():
    start.wait()
    try:
        with sole_writer(spark, tables.path_of("events")):
            won.append(1)
            end.wait()
    except Retryable:
        end.wait()
end = threading.Barrier(4)
threads = [threading.Thread(target=write) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print("winners:", len(won))
print("deltalake:", arrow_tables.open_table("events").version())
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables of a run whose tables are on a server of this test's own."""
    jars = [sys.executable, "-m", "cli.install.jars", "--s3"]
    subprocess.run(jars, check=True, cwd=ROOT)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (tmp_path_factory.mktemp("s3") / "log").open("w") as log:
        words = [str(server_folder() / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        server = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            create_bucket(f"{address}/tables")
            yield os.environ | {
                "FRONTROW_TABLES": "s3a://tables/frontrow",
                "AWS_ENDPOINT_URL": address,
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "anybody",
                "AWS_SECRET_ACCESS_KEY": "anything",
                "AWS_ALLOW_HTTP": "true",
                "SPARK_MASTER": "local[2]",
            }
        finally:
            server.terminate()
            server.wait(timeout=30)


def server_folder() -> Path:
    """The server's environment, made once from the hash-locked conf/s3_server.txt."""
    mark = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".tools" / f"s3-server-{mark}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        options = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
        subprocess.run([*pip, *options], check=True)
        (folder / "complete").touch()
    return folder


def create_bucket(address: str) -> None:
    """Ask for the bucket until the server answers."""
    for _ in range(300):
        try:
            urllib.request.urlopen(urllib.request.Request(address, method="PUT"), timeout=5)
            return
        except (TimeoutError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server does not answer")


@pytest.mark.slow
def test_tables_on_s3_have_their_rows_and_one_writer_at_a_time(spark, lake, environment, tmp_path):
    home = {"FRONTROW_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", STEPS],
        env=environment | home,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    *_, events, titles, counts, left, refused, winners, deltalake = done.stdout.strip().splitlines()

    worlds.write_log(spark, worlds.random_events(**LOG), titles=10)
    direct.run_step(spark, "build_daily_counts", date.fromisoformat(DAY))
    for line in (events, titles, counts):
        _, name, on_s3 = line.split()
        rows = tables.read(spark, name).drop("input_versions")
        assert on_s3 == tables.content_hash(rows), name
    assert left == "left: 0"
    assert "s3a://tables/frontrow/events: another run is committing to it" in refused
    assert "if that run has ended, delete s3a://tables/frontrow/_writers/events" in refused
    assert winners == "winners: 1"
    assert deltalake.startswith("deltalake: ")
