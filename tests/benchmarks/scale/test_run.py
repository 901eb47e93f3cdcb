import json

import pytest
from click.testing import CliRunner

from benchmarks.scale import run


class Recorder:
    """Measurements that are only asked for."""

    asked: list[tuple[object, ...]]

    def __init__(self, *_: object) -> None:
        Recorder.asked = []

    def add(self, service, *parts: str) -> None:
        Recorder.asked.append((service.members, service.titles, service.days, parts))

    def train(self, queries: int) -> None:
        Recorder.asked.append(("training", queries))

    def figures(self, like) -> dict[str, object]:
        return {"titles": like.titles, "plays_a_profile": like.plays}


@pytest.fixture
def bench(monkeypatch, tmp_path):
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    monkeypatch.setattr(run, "bench_of", lambda *_: None)
    monkeypatch.setattr(run, "Measurements", Recorder)
    return lambda *words: CliRunner().invoke(run.scale, [*words, "--json"])


def test_costs_need_two_sizes(bench):
    assert "two sizes" in str(bench("--members", "500").exception)
    assert "whole numbers above 0" in bench("--members", "500,0").output
    assert "whole numbers above 0" in bench("--members", "500,many").output


def test_what_is_left_out_is_not_measured(bench, tmp_path):
    words = ("--members", "900,300", "--titles", "700", "--no-als", "--no-landing")
    assert bench(*words, "--no-airflow", "--no-writers", "--training", "0").exit_code == 0
    assert Recorder.asked == [(300, 700, 90, ("tick",)), (900, 700, 90, ("tick",))]
    figures = json.loads((tmp_path / "bench" / "scale.json").read_text())
    assert figures == {"titles": 700, "plays_a_profile": 64}


def test_landing_and_airflow_are_measured_of_the_smallest_service(bench):
    assert bench("--members", "300,900,1200", "--titles", "700").exit_code == 0
    every = ("tick", "als", "airflow", "writers", "landing")
    assert [asked[3] for asked in Recorder.asked[:3]] == [every, ("tick", "als"), ("tick", "als")]
    assert Recorder.asked[3] == ("training", 4000)


def test_further_catalogues_and_histories_are_nights_alone(bench):
    words = (
        "--members",
        "300,900,1200",
        "--titles",
        "700",
        "--no-tick",
        "--no-als",
        "--no-landing",
    )
    more = (
        "--no-airflow",
        "--no-writers",
        "--training",
        "0",
        "--title-counts",
        "100,1400",
        "--history",
        "30,180",
    )
    assert bench(*words, *more).exit_code == 0
    assert Recorder.asked[3:] == [
        (300, 100, 90, ()),
        (900, 100, 90, ()),
        (300, 1400, 90, ()),
        (900, 1400, 90, ()),
        (300, 700, 30, ()),
        (300, 700, 180, ()),
    ]
