"""`frontrow stale`: published days whose inputs changed, and building exactly those again."""

import json

import click

from jobs.io.published import stale as stale_room
from jobs.io.published.stale import StaleDay
from jobs.io.step import one_line_errors


@click.command()
@click.option("--rebuild", is_flag=True, help="Build these days again, one after the other.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stale(rebuild: bool, as_json: bool) -> None:
    """List the published days of which something came, changed or went since they were built.

    With --rebuild exactly these are built, audited and published again, but for those on hold.

    Example: frontrow stale

    Example: frontrow stale --rebuild
    """
    found = stale_room.stale_days()
    if as_json:
        days = [{"ds": str(d.ds), "reasons": d.reasons, "on_hold": d.on_hold} for d in found]
        print(json.dumps({"stale": days}))
    else:
        for day in found:
            print(f"{day.ds}: {'; '.join(day.reasons)}")
        if not found:
            print("no published day is stale")
        elif not rebuild:
            print("`frontrow stale --rebuild` builds exactly these again, but for those on hold")
    if rebuild:
        _rebuild([day for day in found if not day.on_hold])


def _rebuild(days: list[StaleDay]) -> None:
    """Run the daily DAG's steps for each day in one session."""
    if not days:
        return
    from jobs import direct
    from jobs.io.session import open_session

    with one_line_errors():
        spark = open_session("stale")
        try:
            for day in days:
                lines = direct.run_dag(spark, "homepage_daily", day.ds)
                click.echo(f"{day.ds}: {lines['publish_homepage_rows']}", err=True)
        finally:
            spark.stop()
