import json
from datetime import date
from pathlib import Path

import pytest

from benchmarks.scale import orchestration
from benchmarks.scale.process_tree import Usage
from conf.errors import FrontrowError


def test_both_ways_run_the_same_day_in_the_same_tables(monkeypatch, tmp_path):
    def measured(argv, variables):
        assert variables["FRONTROW_TABLES"] == str(tmp_path / "tables")
        way, day, result = argv[-3:]
        assert day == "2026-03-30"
        Path(result).write_text(json.dumps({"process": 50.0, "airflow": 90.0}[way]))
        return Usage(10, 99, 1, 1, 0, "")

    monkeypatch.setattr(orchestration, "measured", measured)
    figures = orchestration.both_ways(tmp_path, date(2026, 3, 30), lambda _: None)
    assert figures["process_wall_s"] == 50
    assert figures["airflow_wall_s"] == 90, "without what Airflow took to start"
    assert figures["airflow_cpu_s"] == 10


def test_a_way_that_failed_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setattr(orchestration, "measured", lambda *_: Usage(1, 1, 1, 1, 1, "no Airflow"))
    with pytest.raises(FrontrowError, match="no Airflow"):
        orchestration.both_ways(tmp_path, date(2026, 3, 30), lambda _: None)
