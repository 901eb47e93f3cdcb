"""`frontrow status` as OpenMetrics: a file that a collector of Prometheus reads."""

# Tested by tests/jobs/io/test_status_metrics.py.

import os
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.exposition import generate_latest

from conf.alarms import Kind
from conf.days import start_of
from conf.errors import UserMistake
from jobs.io.status import Status

INSTANTS = {  # of facts; of a day its end
    "log_until": "The end of the newest day of the log",
    "landed_at": "When files were landed last",
    "published": "The end of the newest day with published pages",
    "release_of": "The end of the day whose pages the release has",
}
COUNTS = {
    "quarantined": "Records that landings refused",
    "held_versions": "Versions of profiles and titles held to the stricter rule",
}


def write_metrics(found: Status, path: Path) -> None:
    """Replace a file by the metrics of a status, so that nobody reads half of them.

    Raises UserMistake where the file cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(metrics(found))
        beside.replace(path)
    except OSError as error:
        raise UserMistake(f"--metrics {path}: {error.strerror}") from None


def metrics(found: Status) -> bytes:
    """The status in OpenMetrics' text form; what is not known is left out."""
    registry = CollectorRegistry()
    findings = Gauge("frontrow_findings", "What is wrong, by kind", ["kind"], registry=registry)
    counts = Counter(finding.kind for finding in found.findings)
    for kind in get_args(Kind):
        findings.labels(kind).set(counts[kind])
    for name, about in INSTANTS.items():
        _gauge(registry, f"{name}_timestamp_seconds", about, _seconds(found.facts.get(name)))
    for name, about in COUNTS.items():
        _gauge(registry, name, about, found.facts.get(name))
    minutes = found.facts.get("release_age_minutes")
    age = None if minutes is None else minutes * 60
    _gauge(registry, "release_age_seconds", "Age of the release that readers have", age)
    free = Gauge("frontrow_free_bytes", "Free space by folder", ["folder"], registry=registry)
    for folder, gigabytes in found.facts.get("free_gb", {}).items():
        free.labels(folder).set(gigabytes * 1e9)
    _gauge(registry, "status_timestamp_seconds", "When this was written", found.now.timestamp())
    return generate_latest(registry)


def _gauge(registry: CollectorRegistry, name: str, about: str, value: float | None) -> None:
    if value is not None:
        Gauge(f"frontrow_{name}", about, registry=registry).set(value)


def _seconds(instant: Any) -> float | None:
    """Seconds since 1970; of a day those of its end."""
    if isinstance(instant, datetime):
        return instant.timestamp()
    is_day = isinstance(instant, date)
    return start_of(instant + timedelta(days=1)).timestamp() if is_day else None
