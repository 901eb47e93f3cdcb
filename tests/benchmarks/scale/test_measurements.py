from datetime import date

import pyarrow as pa
import pytest

from benchmarks.scale import measurements as module
from benchmarks.scale.figures import Night
from benchmarks.scale.made import Bench
from benchmarks.scale.measurements import Measurements
from benchmarks.scale.night import NIGHT
from benchmarks.scale.plays import Service

FLOOR = {
    "assemble_drafts": 0.001,
    "run_audits": 0.0001,
    "publish_homepage_rows": 0.00001,
    "build_profile_features": 0.0001,
    "build_similars_all": 2.0,
}


def service(members: int, titles: int = 1000, days: int = 90) -> Service:
    return Service(members, titles, days, 1.0, date(2026, 3, 30), 1)


def stage(cpu_s: float, written: int = 0) -> dict[str, float]:
    return {"cpu_s": cpu_s, "bytes_written": written, "peak_rss_mb": 1.0, "bytes_per_page": 0.0}


def night(of: Service, page_s: float, fixed_s: float = 5.0) -> Night:
    stages = {job: stage(fixed_s) for job in NIGHT}
    stages["assemble_drafts"] = stage(fixed_s + page_s * of.members, 4000 * of.members)
    return Night(of.members, of.titles, of.days, stages)


@pytest.fixture
def measured(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "scorer_rates", lambda *_: None)
    rankers = pa.table({"ranker": ["pvr"], "model": ["num_leaves=15\nnum_leaves=4\n"]})
    measurements = Measurements(Bench(tmp_path, rankers, print), keep=False)
    for titles, page_s in ((1000, 0.002), (4000, 0.004)):
        measurements.floors[titles] = FLOOR
        for members in (1000, 3000):
            of = service(members, titles)
            measurements.nights[of] = night(of, page_s)
    return measurements


def test_rates_are_slopes_of_the_asked_for_catalogue(measured):
    figures = measured.figures(service(1000))
    assert figures["assemble_pages_per_cpu_s"] == figures["pages_per_cpu_s"] == 500
    assert figures["core_hours_per_100m_pages"] == 55.6
    assert figures["titles_exponent"] == 0.5
    slope = figures["slopes"]["assemble_drafts"]
    assert slope["floor_ratio"] == 2
    assert slope["bytes_per_page"] == 4000
    assert slope["fixed_cpu_s"] == 5
    assert figures["rankers"] == {"pvr": {"trees": 2, "leaves": 15}}


def test_what_was_left_out_is_null(measured):
    figures = measured.figures(service(1000))
    for name in (
        "history_ratio",
        "growth_exponent",
        "tick_share",
        "land_records_per_cpu_s",
        "als_recommend_all_ratio",
        "scorer_ratio",
        "orchestration_ratio",
        "train_speedup_2_tasks",
        "train_metric_delta",
        "pages_equal",
    ):
        assert figures[name] is None, name


def test_ticks_histories_landings_and_lists(measured):
    large = service(3000)
    measured.ticks[large] = stage(measured.nights[large].cpu_s / 10)
    for days, page_s in ((30, 0.001), (180, 0.003)):
        of = service(1000, days=days)
        measured.nights[of] = night(of, page_s, fixed_s=0)
    measured.landings = {"csv": [(100, 5.0), (1100, 15.0)], "parquet": [(100, 5.0), (1100, 6.0)]}
    measured.lists = {
        service(1000): {"cpu_s": 5.0, "users": 1000},
        large: {"cpu_s": 9.0, "users": 3000},
    }
    figures = measured.figures(service(1000))
    assert figures["tick_share"] == 0.1
    assert figures["history_ratio"] == 3
    assert figures["land_records_per_cpu_s"] == 100, "of the slower format"
    assert figures["als_recommend_all_ratio"] == 1


def test_each_stage_of_each_night_has_its_ratio_to_the_floor(measured):
    records = measured.figures(service(1000))["nights"]
    stages = {(r["members"], r["titles"]): r["stages"] for r in records}
    assert stages[3000, 1000]["assemble_drafts"]["floor_ratio"] == round(11 / 3, 4)
    assert stages[3000, 1000]["build_similars"]["floor_ratio"] == 2.5
    assert stages[3000, 1000]["build_title_features"]["floor_ratio"] is None


def test_a_run_that_was_stopped_goes_on_with_the_same_code(measured, monkeypatch):
    of, asked = service(7000), []

    def whole(self, of, parts):
        asked.append(parts)
        return {"night": night(of, 0.002)._asdict(), **{part: stage(1.0) for part in parts}}

    monkeypatch.setattr(Measurements, "_measured", whole)
    code = ["abc"]
    monkeypatch.setattr(module, "code_version", lambda: code[0])
    measured.add(of, "tick")
    first = measured.nights.pop(of)
    measured.add(of, "tick")
    assert measured.nights[of] == first
    assert measured.ticks[of] == stage(1.0)
    assert len(asked) == 1, "measured before"
    for parts, version in ((("tick", "als"), "abc"), (("tick",), "def"), (("tick",), "def+")):
        measured.nights.pop(of)
        code[0] = version
        measured.add(of, *parts)
    assert len(asked) == 4, "a part was left out, other code, changed files"
