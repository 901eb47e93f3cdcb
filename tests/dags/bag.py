"""Reads the DAGs as Airflow does and prints what it found as JSON; run in a process of its own, fresh of imports."""

import copy
import json
import sys
import time
from datetime import UTC, datetime

import airflow.sdk
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.execution_time import macros

from conf.settings import ROOT

HEAVY = {
    "pyspark",
    "delta",
    "lightgbm",
    "great_expectations",
    "pandas",
    "polars",
    "deltalake",
    "numpy",
}
# one whole interval each: Wednesday 22, a tick of it, and the week from Monday 13 to Sunday 19 April 1998
ENDS = {
    "homepage_daily": datetime(1998, 4, 23, tzinfo=UTC),
    "homepage_nearline": datetime(1998, 4, 22, 21, 10, tzinfo=UTC),
    "homepage_online": datetime(1998, 4, 22, 21, 15, tzinfo=UTC),
    "rankers_weekly": datetime(1998, 4, 20, tzinfo=UTC),
    "upkeep_weekly": datetime(1998, 4, 20, tzinfo=UTC),
}


def task_of(task: airflow.sdk.BaseOperator, context: dict[str, object]) -> dict[str, object]:
    downstream, outlets = sorted(task.downstream_task_ids), [asset.name for asset in task.outlets]
    facts = {
        "downstream": downstream,
        "outlets": outlets,
        "pool": task.pool,
        "retries": task.retries,
    }
    return {
        **facts,
        "owner": task.owner,
        "past": task.depends_on_past,
        "argv": task.render_template(task.argv, context),
        "links": links_of(task, context),
    }


def links_of(task: airflow.sdk.BaseOperator, context: dict[str, object]) -> dict[str, str]:
    """The addresses of a task's links, as Airflow asks for them when the task has ended."""
    ended = copy.copy(task)
    ended.argv = task.render_template(task.argv, context)
    return {link.name: link.get_link(ended, ti_key=None) for link in task.operator_extra_links}


def kept_links(dag: airflow.sdk.DAG) -> dict[str, dict[str, str]]:
    """By task the names and keys of links, as Airflow's page knows them from its database."""
    from airflow.serialization.serialized_objects import DagSerialization

    tasks = DagSerialization.from_dict(DagSerialization.to_dict(dag)).tasks
    return {
        task.task_id: {link.name: link.xcom_key for link in task.operator_extra_links}
        for task in tasks
    }


def dag_of(dag: airflow.sdk.DAG, end: datetime) -> dict[str, object]:
    context = {"data_interval_end": end, "macros": macros}
    return {
        "tasks": {task.task_id: task_of(task, context) for task in dag.tasks},
        "tags": sorted(dag.tags),
        "doc": dag.doc_md,
        "catchup": dag.catchup,
        "runs": dag.max_active_runs,
        "start": str(dag.start_date),
        "end": str(dag.end_date),
        "kept_links": kept_links(dag),
    }


def main() -> None:
    before, began = set(sys.modules), time.process_time()
    bag = DagBag(str(ROOT / "dags"))
    spent = time.process_time() - began
    heavy = sorted({name.split(".")[0] for name in set(sys.modules) - before} & HEAVY)
    dags = {name: dag_of(dag, ENDS[name]) for name, dag in bag.dags.items()}
    print(
        "\n"
        + json.dumps({"errors": bag.import_errors, "seconds": spent, "heavy": heavy, "dags": dags})
    )


if __name__ == "__main__":
    main()
