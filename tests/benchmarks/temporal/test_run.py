"""The protocols in time on a small landed log; the real figures need minutes."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.command import bench
from benchmarks.temporal import ours as temporal_ours
from benchmarks.temporal import run, systems
from benchmarks.temporal.baselines import ease_scores
from benchmarks.temporal.peers import Answer
from benchmarks.temporal.play_log import landed_log
from benchmarks.temporal.trials import (
    Pairs,
    TrialRun,
    list_metrics,
    paired_gain,
    paired_ratio,
    trial,
)
from conf.bench import benches
from conf.rankers import ranker_settings
from conf.settings import load_settings
from experiments.protocols import Window, single_cut
from models.candidates.ease import ItemModel, ease
from models.candidates.ratings import Ratings
from models.rankers.promotion import Verdict

METRICS = {"recall10", "ndcg10", "map10", "hit10", "coverage10", "fit_s", "predict_s"}


def landed(folder: Path, genres: bool = True) -> Path:
    """Forty members of two tastes who come back week after week to forty titles, half of them launched on the way."""
    rng = np.random.default_rng(3)
    rows = []
    for member in range(40):
        for visit in range(rng.integers(4, 9)):
            day = rng.integers(0, 120)
            for title in rng.choice(40, 4, replace=False):
                if title % 2 == member % 2 and day >= 2 * title:
                    rows.append(
                        (
                            f"m{member}",
                            f"t{title}",
                            880_000_000 + int(day) * 86_400 + visit,
                            "",
                            "play",
                        )
                    )
    with (folder / "events.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("profile_id", "title_id", "event_at", "value", "kind"), *rows])
    if genres:
        titles = [
            {"title_id": f"t{n}", "name": f"T{n}", "genres": ["Odd" if n % 2 else "Even"]}
            for n in range(40)
        ]
        (folder / "titles.jsonl").write_text("\n".join(json.dumps(title) for title in titles))
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small trees and grids: a test wants the figures' shape, not good ones."""
    few = {
        name: {parameter: values[:2] for parameter, values in grid.items()}
        for name, grid in benches().temporal.systems.items()
    }
    monkeypatch.setattr("benchmarks.temporal.systems.tuned", _first)
    settings = benches().temporal.model_copy(update={"systems": few, "seeds": (7,)})
    monkeypatch.setattr(run, "benches", lambda: type("B", (), {"temporal": settings}))
    small = {"trees": 10, "rows_in_leaf": 5, "models": 1, "threads": 1}
    monkeypatch.setattr(
        temporal_ours,
        "ranker_settings",
        lambda name: ranker_settings(name).model_copy(update=small),
    )


def _first(grid, judge):
    """The first value of each parameter."""
    return {name: values[0] for name, values in grid.items()}


@pytest.mark.usefixtures("quick")
def test_bench_writes_the_same_figures_for_both_protocols_from_any_log(tmp_path: Path) -> None:
    asked = ["temporal", "--no-peers", "--json", "--input", str(landed(tmp_path, genres=False))]
    found = json.loads(CliRunner().invoke(bench, asked, catch_exceptions=False).stdout)
    assert json.loads((load_settings().home_path / "bench" / "temporal.json").read_text()) == found
    for part in (found, found["rolling"]):
        assert all(set(figures) >= METRICS for figures in part["systems"].values())
        assert {"popularity", "recent_popularity", "ease", "frontrow_topn"} <= set(part["systems"])
        assert part["best_peer"]["name"] != "frontrow_topn"
        assert part["ndcg10_gain_low"] <= part["ndcg10_gain"] <= part["ndcg10_gain_high"]
        assert part["ndcg10_gain"] == pytest.approx(
            part["ours"]["ndcg10"] - part["best_peer"]["ndcg10"]
        )
    assert found["rolling"]["members"] > found["members"]
    assert "not asked for" in found["peers"]


@pytest.mark.usefixtures("quick")
def test_bench_tells_what_the_gate_promoted_and_whether_that_was_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the gate is told, it promotes; the window after says whether that was right."""
    monkeypatch.setattr(run, "verdict", lambda *_: Verdict(True, "as told"))
    asked = ["temporal", "--no-peers", "--json", "--input", str(landed(tmp_path, genres=False))]
    found = json.loads(CliRunner().invoke(bench, asked, catch_exceptions=False).stdout)
    after = [each["lead_after"] > 0 for each in found["rolling"]["promotions"]]
    assert found["windows"] == found["promoted"] == len(after) == 5
    assert found["promoted_right"] == pytest.approx(np.mean(after))


def test_nothing_that_was_promoted_is_no_share() -> None:
    assert run._share_right([{"promoted": False, "lead_after": 1.0}]) is None


@pytest.mark.usefixtures("quick")
def test_another_library_is_measured_by_its_lists_and_one_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(python, questions, say):
        """A library that knows the best answer and another one that breaks."""
        good = np.tile(np.arange(10), (40, 1))
        return [
            Answer(good[: len(q.members)], 1.0, 2.0)
            if q.system == "implicit_als"
            else Answer(None, error="broken")
            for q in questions
        ]

    monkeypatch.setattr(systems, "peer_python", lambda say: Path("python"))
    monkeypatch.setattr(systems, "ask", told)
    asked = ["temporal", "--no-rolling", "--json", "--input", str(landed(tmp_path))]
    found = json.loads(CliRunner().invoke(bench, asked, catch_exceptions=False).stdout)
    assert found["systems"]["implicit_als"]["fit_s"] == 1.0
    assert found["failed"]["lenskit_als"] == "broken"


@pytest.mark.usefixtures("quick")
def test_training_never_sees_a_test_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = temporal_ours.rows_of_cut

    def watched(plays, facts, cut, settings, judged):
        """Remember how many rows were handed over."""
        seen.append(len(plays))
        return real(plays, facts, cut, settings, judged)

    monkeypatch.setattr(temporal_ours, "rows_of_cut", watched)
    log = landed_log(str(landed(tmp_path)))
    ours = temporal_ours.Ours(log.plays, log.facts, benches().temporal, lambda _: None)
    ours.rows(trial(log.plays, Window(100, 140)))
    assert max(seen) <= 100


def test_the_gate_is_told_of_nothing_that_was_played_after_a_judged_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Labels of earlier cuts reach weeks ahead, so those after the judged cut have to be left out."""
    log = landed_log(str(landed(tmp_path)))
    ours = temporal_ours.Ours(log.plays, log.facts, benches().temporal, lambda _: None)
    one = trial(log.plays, single_cut(len(log.plays)))
    rows, _ = ours.rows(one)
    learned: list[float] = []

    def queries(parts, ranker):
        """Remember when the newest play was that teaches."""
        cut_of = {id(part.matrix): cut for cut, own in rows.items() for part in own}
        for part in parts:
            days = part.played_days[part.label == 1].max(initial=0)
            learned.append(ours._at_s(cut_of[id(part.matrix)]) + days * 86_400)
        cuts.append(max(learned))
        return type("Q", (), {"labels": np.zeros(1)})  # so that nothing is trained

    cuts: list[float] = []
    monkeypatch.setattr(temporal_ours, "queries_from_rows", queries)
    monkeypatch.setattr(temporal_ours, "title_judgement", lambda *_: None)
    ours.gate("top_picks", one)
    judged = ours.candidates.judged(list(rows)[::-1])[::-1]
    asked = [ours._at_s(cut) for cut in judged if cut != next(iter(rows))]
    assert len(cuts) == len(asked) > 2
    assert all(newest <= at_s + 1 for newest, at_s in zip(cuts, asked, strict=True))


def test_a_trial_asks_for_titles_and_members_that_training_knows() -> None:
    #             0  1  2  3 | 4  5  6  7      members 0 and 1 train on titles 0 and 1
    profile = np.array([0, 0, 1, 1, 0, 1, 2, 1])
    title = np.array([0, 1, 1, 2, 2, 3, 0, 0])
    plays = Ratings(profile, title, np.full(8, np.nan), np.arange(8.0), (3, 4))
    one = trial(plays, Window(4, 8))
    assert one.members.tolist() == [0, 1]
    assert one.relevant.tolist() == [[False, False, True, False], [True, False, False, False]]
    assert one.open.tolist() == [[False, False, True, False], [True, False, False, False]]
    found = list_metrics(one, one.ranked(np.ones((2, 4)), 0.0, 0.0))
    assert found["ndcg10"].tolist() == [1, 1] and found["map10"].tolist() == [1, 1]


@pytest.mark.usefixtures("quick")
def test_settings_are_chosen_before_the_first_row_that_is_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[list[Window], Window]] = []

    def protocol(windows, inner, *_):
        """Remember which rows test, and which choose."""
        asked.append((list(windows), inner))
        figures = {"ndcg10": 0.0, "name": ""}
        return {"ours": figures, "best_peer": figures, "promotions": []}

    monkeypatch.setattr(run, "_protocol", protocol)
    words = ["temporal", "--no-peers", "--json", "--input", str(landed(tmp_path, genres=False))]
    CliRunner().invoke(bench, words, catch_exceptions=False)
    assert [len(windows) for windows, _ in asked] == [1, 5]
    for windows, inner in asked:
        first_tested = min(window.cut for window in windows)
        assert 0 < inner.cut < inner.end <= first_tested


def test_a_system_is_tested_with_the_setting_that_was_best_where_settings_are_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Short windows are best on the inner rows, long ones on those that test."""
    ndcg = {("inner", 7): 0.3, ("inner", 60): 0.1, ("test", 7): 0.2, ("test", 60): 0.9}

    def ranked(name, one, setting):
        """Lists that only say what made them."""
        return TrialRun((one, setting["days"]), None, 0.0, 0.0)

    monkeypatch.setattr(systems, "_ranked", ranked)
    monkeypatch.setattr(
        systems, "list_metrics", lambda one, each: {"ndcg10": np.array([ndcg[each.lists]])}
    )
    monkeypatch.setattr(
        systems, "tuned", lambda grid, judge: max(grid, key=lambda each: judge([each]))
    )
    grid = {"recent_popularity": ({"days": 60}, {"days": 7})}
    settings = benches().temporal.model_copy(update={"systems": grid})
    runs, chosen = systems.own_runs("inner", ["test"], settings, lambda _: None)
    assert chosen == {"recent_popularity": {"days": 7}}
    assert [each.lists for each in runs["recent_popularity"]] == [("test", 7)]


def test_every_ridge_of_ease_comes_out_of_one_decomposition() -> None:
    rng = np.random.default_rng(2)
    size = 300
    plays = Ratings(
        rng.integers(0, 30, size),
        rng.integers(0, 12, size),
        np.full(size, np.nan),
        np.arange(float(size)),
        (30, 12),
    )
    members = np.array([0, 4, 29])
    gram = (plays.binary.T @ plays.binary).toarray()
    for ridge in (0.5, 20.0):
        direct = ItemModel(ease(gram, ridge)).scores(plays.binary[members])
        found = ease_scores(plays, members, {"ridge": ridge})
        assert found == pytest.approx(direct, abs=1e-4)


def test_a_gain_has_windows_in_its_interval_and_a_ratio_is_over_the_rival() -> None:
    lead = np.repeat([0.3, -0.1, 0.2, -0.1], 50)
    member, window = np.tile(np.arange(50), 4), np.repeat(np.arange(4), 50)
    pairs = Pairs(1 + lead, np.ones(200), member, window)
    gain, ratio = paired_gain("gain", pairs), paired_ratio("ratio", pairs)
    assert gain["gain"] == pytest.approx(0.075) and gain["gain_low"] < -0.1
    assert ratio["ratio"] == pytest.approx(1.075)
    assert ratio["ratio_low"] == pytest.approx(1 + gain["gain_low"])
