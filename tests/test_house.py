"""The house: who may import whom, what is documented, what nobody may call."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from conf.contracts import columns, contract, table_names
from conf.rooms import rooms
from conf.schedule import CADENCES, EXPORTS
from conf.settings import ROOT
from jobs import FLOW

MAY_IMPORT = {name: set(room.may_import) for name, room in rooms().items()}
FILES = sorted(path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))
IDS = [str(path.relative_to(ROOT)) for path in FILES]
BANNED_NAMES = {"utils", "helpers", "common", "misc", "manager", "base", "core", "final", "new"}
BANNED_IMPORTS = {"pickle", "joblib", "cloudpickle", "dill", "marshal", "shelve"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (
        node
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def compiled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Numba infers the types of what it compiles."""
    return any("njit" in ast.unparse(decorator) for decorator in function.decorator_list)


def calls(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_room_imports_only_what_it_may(path):
    ours = {name.split(".")[0] for name in imports(path)} & set(MAY_IMPORT)
    assert ours - {room_of(path)} <= MAY_IMPORT[room_of(path)]


TRUTH = {"conf.world", "conf.population"}  # the numbers that the simulated service lives by
MAY_KNOW_THE_TRUTH = {name for name, room in rooms().items() if room.truth}


@pytest.mark.parametrize(
    "path", [p for p in FILES if room_of(p) not in MAY_KNOW_THE_TRUTH], ids=str
)
def test_the_pipeline_knows_nothing_of_the_simulated_truth(path):
    modules = set(imports(path))
    names = {
        f"{n.module}.{a.name}"
        for n in ast.walk(tree_of(path))
        if isinstance(n, ast.ImportFrom)
        for a in n.names
    }
    assert not (modules | names) & TRUTH


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_file_has_a_docstring_and_types(path):
    assert not path.read_text().strip() or ast.get_docstring(tree_of(path))
    for function in functions(path):
        if not function.name.startswith("_"):
            assert function.returns is not None or compiled(function), function.name


def test_public_functions_say_what_they_do():
    public = [
        f
        for path in FILES
        for f in ast.walk(tree_of(path))
        if isinstance(f, ast.FunctionDef | ast.ClassDef)
    ]
    silent = [
        f.name
        for f in public
        if not f.name.startswith("_") and not ast.get_docstring(f) and f.name != "run"
    ]
    assert len(silent) / len(public) < 0.05, silent


def mirrored_test(path: Path) -> Path:
    """The test that mirrors a source file: `a/b/c.py` has `tests/a/b/test_c.py`."""
    folder = ROOT / "tests" / path.relative_to(ROOT).parent
    return folder / f"test_{path.stem}.py"


LONG = [path for path in FILES if path.read_text().count("\n") > 40 and path.stem != "__init__"]


@pytest.mark.parametrize("path", LONG, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_some_length_has_a_test_or_names_the_one_that_covers_it(path):
    if mirrored_test(path).exists():
        return
    names = re.findall(r"^# Tested by (tests/[\w/]+\.py)", path.read_text(), re.MULTILINE)
    assert names, f"write {mirrored_test(path).relative_to(ROOT)} or a line '# Tested by tests/...'"
    for name in names:
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_nothing_unsafe_is_imported_or_called(path):
    assert not {name.split(".")[0] for name in imports(path)} & BANNED_IMPORTS
    assert not {"eval", "exec", "yaml.load", "os.system"} & set(calls(path))
    assert "shell=True" not in path.read_text()


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_file_names_say_what_is_inside(path):
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize(
    "path", [p for p in FILES if room_of(p) in ("features", "models")], ids=str
)
def test_features_and_models_touch_no_disk_and_no_clock(path):
    made = set(calls(path))
    assert not {"open", "Path", "datetime.now", "date.today", "time.time", "random.random"} & made
    assert not any(name.endswith((".now", ".today", ".save", ".saveAsTable")) for name in made)
    if room_of(path) == "models":
        assert not any(name.split(".")[0] in ("pyspark", "delta") for name in imports(path))


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) == "dags"], ids=str)
def test_dags_import_neither_spark_nor_ml(path):
    assert not {name.split(".")[0] for name in imports(path)} & {
        "pyspark",
        "lightgbm",
        "numpy",
        "pandas",
        "pyarrow",
    }


def test_every_table_is_written_by_exactly_one_job_of_the_flow():
    assert {contract(name).written_by for name in table_names()} == set(FLOW)


def test_the_flow_is_a_topological_order_of_what_tables_read():
    written = {name: FLOW.index(contract(name).written_by) for name in table_names()}
    for name in table_names():
        assert all(written[read] < written[name] for read in contract(name).reads), name


def test_every_table_is_read_or_published_or_a_receipt():
    read = {r for name in table_names() for r in contract(name).reads}
    for_people = {
        "quarantine",
        "landings",
        "impressions",
        "publications",
        "homepage_updates",
        "freshness",
        "judgements",
        "picture_counts",
        "experiment_results",
        "title_health",
        "search_suggestions",
    }
    assert set(table_names()) - read <= for_people


def test_every_column_is_used_and_says_how_personal_it_is():
    used = {column for name in table_names() for column in contract(name).columns}
    assert used == set(columns())
    assert columns()["profile_id"].pii == "key"


def test_dags_run_every_step_of_the_flow_but_what_a_person_starts():
    by_hand = {"ingest_events", "declare_experiments", "analyse_experiments"}
    assert {job for c in CADENCES.values() for job in c.jobs} == (set(FLOW) - by_hand) | set(
        EXPORTS
    )
