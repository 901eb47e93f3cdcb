"""Four users of one machine with the rights that SECURITY.md tells, set up by its commands, as processes of theirs."""

import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from conf.contracts import contract, table_names
from conf.settings import ROOT
from tests import published

ROLES = ("landing", "offline", "online", "reading")
GROUPS = ("entering", "logs", "catalogue", "serving", "published")
FIRST_GROUP = 61_500
MEMBERS = {  # as the page's `add` has them
    "landing": ("entering", "logs", "catalogue"),
    "offline": GROUPS,
    "online": ("entering", "catalogue", "serving", "published"),
    "reading": ("entering", "published"),
}
RAW = {"events", "impressions", "quarantine"}
OF_RELEASES = {
    "contexts",
    "profile_features",
    "publications",
    "search_suggestions",
    "title_features",
}
LANDED = {name for name in table_names() if contract(name).written_by == "ingest_events"}
PUBLISHED = {name for name in table_names() if contract(name).published}
READS = {
    "landing": LANDED,
    "offline": set(table_names()),
    "online": LANDED - RAW | OF_RELEASES | PUBLISHED,
    "reading": PUBLISHED,
}
WRITES = {
    "landing": LANDED,
    "offline": set(table_names()) - LANDED,
    "online": set(),
    "reading": set(),
}
TRIES = """
import json, os, sys
from pathlib import Path

def reads(table):
    try:
        files = [Path("_seals", f"{table}.jsonl")]
        for folder, _, names in os.walk(table, onerror=refused):
            files += [Path(folder, name) for name in names]
        return bool([file.read_bytes() for file in files])
    except PermissionError:
        return False

def refused(error):
    raise error

def writes(table):
    try:
        Path(table, "tried").touch()
        Path(table, "tried").unlink()
        Path("_seals", f"{table}.jsonl").open("ab").close()
        return True
    except PermissionError:
        return False

tables = sys.argv[1].split()
print(json.dumps([[t for t in tables if reads(t)], [t for t in tables if writes(t)]]))
"""
EVENTS = "profile_id,title_id,kind,event_at\nann,t02,play,1998-04-20T10:00:00Z\nann,,play,1998-04-20T11:00:00Z\n"


class Machine:
    """A folder as `/srv/frontrow`, and four users; Java asks for their names, so they are the system's own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "srv"
        self.tables = self.home / "tables"
        numbers = sorted(each.pw_uid for each in pwd.getpwall() if 0 < each.pw_uid < 1000)
        self.ids = dict(zip(ROLES, numbers, strict=False))
        self.ids |= {name: FIRST_GROUP + at for at, name in enumerate(GROUPS)}
        self.python = sys.executable
        self.more: dict[str, str] = {}
        if self.run("landing", "-c", "").returncode:
            self._link_python(folder / "python")

    def _link_python(self, folder: Path) -> None:
        """Give the users an interpreter where this one is in a folder that only root may enter."""
        own = Path(sys.base_prefix)
        for part in ("bin", "lib"):
            shutil.copytree(
                own / part,
                folder / part,
                symlinks=True,
                copy_function=_linked,
                ignore=shutil.ignore_patterns("site-packages", "test", "__pycache__"),
            )
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        self.python = str(folder / "bin" / f"python{version}")
        self.more = {"PYTHONHOME": str(folder), "LD_LIBRARY_PATH": str(folder / "lib")}

    def set_up(self) -> None:
        """The commands of the page."""
        blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "SECURITY.md").read_text(), re.DOTALL)
        (commands,) = [block for block in blocks if "own()" in block]
        words = {name: str(number) for name, number in self.ids.items()}
        environment = {"PATH": os.environ["PATH"], "home": str(self.home)} | words
        subprocess.run(["sh", "-euc", commands], env=environment, check=True)

    def run(self, role: str, *words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """Python as a user, with its own home and the tables that all share."""
        user, home = self.ids[role], f"{self.home}/home-{self.ids[role]}"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "FRONTROW_HOME": home,
            "FRONTROW_TABLES": str(self.tables),
            "SPARK_MASTER": "local[1]",
            "NUMBA_DISABLE_JIT": "1",  # in a new home every loop would be compiled anew
            "PYTHONPATH": f"{ROOT}:{sysconfig.get_paths()['purelib']}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        if java := os.environ.get("JAVA_HOME"):
            environment["JAVA_HOME"] = java
        try:
            return subprocess.run(
                [self.python, *words],
                env=environment | self.more,
                cwd=cwd,
                user=user,
                group=user,
                extra_groups=[self.ids[group] for group in MEMBERS[role]],
                umask=0o022,  # as a shell has it
                capture_output=True,
                text=True,
                check=False,
            )
        except PermissionError as error:
            return subprocess.CompletedProcess(words, 126, "", str(error))

    def frontrow(self, role: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command as a user."""
        return self.run(role, "-m", "cli.main", *words)

    def refusal(self, role: str, *words: str) -> str:
        """What a command says that ends for want of a right, which is one line."""
        ended = self.frontrow(role, *words)
        assert ended.returncode == 2, ended.stderr
        (said,) = ended.stderr.splitlines()  # Spark, which says more as it starts, was not asked
        assert said.startswith("error: ")
        return said

    def tries(self, role: str) -> list[Any]:
        """The tables that a user can read whole, seals too, and those that it can write."""
        ended = self.run(role, "-c", TRIES, " ".join(table_names()), cwd=self.tables)
        assert not ended.returncode, ended.stderr
        return [set(names) for names in json.loads(ended.stdout)]


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A small service that root has written, handed over to four users, one of whom has landed a log since."""
    if os.getuid():
        pytest.skip("only root can be other users")
    before = os.umask(0o022)  # a test may have left another one, under which nobody could enter
    try:
        with TemporaryDirectory(dir="/tmp", prefix="frontrow-users-") as folder:
            yield landed_machine(Path(folder))
    finally:
        os.umask(before)


def landed_machine(folder: Path) -> Machine:
    folder.chmod(0o755)
    machine = Machine(folder)
    if fault := machine.run("landing", "-c", "import conf.settings, pyarrow").stderr:
        pytest.skip(f"other users cannot read this checkout: {fault.splitlines()[-1]}")
    published.write_service(machine.tables)
    machine.set_up()
    log = folder / "log"
    log.mkdir()
    (log / "events.csv").write_text(EVENTS)
    landed = machine.frontrow("landing", *land(machine))
    assert not landed.returncode, landed.stderr
    return machine


def land(machine: Machine) -> tuple[str, ...]:
    log = machine.home.parent / "log"
    return ("land", "--dataset", "files", "--input", str(log), "--most-refused", "0.9", "--json")


def test_each_user_reads_and_writes_what_the_page_says(machine: Machine) -> None:
    """Java's files of the landing, Rust's of a rollback, and those that were there before."""
    assert not machine.frontrow("offline", "rollback", "--ds", str(published.DAY)).returncode
    assert list((machine.tables / "events").rglob("*.parquet"))
    for role in ROLES:
        assert machine.tries(role) == [READS[role], WRITES[role]], role


def test_nobody_else_enters_anything(machine: Machine) -> None:
    paths = [path for path in machine.home.rglob("*") if not path.is_symlink()]
    assert [path for path in paths if path.stat().st_mode & 0o007] == []
    assert {path.stat().st_mode & 0o7777 for path in machine.home.glob("home-*")} == {0o700}


def test_online_makes_releases_and_reads_pages_without_the_log(machine: Machine) -> None:
    made = machine.run("online", "-m", "jobs.serve_pages")
    assert not made.returncode, made.stderr
    page = machine.frontrow("online", "page", "--served", "--profile", "ann", "--json")
    assert json.loads(page.stdout)["profile_id"] == "ann"
    said = machine.refusal("online", "query", "SELECT * FROM events")
    assert said.startswith("error: table events: this user may not read it; SECURITY.md")


def test_readers_have_what_is_published_and_are_told_of_the_rest(machine: Machine) -> None:
    count = machine.frontrow(
        "reading", "query", "SELECT count(*) AS n FROM homepage_rows", "--json"
    )
    assert json.loads(count.stdout)["n"] > 0
    with_libraries = (
        "import polars, deltalake; from pathlib import Path; path = str(Path('homepage_rows').resolve());"
        "rows = deltalake.DeltaTable(path).to_pyarrow_table().num_rows;"
        "print(rows == polars.scan_delta(path).collect().height > 0)"
    )
    assert machine.run("reading", "-c", with_libraries, cwd=machine.tables).stdout == "True\n"
    listed = json.loads(machine.frontrow("reading", "tables", "--json").stdout)
    assert {each["name"] for each in listed} == PUBLISHED
    for table in ("quarantine", "profiles", "drafts"):
        said = machine.refusal("reading", "query", f"SELECT * FROM {table}")
        assert f"table {table}: this user may not read it" in said


@pytest.mark.parametrize("role", ["offline", "online", "reading"])
def test_only_landing_lands(machine: Machine, role: str) -> None:
    log = machine.home.parent / "log" / "events.csv"
    log.write_text(EVENTS.replace("t02", "t03"))
    said = machine.refusal(role, *land(machine))
    what = "read" if role == "reading" else "write"
    assert f"this user may not {what} it; SECURITY.md" in said


def test_landing_publishes_nothing(machine: Machine) -> None:
    said = machine.refusal("landing", "rollback", "--ds", str(published.DAY))
    assert "this user may not read it; SECURITY.md" in said


def test_online_publishes_nothing(machine: Machine) -> None:
    said = machine.refusal("online", "rollback", "--ds", str(published.EVE))
    assert "this user may not read or write it; SECURITY.md" in said


def test_a_table_without_a_folder_is_told_of(machine: Machine) -> None:
    """As one of a later version is, until the operator makes it."""
    code = (
        "from jobs.io.tables import arrow_writes; from datetime import date;"
        "arrow_writes.replace_day('freshness', date(1998, 4, 22), [{}])"
    )
    (machine.tables / "freshness").rmdir()
    try:
        ended = machine.run("offline", "-c", code)
    finally:
        machine.set_up()
    assert "table freshness: this user may not make it; SECURITY.md" in ended.stderr
