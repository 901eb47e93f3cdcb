"""A night of a made service, job by job as the DAG runs them: each in a process of its own."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.scale.plays import Service
from benchmarks.scale.process_tree import Usage, measured, places_of
from conf.errors import FrontrowError
from conf.schedule import cadence

NIGHT = cadence("homepage_daily").jobs
# before the night that is measured, so that it finds the states of the day before
DAY_BEFORE = ("build_daily_counts", "build_title_features", "build_profile_features")
TICK = "compute_overlays"
Say = Callable[[str], None]
Stage = dict[str, float]


def measured_job(
    job: str,
    when: str,
    home: Path,
    pages: int,
    say: Say,
    variables: Mapping[str, str] | None = None,
) -> Stage:
    """Run a job for `--ds DAY` or `--until INSTANT`; its figures, with bytes and files that stay."""
    option = "--until" if "T" in when else "--ds"
    argv = [sys.executable, "-m", f"jobs.{job}", option, when]
    bytes_before, files_before = stored(home / "tables")
    usage = measured(argv, places_of(home) | dict(variables or {}), home / "spark" / "local")
    require_success(job, usage)
    bytes_after, files_after = stored(home / "tables")
    written = bytes_after - bytes_before
    say(f"{job}: {usage.cpu_s:.1f} CPU-s, {usage.peak_rss_mb:.0f} MB; {last_line(usage.output)}")
    return {
        "cpu_s": usage.cpu_s,
        "wall_s": usage.wall_s,
        "peak_rss_mb": usage.peak_rss_mb,
        "peak_scratch_mb": usage.peak_scratch_mb,
        "bytes_written": written,
        "files_written": files_after - files_before,
        "bytes_per_page": round(written / pages, 1),
    }


def last_line(output: str) -> str:
    """What a job said at last: its own line."""
    return (output.strip().splitlines() or [""])[-1]


def require_success(job: str, usage: Usage) -> None:
    """An error with the last lines of a job that failed: a stage that did not do its work has no cost."""
    if usage.status:
        raise FrontrowError(f"{job} ended with status {usage.status}:\n{usage.output}")


def measured_night(service: Service, home: Path, say: Say) -> dict[str, Stage]:
    """The figures of each job of the night of a service's last day."""
    ds = service.ds.isoformat()
    return {job: measured_job(job, ds, home, service.members, say) for job in NIGHT}


def stored(root: Path) -> tuple[int, int]:
    """Bytes and files of data below a folder of tables."""
    sizes = [path.stat().st_size for path in root.rglob("*.parquet")]
    return sum(sizes), len(sizes)
