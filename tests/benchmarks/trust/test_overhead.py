"""The share is that of the audit and of seals, by hand."""

from datetime import date
from pathlib import Path
from random import Random

from benchmarks.trust import overhead
from benchmarks.trust.made import rows, write
from jobs.io.tables import seals


def test_share_is_of_all_jobs() -> None:
    stages = {"run_audits": {"cpu_s": 9.0}, "publish_homepage_rows": {"cpu_s": 10.0}}
    found = overhead.shares({**stages, "assemble_drafts": {"cpu_s": 81.0}}, 1.0)
    assert found["gate_overhead"] == 0.1 and found["gate_overhead_with_publication"] == 0.2
    assert (found["gate_audit_cpu_s"], found["gate_jobs_cpu_s"]) == (9, 100)


def test_seals_of_all_tables_are_made_and_compared(lake: Path) -> None:
    write("contexts", rows("contexts", date(2026, 1, 5), Random(1)))
    folder = seals.folder_of("contexts")
    assert folder is not None
    seals.path_of(folder).unlink()
    assert overhead.seal_all() > 0 and seals.path_of(folder).exists()
