"""A planted fault is noticed, survives or cannot be tried; stale faults and failing tests are refused."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from benchmarks.mutants import run
from benchmarks.mutants.copies import mutated_text
from conf.errors import Rejected, UserMistake
from conf.mutants import Mutant, Mutants, declared, drawn
from conf.settings import ROOT

EVERY = declared()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree of one module and its tests: one looks well, one looks away, one cannot begin."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tree / "ages.py").write_text("LIMIT = 12\n\ndef allowed(age):\n    return age <= LIMIT\n")
    (tree / "test_ages.py").write_text(
        "import pytest\nfrom ages import allowed\n"
        "def test_limit():\n    assert allowed(12) and not allowed(13)\n"
        "def test_away():\n    assert allowed(1)\n"
        "@pytest.mark.skip\ndef test_skipped():\n    pass\n"
        "@pytest.fixture\ndef story():\n    assert not allowed(13)\n"
        "def test_story(story):\n    pass\n"
    )
    return tree


def mutant(before: str, after: str, *tests: str) -> Mutant:
    names = tuple(f"test_ages.py::{test}" for test in tests)
    return Mutant(
        name="fault", promise="leak", file="ages.py", before=before, after=after, tests=names
    )


def outcome(tree: Path, fault: Mutant) -> str:
    """What became of the fault, in one word."""
    figures = run.mutant_figures([fault], tree, 1, lambda line: None)
    return str(figures["verdicts"]["fault"]).split()[0]


@pytest.mark.parametrize(
    ("after", "tests", "expected"),
    [
        ("LIMIT = 17", ["test_limit"], "killed"),
        ("LIMIT = 17", ["test_story"], "killed"),
        ("LIMIT = 17", ["test_away"], "survived"),
        ("LIMIT = 17", ["test_away", "test_limit"], "killed"),
        ("LIMIT = 17", ["test_skipped"], "skipped"),
        ("LIMIT = ", ["test_limit"], "failed"),  # Python cannot read it: no test began
        ("import nowhere", ["test_limit"], "failed"),
    ],
)
def test_a_fault_is_killed_only_by_a_test_that_ran_and_failed(tree, after, tests, expected):
    assert outcome(tree, mutant("LIMIT = 12", after, *tests)) == expected


def test_the_tree_itself_is_never_changed(tree):
    text = (tree / "ages.py").read_text()
    outcome(tree, mutant("LIMIT = 12", "LIMIT = 17", "test_limit"))
    assert (tree / "ages.py").read_text() == text
    assert not list(tree.rglob("__pycache__"))


@pytest.mark.parametrize(("before", "times"), [("LIMIT = 13", 0), ("LIMIT", 2)])
def test_a_fault_whose_place_is_gone_or_not_one_is_stale(tree, before, times):
    with pytest.raises(Rejected, match=f"mutant fault: '{before}' stands {times} times in ages.py"):
        run.mutant_figures([mutant(before, "", "test_limit")], tree, 1, print)


def test_tests_that_fail_without_a_fault_are_refused(tree):
    (tree / "ages.py").write_text("LIMIT = 17\n\ndef allowed(age):\n    return age <= LIMIT\n")
    with pytest.raises(Rejected, match="without any fault .* test_ages.py::test_limit"):
        run.mutant_figures([mutant("17", "12", "test_limit")], tree, 1, print)


def test_a_test_that_is_not_there_is_refused(tree):
    with pytest.raises(Rejected, match="test_nothing"):
        run.mutant_figures([mutant("12", "17", "test_nothing")], tree, 1, print)


def test_figures_count_by_promise_and_a_survivor_is_refused(tree):
    away = mutant("12", "17", "test_away").model_copy(update={"name": "away"})
    figures = run.mutant_figures([mutant("12", "17", "test_limit"), away], tree, 2, print)
    assert (figures["mutants"], figures["killed"], figures["survivors"]) == (2, 1, ["away"])
    assert figures["by_promise"] == {"leak": {"mutants": 2, "killed": 1}}
    with pytest.raises(Rejected, match="no test notices away"):
        run.refuse_survivors(figures)


def test_ten_days_in_a_row_draw_each_mutant_once():
    first = date(2026, 1, 1)
    first -= timedelta(days=first.toordinal() % 10)
    days = [drawn(EVERY.mutants, first + timedelta(days=n), 10) for n in range(10)]
    assert sorted(m.name for day in days for m in day) == sorted(m.name for m in EVERY.mutants)
    assert max(map(len, days)) - min(map(len, days)) <= 1
    assert drawn(EVERY.mutants, first + timedelta(days=10), 10) != days[0]


def test_mutants_are_chosen_by_name_and_by_promise():
    assert [m.name for m in run.chosen_mutants(only=["tie_is_a_win"])] == ["tie_is_a_win"]
    assert {m.promise for m in run.chosen_mutants(promise=["leak"])} == {"leak"}
    with pytest.raises(UserMistake, match="--only 'nobody'"):
        run.chosen_mutants(only=["nobody"])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"promise": "nothing"}, "no promise called nothing"),
        ({"after": "12"}, "changes nothing"),
        ({"name": "twice"}, "two mutants are called twice"),
    ],
)
def test_a_declaration_that_means_nothing_is_refused(change, why):
    fault = mutant("12", "17", "test_limit").model_dump()
    twice = fault | {"name": "twice"}
    with pytest.raises(ValueError, match=why):
        Mutants.model_validate({"promises": {"leak": ""}, "mutants": [fault | change, twice]})


@pytest.mark.parametrize("fault", EVERY.mutants, ids=lambda fault: fault.name)
def test_what_each_mutant_changes_stands_in_the_code_once(fault):
    assert mutated_text(fault, ROOT) != (ROOT / fault.file).read_text()
    for test in fault.tests:
        assert (ROOT / test.split("::")[0]).is_file()


def test_the_promises_are_the_claims_of_the_readme():
    readme = (ROOT / "README.md").read_text()
    table = readme.split("## What you can rely on")[1].split("\n## ")[0]
    claims = re.findall(r"^\| (.+?) \| .*`tests/", table, re.MULTILINE)
    assert list(EVERY.promises.values()) == claims


@pytest.mark.parametrize("promise", EVERY.promises)
def test_every_promise_has_three_faults_that_break_it(promise):
    assert sum(fault.promise == promise for fault in EVERY.mutants) >= 3


def test_the_entry_that_the_docs_show_is_one_that_is_declared():
    page = (ROOT / "docs" / "mutants.md").read_text()
    (entry,) = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0])
    assert Mutant.model_validate(entry) in EVERY.mutants


@pytest.mark.long
def test_the_faults_of_the_day_are_noticed():
    """A tenth of the mutants, another one each day; ten days have them all."""
    chosen = run.chosen_mutants(day=datetime.now(UTC).date())
    run.refuse_survivors(run.mutant_figures(chosen, ROOT, 2, print))


@pytest.mark.slow
def test_every_fault_is_noticed():
    run.refuse_survivors(run.mutant_figures(EVERY.mutants, ROOT, 2, print))
