"""impressions -> judgements: whether what was really shown might be shown, by the judge."""

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from conf.errors import Rejected
from conf.judge import Subject, judge_settings
from conf.keys import bucket
from conf.ticks import Tick
from jobs.io.published.known_tables import CATALOGUE, known_tables
from jobs.io.step import plain_tick_job
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import arrow_writes
from judge.judgement import Finding, Judgement, judgement

SUBJECTS: tuple[Subject, ...] = ("titles", "artwork")  # what an impression can be judged by
COLUMNS = [
    "page_id",
    "profile_id",
    "row_id",
    "column_position",
    "title_id",
    "artwork_id",
    "shown_at",
]
BUCKETS = 1_000_000


def judge_impressions(tick: Tick) -> str:
    """Write the tick's partition: verdicts on the impressions that were learned in it, or on a
    sample of their pages. Raises Rejected where one is against what was shown.
    """
    shown = _sample(_learned(tick))
    if not shown.num_rows:
        arrow_writes.delete_tick("judgements", tick)
        return "nothing was shown"
    known = _known(shown["profile_id"].unique().to_pylist())
    found = judgement({"given": _given(shown)} | known, SUBJECTS)
    records = [_record(finding, found.cells) for finding in found.findings]
    arrow_writes.write_tick("judgements", tick, records)
    if found.offences:
        raise Rejected(_breach(tick, found))
    return f"{found.cells} cells of {found.pages} visits, none that might not be shown"


def _learned(tick: Tick) -> pa.Table:
    """The impressions that were learned in a tick."""
    table = arrow_tables.open_table("impressions")
    if table is None:
        return pa.table({name: [] for name in COLUMNS})
    of_tick = [("ds", "=", tick.ds), ("known_at", ">=", tick.since), ("known_at", "<", tick.until)]
    return pa.table(table.to_pyarrow_table(filters=of_tick, columns=COLUMNS))


def _sample(shown: pa.Table) -> pa.Table:
    """The impressions of as many pages as the judge takes on, drawn by their id."""
    most = judge_settings().impressions.most
    if shown.num_rows <= most:
        return shown
    page_ids = shown["page_id"].unique().to_pylist()
    share = BUCKETS * most // shown.num_rows
    drawn = [name for name in page_ids if bucket(name, "judge", BUCKETS) < share]
    return shown.filter(pc.is_in(shown["page_id"], pa.array(drawn, pa.string())))


def _given(shown: pa.Table) -> pa.Table:
    """The impressions as rows that a screen was given, as of when the page was handed over."""
    before = timedelta(seconds=judge_settings().impressions.on_screen_s)
    cells = [
        [{name: row[name] for name in ("column_position", "title_id", "artwork_id")}]
        for row in shown.to_pylist()
    ]
    return pa.table(
        {
            "reader": shown["page_id"],
            "seen_at": pc.subtract(shown["shown_at"], pa.scalar(before)),
            "profile_id": shown["profile_id"],
            "row_id": shown["row_id"],
            "cells": pa.array(cells),
        }
    )


def _known(profile_ids: list[str]) -> dict[str, pa.Table]:
    """What is known of titles and profiles; plays only of profiles without settings, since who has
    neither may be a child.
    """
    known = known_tables(profile_ids, (*CATALOGUE, "profiles"))
    with_settings = (
        set(known["profiles"]["profile_id"].to_pylist()) if "profiles" in known else set()
    )
    others = [name for name in profile_ids if name not in with_settings]
    return known | (known_tables(others, ("events",)) if others else {})


def _record(finding: Finding, cells: int) -> dict[str, object]:
    return {
        "verdict": finding.verdict,
        "judged_count": cells,
        "offences_count": finding.count,
        "examples": list(finding.examples),
    }


def _breach(tick: Tick, found: Judgement) -> str:
    return (
        f"{tick}: of {found.cells} cells shown some might not be: {'; '.join(found.sentences)};"
        f' look at `frontrow query "SELECT * FROM judgements"`, and at the landings since'
    )


if __name__ == "__main__":
    plain_tick_job("judge_impressions", __doc__, judge_impressions)
