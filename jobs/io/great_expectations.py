"""Great Expectations inside the Spark job: suites made in code, run in few passes, kept as Data Docs."""

import os
from collections.abc import Sequence
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
    """What became of one rule; `examples` are the first offenders, only looked for where it failed."""

    rule: str
    about: str
    passed: bool
    observed: str
    examples: tuple[str, ...] = field(default=())


def findings(batches: Sequence[Batch], docs: Path) -> list[Finding]:
    """Validate every batch: first only whether each rule holds, then the details of those that do not.

    The results become Data Docs in `docs`, a folder of HTML. Nothing is sent anywhere.
    """
    context = _context(docs)
    found = [finding for batch in batches for finding in _validated(context, batch)]
    context.build_data_docs()
    return found


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


def _validated(context: Any, batch: Batch) -> list[Finding]:
    held = _run(context, batch, batch.rules, "all", {"result_format": "BOOLEAN_ONLY"})
    broken = tuple(rule for rule in batch.rules if not held[rule.name]["success"])
    details = {}
    if broken:
        details = _run(
            context,
            batch,
            broken,
            "broken",
            {
                "result_format": "SUMMARY",
                "partial_unexpected_count": EXAMPLES,
                "unexpected_index_column_names": list(batch.keys),
            },
        )
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
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(
            name=label,
            validation_definitions=[context.validation_definitions.add(validation)],
            result_format=result_format,
        )
    )
    outcome = checkpoint.run(batch_parameters={"dataframe": batch.frame})
    (run,) = outcome.run_results.values()
    return {result.expectation_config.meta["rule"]: result.to_json_dict() for result in run.results}


def _finding(rule: Rule, failed: dict[str, Any] | None) -> Finding:
    if failed is None:
        return Finding(rule.name, rule.about, True, "holds")
    result = failed["result"]
    if failed.get("exception_info", {}).get("raised_exception"):
        return Finding(
            rule.name,
            rule.about,
            False,
            "could not be checked: " + str(failed["exception_info"])[:300],
        )
    if "unexpected_count" in result:
        seen = f"{result['unexpected_count']} of {result['element_count']}"
    else:
        seen = f"{result.get('observed_value')}"
    offenders = (
        result.get("partial_unexpected_index_list") or result.get("partial_unexpected_list") or ()
    )
    return Finding(
        rule.name, rule.about, False, seen, tuple(sorted({_words(o) for o in offenders}))[:EXAMPLES]
    )


def _words(offender: Any) -> str:
    if isinstance(offender, dict):
        return " ".join(
            f"{key}={value}"
            for key, value in offender.items()
            if not isinstance(value, bool | None)
        )
    return str(offender)
