"""Great Expectations inside the Spark job: suites built in code and run in few passes."""

# Tested by tests/jobs/test_run_audits.py.

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame

EXAMPLES = 5


@dataclass(frozen=True)
class Rule:
    """One expectation by its class name, and the words a person needs when it fails."""

    name: str
    expect: str
    kwargs: dict[str, Any]
    about: str


@dataclass(frozen=True)
class Batch:
    """A persisted frame, the columns that tell its rows apart, and the rules it has to keep."""

    name: str
    frame: DataFrame
    keys: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Finding:
    """The outcome of one rule.

    `examples` are the first offenders, only looked for where it failed; `measures` what later days
    are compared with.
    """

    rule: str
    about: str
    passed: bool
    observed: str
    examples: tuple[str, ...] = field(default=())
    measures: Mapping[str, float] | None = None


def validation_findings(batches: Sequence[Batch], docs: Path) -> list[Finding]:
    """Validate every batch: first whether each rule holds, then the details of those that fail.

    The results become Data Docs in `docs`, a folder of HTML. Nothing is sent anywhere.
    """
    context = _context(docs)
    all_findings = [finding for batch in batches for finding in _batch_findings(context, batch)]
    context.build_data_docs()
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
    outcomes = _run(context, batch, batch.rules, "all", {"result_format": "BOOLEAN_ONLY"})
    broken = tuple(rule for rule in batch.rules if not outcomes[rule.name]["success"])
    details: dict[str, Any] = {}
    if broken:
        summary = {
            "result_format": "SUMMARY",
            "partial_unexpected_count": EXAMPLES,
            "unexpected_index_column_names": list(batch.keys),
        }
        details = _run(context, batch, broken, "broken", summary)
    return [_finding(rule, details.get(rule.name)) for rule in batch.rules]


def _run(
    context: Any, batch: Batch, rules: Sequence[Rule], name: str, result_format: dict[str, Any]
) -> dict[str, Any]:
    """The results by rule of one validation of a batch."""
    import great_expectations as gx

    label = f"{batch.name}_{name}"
    definition = context.data_sources.add_spark(label, persist=False).add_dataframe_asset(label)
    definition = definition.add_batch_definition_whole_dataframe(label)
    suite = context.suites.add(gx.ExpectationSuite(name=label))
    for rule in rules:
        kind = getattr(gx.expectations, rule.expect)
        suite.add_expectation(kind(**rule.kwargs, meta={"rule": rule.name, "about": rule.about}))
    validation = gx.ValidationDefinition(name=label, data=definition, suite=suite)
    validations = [context.validation_definitions.add(validation)]
    checkpoint = gx.Checkpoint(
        name=label, validation_definitions=validations, result_format=result_format
    )
    checkpoint = context.checkpoints.add(checkpoint)
    outcome = checkpoint.run(batch_parameters={"dataframe": batch.frame})
    (run,) = outcome.run_results.values()
    return {result.expectation_config.meta["rule"]: result.to_json_dict() for result in run.results}


def _finding(rule: Rule, failure: dict[str, Any] | None) -> Finding:
    """The finding of a rule from the details of its failure; None where it holds."""
    if failure is None:
        return Finding(rule.name, rule.about, True, "holds")
    exception = failure.get("exception_info", {})
    if exception.get("raised_exception"):
        observed = "could not be checked: " + str(exception)[:300]
        return Finding(rule.name, rule.about, False, observed)
    result = failure["result"]
    if "unexpected_count" in result:
        observed = f"{result['unexpected_count']} of {result['element_count']}"
    else:
        observed = f"{result.get('observed_value')}"
    by_key = result.get("partial_unexpected_index_list")
    offenders = by_key or result.get("partial_unexpected_list") or ()
    examples = sorted({_words(offender) for offender in offenders})
    return Finding(rule.name, rule.about, False, observed, tuple(examples)[:EXAMPLES])


def _words(offender: Any) -> str:
    if not isinstance(offender, dict):
        return str(offender)
    keys = {key: value for key, value in offender.items() if not isinstance(value, bool | None)}
    return " ".join(f"{key}={value}" for key, value in keys.items())
