"""Great Expectations over what parts of a day have counted: suites built in code, run in one pass."""

# Tested by tests/jobs/test_run_audits.py.

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.io.offline_docs import without_network

EXAMPLES = 5


@dataclass(frozen=True)
class Rule:
    """A column of counts whose sum has to stay within bounds, and the words a person needs when it
    does not.
    """

    name: str
    column: str
    about: str
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Batch:
    """What each part of a day has counted, a record for each, and the rules that hold for the sums.

    `whole` is the column that says of how many; `examples` are by rule.
    """

    name: str
    counts: Sequence[Mapping[str, int]]
    whole: str
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """The outcome of one rule.

    `examples` are the first offenders; `measures` what later days are compared with.
    """

    rule: str
    about: str
    passed: bool
    observed: str
    examples: tuple[str, ...] = field(default=())
    measures: Mapping[str, float] | None = None


def validation_findings(batches: Sequence[Batch], docs: Path) -> list[Finding]:
    """Validate every batch.

    The results become Data Docs in `docs`, a folder of HTML. Nothing is sent anywhere.
    """
    context = _context(docs)
    all_findings = [finding for batch in batches for finding in _batch_findings(context, batch)]
    context.build_data_docs()
    without_network(docs)
    return all_findings


def _context(docs: Path) -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # takes seconds to import: only the audit pays

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}  # type: ignore[assignment]
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(docs)}
    context.delete_data_docs_site("local_site")
    pages = {"class_name": "DefaultSiteIndexBuilder"}
    context.add_data_docs_site(
        "frontrow",
        {"class_name": "SiteBuilder", "store_backend": store, "site_index_builder": pages},
    )
    return context


def _batch_findings(context: Any, batch: Batch) -> list[Finding]:
    """A finding for each rule of a batch."""
    import great_expectations as gx
    import pandas as pd

    frame = pd.DataFrame.from_records(batch.counts)
    definition = context.data_sources.add_pandas(batch.name).add_dataframe_asset(batch.name)
    definition = definition.add_batch_definition_whole_dataframe(batch.name)
    suite = context.suites.add(gx.ExpectationSuite(name=batch.name))
    for rule in batch.rules:
        expectation = gx.expectations.ExpectColumnSumToBeBetween(
            column=rule.column,
            min_value=rule.least,
            max_value=rule.most,
            meta={"rule": rule.name, "about": rule.about},
        )
        suite.add_expectation(expectation)
    validation = gx.ValidationDefinition(name=batch.name, data=definition, suite=suite)
    validations = [context.validation_definitions.add(validation)]
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=batch.name, validation_definitions=validations)
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": frame})
    (run,) = outcome.run_results.values()
    results = {result.expectation_config.meta["rule"]: result for result in run.results}
    total = sum(record[batch.whole] for record in batch.counts)
    return [_finding(rule, results[rule.name].to_json_dict(), total, batch) for rule in batch.rules]


def _finding(rule: Rule, result: dict[str, Any], total: int, batch: Batch) -> Finding:
    """The finding of a rule from its result; what could not be checked does not hold."""
    if result["success"]:
        return Finding(rule.name, rule.about, True, "holds")
    exception = result.get("exception_info", {})
    observed = result.get("result", {}).get("observed_value")
    if observed is None:
        return Finding(rule.name, rule.about, False, f"could not be checked: {exception}"[:300])
    seen = f"{observed}" if rule.column == batch.whole else f"{observed} of {total}"
    return Finding(rule.name, rule.about, False, seen, batch.examples.get(rule.name, ()))
