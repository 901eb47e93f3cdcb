"""What named tests say of a copy of the tree, by pytest in a process of its own."""
# Tested by tests/benchmarks/mutants/test_run.py.

import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SHORT = 160  # characters of a failure that are kept
ALL_PASSED, SOME_FAILED = 0, 1  # exit statuses of pytest
ASSERTED = re.compile(r"AssertionError|\bassert\b|Failed: ")  # in a fixture that tells a story


@dataclass(frozen=True)
class Answer:
    """What the tests said: how each ended, and the end of what pytest printed."""

    status: int  # pytest's exit status; -1 where the time was up
    output: str = ""
    passed: tuple[str, ...] = ()  # as pytest names tests
    failures: dict[str, str] = field(default_factory=dict)  # by test, the first line of each
    errors: dict[str, str] = field(default_factory=dict)  # of what tests need before they begin

    @property
    def noticed_by(self) -> str:
        """The first test that failed, or whose story asserts something that was not so; "" without.

        A test that could not begin for another reason notices nothing.
        """
        if self.status != SOME_FAILED:
            return ""
        stories = [test for test, line in self.errors.items() if ASSERTED.search(line)]
        return next(iter([*self.failures, *stories]), "")

    @property
    def all_passed(self) -> bool:
        """Whether every test ran or was skipped, and none failed."""
        return self.status == ALL_PASSED


def answer_of(tree: Path, tests: Sequence[str], seconds: float, more: Sequence[str] = ()) -> Answer:
    """Run the tests in the tree for at most so many seconds.

    `more` are further words for pytest.
    """
    report = tree / "mutants.xml"
    report.unlink(missing_ok=True)
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line"]
    words += ["--basetemp", str(tree / "tmp"), "--junitxml", str(report), *more, *tests]
    process = subprocess.Popen(
        words,
        cwd=tree,
        env=_environment(tree),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return Answer(-1, f"no answer in {seconds:g} s")
    if not report.exists():
        return Answer(process.returncode, output[-2000:])
    return _answer(process.returncode, output, report)


def _environment(tree: Path) -> dict[str, str]:
    """The environment without what an outer pytest or a service of ours set in it."""
    ours = ("PYTEST_", "FRONTROW_", "SPARK_", "AIRFLOW_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PYTHONPATH": str(tree)}


def _answer(status: int, output: str, report: Path) -> Answer:
    passed, failures, errors = [], {}, {}
    for case in ElementTree.parse(report).iter("testcase"):
        test = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        failure, error = case.find("failure"), case.find("error")
        if failure is not None:
            failures[test] = _first_line(failure)
        elif error is not None:
            errors[test] = _first_line(error)
        elif case.find("skipped") is None:
            passed.append(test)
    return Answer(status, output[-2000:], tuple(passed), failures, errors)


def _first_line(element: ElementTree.Element) -> str:
    lines = (element.get("message") or "").strip().splitlines() or [""]
    return lines[0][:SHORT]
