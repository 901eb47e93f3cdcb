"""`frontrow status`: what is late, stale, on hold, refused, degraded, ahead of the clock or full."""

import json
from pathlib import Path

import click

from conf.plain_text import one_line
from jobs.io.status import add_stale_days
from jobs.io.status import status as status_of


@click.command()
@click.option(
    "--metrics",
    default=None,
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the same as OpenMetrics to a file, for a collector that reads files.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def status(context: click.Context, metrics: Path | None, as_json: bool) -> None:
    """Tell how the service stands, without Spark and Airflow; exit status 1 where anything is wrong.

    docs/runbook.md says what to do about each kind of finding.

    Example: frontrow status

    Example: frontrow status --metrics /tmp/frontrow.prom
    """
    found = status_of()
    add_stale_days(found)
    if metrics:
        from jobs.io.status_metrics import write_metrics

        write_metrics(found, metrics)
    if as_json:
        findings = [vars(finding) for finding in found.findings]
        report = {"ok": not findings, "at": found.now, "findings": findings, **found.facts}
        print(one_line(json.dumps(report, ensure_ascii=False, default=str)))
    else:
        for finding in found.findings:
            print(one_line(f"{finding.kind}: {finding.subject}: {finding.text}"))
        print("nothing is wrong" if not found.findings else "docs/runbook.md says what to do")
        for name, value in found.facts.items():
            print(one_line(f"{name.replace('_', ' '):<20} {_readable(value)}"))
    context.exit(1 if found.findings else 0)


def _readable(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_readable(each)}" for name, each in value.items())
    return "-" if value is None else str(value)
