"""What the steps read and wrote, told to OpenLineage by Airflow's provider.

Nothing is told unless the environment names where to: OPENLINEAGE_URL, or a transport of
`[openlineage]` in Airflow's settings.
"""

# Tested by tests/dags/test_lineage.py.

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from airflow.providers.openlineage.extractors.base import OperatorLineage
from openlineage.client.event_v2 import InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    dataset_version_dataset,
    documentation_dataset,
    output_statistics_output_dataset,
    schema_dataset,
)

from conf.contracts import columns, contract
from conf.settings import ROOT

PATIENCE_S = 60
Described = dict[str, Any]


def read_by_step(job: str, when: Sequence[str], variables: dict[str, str]) -> OperatorLineage:
    """The tables that a step is about to read, with their versions."""
    return OperatorLineage(inputs=_inputs(_lineage(job, when, variables)))


def done_by_step(job: str, when: Sequence[str], variables: dict[str, str]) -> OperatorLineage:
    """The tables that a step has written, with versions and rows. What it read was told before."""
    return OperatorLineage(outputs=_outputs(_lineage(job, when, variables)))


def _lineage(
    job: str, when: Sequence[str], variables: dict[str, str]
) -> dict[str, list[Described]]:
    """As `jobs.io.lineage` prints it: in a process of its own, as all that opens tables."""
    command = [sys.executable, "-m", "jobs.io.lineage", job, *when]
    printed = subprocess.run(
        command, cwd=ROOT, env=variables, timeout=PATIENCE_S, check=True, capture_output=True
    ).stdout
    found: dict[str, list[Described]] = json.loads(printed)
    return found


def _inputs(found: dict[str, list[Described]]) -> list[InputDataset]:
    return [InputDataset(*_place(each), facets=_facets(each)) for each in found["inputs"]]


def _outputs(found: dict[str, list[Described]]) -> list[OutputDataset]:
    outputs = []
    for each in found["outputs"]:
        size = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=each["rows"], size=each["bytes"], fileCount=each["files"]
        )
        outputs.append(
            OutputDataset(
                *_place(each), facets=_facets(each), outputFacets={"outputStatistics": size}
            )
        )
    return outputs


def _place(table: Described) -> tuple[str, str]:
    """Namespace and name by OpenLineage's naming: `file` and a path, or a bucket and what is in it."""
    scheme, found, rest = table["path"].partition("://")
    if not found:
        return "file", table["path"]
    bucket, _, name = rest.partition("/")
    return f"{scheme.replace('s3a', 's3')}://{bucket}", name


def _facets(table: Described) -> dict[str, Any]:
    """The table's version, its columns and what it is for, by its contract."""
    own = contract(table["name"])
    fields = [
        schema_dataset.SchemaDatasetFacetFields(
            name=name, type=columns()[name].type, description=columns()[name].meaning
        )
        for name in own.columns
    ]
    facets: dict[str, Any] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields=fields),
        "documentation": documentation_dataset.DocumentationDatasetFacet(description=own.about),
    }
    if table["version"] is not None:
        version = dataset_version_dataset.DatasetVersionDatasetFacet(str(table["version"]))
        facets["version"] = version
    return facets
