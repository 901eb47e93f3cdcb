from contextlib import nullcontext
from datetime import date

import pytest

from benchmarks.scale import night, writers
from benchmarks.scale.plays import Service
from benchmarks.scale.process_tree import Usage
from conf.errors import FrontrowError

USAGE = Usage(cpu_s=3, wall_s=2, peak_rss_mb=100, peak_scratch_mb=1, status=0, output="done")


def test_the_night_has_the_jobs_of_the_dag_in_their_order():
    assert night.NIGHT[-3:] == ("assemble_drafts", "run_audits", "publish_homepage_rows")


def test_a_job_that_failed_has_no_figures(monkeypatch, tmp_path):
    failed = USAGE._replace(status=1, output="error: no day")
    monkeypatch.setattr(night, "measured", lambda *_: failed)
    with pytest.raises(FrontrowError, match="error: no day"):
        night.measured_job("run_audits", "2026-03-30", tmp_path, 10, lambda _: None)


def test_a_job_runs_for_its_day_or_tick_in_tables_of_its_own(monkeypatch, tmp_path):
    commands = []

    def measured(argv, variables, scratch):
        commands.append(argv[-2:])
        assert variables["FRONTROW_TABLES"] == str(tmp_path / "tables")
        return USAGE

    monkeypatch.setattr(night, "measured", measured)
    for when in ("2026-03-30", "2026-03-31T00:10Z"):
        night.measured_job("run_audits", when, tmp_path, 10, lambda _: None)
    assert commands == [["--ds", "2026-03-30"], ["--until", "2026-03-31T00:10Z"]]


def test_bytes_and_files_that_a_job_leaves_are_those_of_its_data(monkeypatch, tmp_path):
    table = tmp_path / "tables" / "drafts"
    table.mkdir(parents=True)
    (table / "before.parquet").write_bytes(bytes(50))

    def measured(*_):
        (table / "new.parquet").write_bytes(bytes(400))
        (table / "log.json").write_bytes(bytes(7))
        return USAGE

    monkeypatch.setattr(night, "measured", measured)
    stage = night.measured_job("assemble_drafts", "2026-03-30", tmp_path, 10, lambda _: None)
    assert (stage["bytes_written"], stage["files_written"]) == (400, 1)
    assert stage["bytes_per_page"] == 40
    assert stage["cpu_s"] == 3


def test_pages_are_equal_only_where_both_writers_give_one_hash(monkeypatch, tmp_path):
    service = Service(10, 100, 30, 1.0, date(2026, 3, 30), 1)
    asked = []

    def job(*words):
        asked.append(words[-1]["FRONTROW_WRITER"])
        return {"cpu_s": float(len(asked))}

    monkeypatch.setattr(writers, "measured_job", job)
    monkeypatch.setattr(writers, "session", lambda home: nullcontext())
    monkeypatch.setattr(writers.tables, "read_day", lambda *_: None)
    monkeypatch.setattr(writers.tables, "content_hash", lambda _: "one")
    equal, stages = writers.by_writer(service, tmp_path, lambda _: None)
    assert equal
    assert asked == ["spark", "workers"]
    assert stages["workers"]["cpu_s"] == 2
    monkeypatch.setattr(writers.tables, "content_hash", lambda _: asked[-1])
    assert not writers.by_writer(service, tmp_path, lambda _: None)[0]
