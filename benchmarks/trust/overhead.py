"""What a night pays so as not to publish what is wrong: its audit, and the seals of its commits."""

# Tested by tests/benchmarks/trust/test_overhead.py.

import time
from collections.abc import Callable

from benchmarks.scale.figures import Stages
from benchmarks.scale.made import bench_of, made, night_of
from benchmarks.scale.plays import Service
from benchmarks.scale.process_tree import places_of
from closed_loop.homes import bench_home, environment_variables
from conf.contracts import table_names
from conf.days import parse_day
from jobs.io.tables import seals

Say = Callable[[str], None]
SERVICE = Service(2_000, 1_000, 30, 0.7, parse_day("2026-03-30"), seed=25)
AUDIT, PUBLICATION = "run_audits", "publish_homepage_rows"


def figures(say: Say, service: Service = SERVICE) -> dict[str, object]:
    """The CPU of the audit, seals and receipts of a night over that of all its jobs."""
    with bench_home(None) as home:
        bench = bench_of(home, service, say)
        with made(bench, service, keep=False) as folder:
            night = night_of(bench, service, folder)
            with environment_variables(**places_of(folder)):
                seals_s = seal_all()
    return {"gate_profiles": service.members, **shares(night.stages, seals_s)}


def seal_all() -> float:
    """CPU seconds to seal every commit of every table and to compare what is sealed: more than a
    night seals, which adds a few commits to each.
    """
    began = time.process_time()
    for name in table_names():
        seals.begin_anew(name)
        seals.faults(name)
    return time.process_time() - began


def shares(stages: Stages, seals_s: float) -> dict[str, object]:
    """Shares of a night's CPU: of its gates, and of these with the whole step that publishes, which
    writes the receipt.
    """
    spent = sum(stage["cpu_s"] for stage in stages.values())
    audit = stages[AUDIT]["cpu_s"]
    gates, at_most = audit + seals_s, audit + seals_s + stages[PUBLICATION]["cpu_s"]
    return {
        "gate_overhead": round(gates / spent, 4),
        "gate_overhead_with_publication": round(at_most / spent, 4),
        "gate_audit_cpu_s": round(audit, 2),
        "gate_seals_cpu_s": round(seals_s, 3),
        "gate_jobs_cpu_s": round(spent, 2),
    }
