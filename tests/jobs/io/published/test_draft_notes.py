"""What was refused as drafts were made is told of the drafts that were published, and of no others."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

from deltalake import CommitProperties, write_deltalake

from benchmarks.trust.made import rows
from jobs.io.published.draft_notes import note_of, refused_rankers
from jobs.io.tables import arrow as arrow_tables

DAY = date(2026, 1, 5)


def commit(ds: date, note: str) -> None:
    """Write drafts of a day with a note."""
    write_deltalake(
        arrow_tables.deltalake_path("drafts"),
        rows("drafts", ds, Random(1), 2),
        mode="append",
        partition_by=["ds"],
        commit_properties=CommitProperties(custom_metadata={"userMetadata": note}),
    )


def test_refused_are_those_of_the_drafts_at_a_version(lake: Path) -> None:
    assert refused_rankers(DAY, 0) == []
    commit(DAY, note_of(DAY, ["pvr: nothing serves"]))
    commit(DAY + timedelta(days=1), note_of(DAY + timedelta(days=1), []))
    commit(DAY, "somebody else's")
    commit(DAY, note_of(DAY, ["top_picks: cut"]))
    told = [refused_rankers(DAY, version) for version in range(4)]
    assert told == [["pvr: nothing serves"]] * 3 + [["top_picks: cut"]]
    assert refused_rankers(DAY + timedelta(days=1), 3) == []
