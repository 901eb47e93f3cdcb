"""What the DAGs are, read as Airflow reads them: ids, edges, rendered commands, manners."""

import ast
import difflib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conf.airflow import POOL, POOL_SLOTS, airflow_environment
from conf.schedule import CADENCES, job_edges
from conf.settings import ROOT, Settings

GOLDEN = Path(__file__).parents[1] / "golden"
ALLOWED = {"conf", "dags", "airflow", "openlineage"} | set(sys.stdlib_module_names)


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bag of a machine with two jars and a finished log that ends on 22 April 1998."""
    jars = tmp_path_factory.mktemp("jars")
    for name in ("a.jar", "b.jar"):
        (jars / name).touch()
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FRONTROW_", "SPARK_"))
    }
    environment |= {
        "FRONTROW_HOME": "/srv/frontrow",
        "FRONTROW_JARS": str(jars),
        "FRONTROW_SCHEDULE_END": "1998-04-22",
    }
    command = [sys.executable, "-m", "tests.dags.bag"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    text = (
        done.stdout.splitlines()[-1]
        .replace(str(jars), "JARS")
        .replace(str(Path(sys.executable).parent), "BIN")
    )
    return json.loads(text.replace(str(ROOT), "ROOT"))


def test_dags_import_without_errors(bag):
    assert bag["errors"] == {}


def test_dag_ids_are_exactly_these(bag):
    assert set(bag["dags"]) == {
        "homepage_daily",
        "homepage_nearline",
        "homepage_online",
        "rankers_weekly",
        "upkeep_weekly",
    }


def test_reading_dags_is_quick_and_imports_no_data_libraries(bag):
    assert bag["heavy"] == []
    assert bag["seconds"] < 2


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_edges_are_what_the_contracts_say(bag, dag_id):
    tasks = bag["dags"][dag_id]["tasks"]
    found = {(earlier, later) for earlier, task in tasks.items() for later in task["downstream"]}
    assert found == job_edges(CADENCES[dag_id].jobs)
    assert set(tasks) == set(CADENCES[dag_id].jobs)


def test_daily_flow_reaches_publication_from_every_task(bag):
    tasks = bag["dags"]["homepage_daily"]["tasks"]
    ends = {name for name, task in tasks.items() if not task["downstream"]}
    assert ends == {"publish_homepage_rows"}
    assert "run_audits" in tasks["assemble_drafts"]["downstream"]
    assert "publish_homepage_rows" in tasks["run_audits"]["downstream"]


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_rendered_commands_are_as_checked_in(bag, dag_id):
    tasks = bag["dags"][dag_id]["tasks"]
    rendered = (
        "\n".join("\n  ".join([f"{name}:", *tasks[name]["argv"]]) for name in CADENCES[dag_id].jobs)
        + "\n"
    )
    assert_as_checked_in(f"{dag_id}.expected", rendered)


def assert_as_checked_in(name: str, rendered: str) -> None:
    path = GOLDEN / name
    if os.environ.get("REBUILD_FIXTURES") == "yes":
        path.write_text(rendered)
    expected = path.read_text()
    changes = difflib.unified_diff(
        expected.splitlines(), rendered.splitlines(), "expected", "rendered", lineterm=""
    )
    assert rendered == expected, "\n".join(changes) + "\nREBUILD_FIXTURES=yes accepts it"


@pytest.mark.parametrize(
    ("dag_id", "ds"), [("homepage_daily", "1998-04-22"), ("rankers_weekly", "1998-04-19")]
)
def test_run_date_is_the_last_day_of_the_interval(bag, dag_id, ds):
    for task in bag["dags"][dag_id]["tasks"].values():
        assert task["argv"][-2:] == ["--ds", ds]


@pytest.mark.parametrize("dag_id", ["homepage_nearline", "homepage_online"])
def test_the_online_step_is_for_the_tick_whose_overlays_are_there(bag, dag_id):
    for task in bag["dags"][dag_id]["tasks"].values():
        assert task["argv"][-2:] == ["--until", "1998-04-22T21:10Z"]


def test_ticks_are_done_one_after_another_and_what_measures_them_holds_nothing_up(bag):
    nearline, online = (bag["dags"][dag_id] for dag_id in ("homepage_nearline", "homepage_online"))
    assert (nearline["runs"], online["runs"]) == (1, 1)
    assert nearline["tasks"]["measure_freshness"]["downstream"] == []
    assert online["tasks"]["publish_updates"]["downstream"] == ["serve_pages"]


@pytest.mark.parametrize(
    ("dag_id", "last"),
    [
        ("homepage_daily", "1998-04-22 00:00"),
        ("homepage_nearline", "1998-04-22 23:50"),
        ("homepage_online", "1998-04-22 23:55"),
        ("rankers_weekly", "1998-04-16 00:00"),
    ],
)
def test_a_finished_log_gets_no_runs_after_its_end(bag, dag_id, last):
    assert bag["dags"][dag_id]["end"].startswith(last)


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_manners(bag, dag_id):
    dag = bag["dags"][dag_id]
    assert dag["doc"] and any(tag.startswith("impact/tier_") for tag in dag["tags"])
    assert dag["catchup"] is False and dag["runs"] <= 4
    for task in dag["tasks"].values():
        assert (task["owner"], task["retries"], task["past"]) == ("frontrow", 2, False)
        assert task["pool"] == POOL


def test_tasks_that_hang_leave_a_place_to_the_callback_that_tells_it(tmp_path):
    """Airflow's executor runs both; a task that waits in no pool of ours could take the last place."""
    given = airflow_environment(
        Settings(home=str(tmp_path)), 1, "", dict.fromkeys(("jwt", "api", "fernet"), "x")
    )
    assert int(given["AIRFLOW__CORE__PARALLELISM"]) > POOL_SLOTS


def test_publishing_alone_updates_an_asset(bag):
    outlets = {
        name: task["outlets"] for dag in bag["dags"].values() for name, task in dag["tasks"].items()
    }
    assert {name: found for name, found in outlets.items() if found} == {
        "publish_homepage_rows": ["homepage_rows"],
        "compute_overlays": ["overlays"],
        "publish_updates": ["homepage_updates"],
    }


def test_links_of_tasks_are_as_checked_in(bag):
    lines = [
        f"{name}: {label}: {address}"
        for dag_id, ticks in CADENCES.items()
        for name in ticks.jobs
        for label, address in bag["dags"][dag_id]["tasks"][name]["links"].items()
    ]
    assert_as_checked_in("links.expected", "\n".join(lines) + "\n")


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_airflows_page_knows_every_link_by_a_key_of_its_own(bag, dag_id):
    dag = bag["dags"][dag_id]
    for name, links in dag["kept_links"].items():
        assert list(links) == list(dag["tasks"][name]["links"])
        assert len(set(links.values())) == len(links)


@pytest.mark.parametrize("path", sorted((ROOT / "dags").glob("*.py")), ids=lambda path: path.name)
def test_dag_files_import_conf_airflow_and_what_lineage_is_told_in_only(path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= ALLOWED
    assert not {"jobs", "models", "features"} & {name.split(".")[0] for name in names}


@pytest.mark.parametrize("dag_id", list(CADENCES))
def test_every_job_of_a_dag_is_a_file(dag_id):
    missing = [job for job in CADENCES[dag_id].jobs if not (ROOT / "jobs" / f"{job}.py").is_file()]
    assert missing == []
