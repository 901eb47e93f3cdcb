"""The protocol's figures on a small world; the real ones need the data set and minutes."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.command import bench
from benchmarks.offline.first_stage import sar
from benchmarks.ranker import grid_search
from benchmarks.ranker import run as bench_ranker
from benchmarks.ranker.movielens import ratings_and_titles
from conf.settings import load_settings
from models.candidates.ratings import Ratings
from tests.models.rankers.worlds import SETTINGS, TITLES, world

KEYS = (
    "sar_ndcg10",
    "retriever_ndcg10",
    "ranker_ndcg10",
    "ranker_map",
    "ranker_precision10",
    "ranker_recall10",
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command on a small world instead of MovieLens."""
    monkeypatch.setattr(bench_ranker, "ratings_and_titles", lambda _: (world(1), TITLES))
    grid = SETTINGS.grid.model_copy(
        update={"first_stage": {"ease_ridge": (5.0, 50.0)}, "ranker": ({}, {"trees": 5})}
    )
    settings = SETTINGS.model_copy(update={"grid": grid})
    monkeypatch.setattr(bench_ranker, "benches", lambda: type("B", (), {"ranker": settings}))


@pytest.mark.usefixtures("small")
def test_bench_prints_and_writes_its_figures_and_repeats_them() -> None:
    runs = [
        CliRunner().invoke(bench, ["ranker", "--json"], catch_exceptions=False) for _ in range(2)
    ]
    first, second = (json.loads(run.stdout) for run in runs)
    assert json.loads((load_settings().home_path / "bench" / "ranker.json").read_text()) == second
    assert {k: v for k, v in first.items() if k != "fit_and_rank_s"} == {
        k: v for k, v in second.items() if k != "fit_and_rank_s"
    }
    assert all(0 < first[key] < 1 for key in KEYS)
    assert first["ranker_ndcg10_low"] < first["ranker_ndcg10"] < first["ranker_ndcg10_high"]
    assert first["train_rows"] + first["test_rows"] == len(world(1))


@pytest.mark.usefixtures("small")
def test_choosing_never_sees_a_test_row(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Ratings] = []
    real = grid_search.print_grid
    monkeypatch.setattr(
        bench_ranker,
        "print_grid",
        lambda splits, *more: (
            seen.extend(part for s in splits for part in s),
            real(splits, *more),
        ),
    )
    done = CliRunner().invoke(bench, ["ranker", "--choose"], catch_exceptions=False)
    test = bench_ranker.parts(world(1), 42)[1].played
    assert len(seen) == 4 and not any((part.played & test).any() for part in seen)
    assert "best" in done.stdout and "{'trees': 5}" in done.stdout


def test_measured_by_hand() -> None:
    def rated(profile: list[int], title: list[int]) -> Ratings:
        size = len(profile)
        return Ratings(np.array(profile), np.array(title), np.ones(size), np.ones(size), (3, 4))

    scores = np.array([[9.0, 1, 8, 7], [1, 2, 3, 4], [1, 1, 1, 1]])
    # title 3 is in no training row, so it is no candidate; profile 2 has no test row, so it is not counted
    found = bench_ranker.member_metrics(
        scores, rated([0, 1, 1], [0, 1, 2]), rated([0, 0, 1], [1, 3, 0])
    )
    assert found["recall10"].tolist() == [0.5, 1.0]
    assert found["map"] == pytest.approx([0.5 * 1 / 2, 1.0])
    assert found["ndcg10"] == pytest.approx([(1 / np.log2(3)) / (1 + 1 / np.log2(3)), 1.0])


def test_bench_lists_its_benchmarks_and_refuses_others() -> None:
    assert "ranker" in CliRunner().invoke(bench, ["--help"]).stdout
    assert CliRunner().invoke(bench, ["nothing"]).exit_code == 2


@pytest.mark.slow  # needs the package index once
def test_sar_on_movielens_has_the_published_figure() -> None:
    train, test = bench_ranker.parts(ratings_and_titles(load_settings())[0], 42)
    assert (len(train), len(test)) == (75066, 24934)
    found = bench_ranker.member_metrics(sar(train), train, test)
    published = {"ndcg10": 0.393819, "map": 0.114038, "precision10": 0.340615, "recall10": 0.185377}
    assert {name: round(float(values.mean()), 6) for name, values in found.items()} == published
