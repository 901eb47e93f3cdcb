"""What a cluster's workers get of ours: code and settings in one zip, the jars, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conf.settings import ROOT, Settings
from jobs.io import session


def test_a_worker_without_a_checkout_reads_settings_and_builds_pages_from_the_zip(tmp_path: Path):
    archive = session.code_archive(tmp_path)
    code = (
        f"import sys; sys.path[:] = [{str(archive)!r}, *(p for p in sys.path if p != '')]\n"
        "import models.page.maker, models.rankers.examples, features.pairs, simulator.days\n"
        "from conf.rows import rows; from conf.contracts import contract\n"
        "print(models.page.maker.__file__, 'popular' in rows().kinds, contract('drafts').table)"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, cwd=tmp_path, env={}, capture_output=True, text=True)
    assert done.stdout.split() == [f"{archive}/models/page/maker.py", "True", "drafts"], done.stderr


def test_the_zip_holds_every_room_that_workers_import_and_only_code_and_settings(tmp_path: Path):
    names = zipfile.ZipFile(session.code_archive(tmp_path)).namelist()
    assert {name.split("/")[0] for name in names} == set(session.ROOMS)
    assert {Path(name).suffix for name in names} == {".py", ".yaml"}
    assert all((ROOT / name).is_file() for name in names)


def test_what_java_prints_is_no_part_of_an_answer(capfd: pytest.CaptureFixture[str]):
    with session.children_print_to_stderr():
        subprocess.run(["echo", "Deleted 0 files"], check=True)
    print("{}")
    subprocess.run(["echo", "more"], check=True)
    printed = capfd.readouterr()
    assert sorted(printed.out.split()) == ["more", "{}"]
    assert printed.err == "Deleted 0 files\n"


class Context:
    """A Spark that only notes what it is sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.sparkContext = self
        self.builder = self

    def appName(self, name: str) -> "Context":
        return self

    def master(self, master: str) -> "Context":
        return self

    def config(self, option: str, value: str) -> "Context":
        return self

    def getOrCreate(self) -> "Context":
        return self

    def setLogLevel(self, level: str) -> None:
        pass

    def addPyFile(self, path: str) -> None:
        self.sent.append(Path(path).suffix)


@pytest.mark.parametrize(("master", "sent"), [("spark://host:7077", [".zip"]), ("local[2]", [])])
def test_code_is_sent_to_workers_of_a_cluster(tmp_path, monkeypatch, master, sent):
    context = Context()
    monkeypatch.setattr(session, "SparkSession", context)
    session.open_session("test", Settings(home=str(tmp_path), spark_master=master))
    assert context.sent == sent
