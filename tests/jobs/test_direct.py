"""Each job reads what the contracts of its tables say, so that the DAGs wait for all of it."""

import json
import os
from pathlib import Path

import pytest

from conf.contracts import contract, table_names
from conf.schedule import CADENCES
from tests.built import READS

GOLDEN = Path(__file__).parents[1] / "golden" / "reads.expected"
JOBS = [*CADENCES["rankers_weekly"].jobs, *CADENCES["homepage_daily"].jobs]
RECEIPTS = {  # of days before, which a job may read as they are: no other task has to wait
    "run_audits": {"publications", "audits"},
    "publish_homepage_rows": {"publications"},
}


def unnamed(job: str, reads: dict[str, list[str]]) -> set[str]:
    """The tables that a job reads and that no contract of its tables names."""
    own = [contract(name) for name in table_names() if contract(name).written_by == job]
    named = {name for table in own for name in (table.table, *table.reads)}
    return set(reads[job]) - named - RECEIPTS.get(job, set())


@pytest.mark.parametrize("job", JOBS)
def test_the_contracts_of_a_jobs_tables_name_every_table_that_it_reads(job):
    assert not unnamed(job, json.loads(GOLDEN.read_text()))


def test_jobs_are_seen_to_read_no_other_tables(built):
    """REBUILD_FIXTURES=yes keeps what they were seen to read, for the test above."""
    text = (built / READS).read_text()
    if os.environ.get("REBUILD_FIXTURES") == "yes":
        GOLDEN.write_text(text)
    assert {job: found for job in JOBS if (found := unnamed(job, json.loads(text)))} == {}
