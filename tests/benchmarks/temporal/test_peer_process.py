"""The child process on a system of our own: what it reads, and what it writes for the parent."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.temporal import peer_process

TRAIN = {
    "profile": np.array([0, 0, 0, 1]),
    "title": np.array([0, 2, 2, 1]),
    "at_s": np.arange(4.0),
    "members": np.array([0, 1]),
}


def own_plays(
    train: peer_process.Train, settings: peer_process.Settings
) -> Callable[[], np.ndarray]:
    """Each member's own titles, and as often as `repeat` says."""
    plays = peer_process.matrix(train).toarray()
    titles = [np.flatnonzero(plays[member]).tolist() for member in train["members"]]
    return lambda: peer_process.padded([row * settings["repeat"] for row in titles])


def test_plays_count_once() -> None:
    assert peer_process.matrix(TRAIN).toarray().tolist() == [[1, 0, 1], [0, 1, 0]]


def test_lists_have_ten_entries() -> None:
    lists = peer_process.padded([[5, 4], list(range(12)), []])
    assert lists.tolist() == [[5, 4, *[-1] * 8], list(range(10)), [-1] * 10]


def test_each_question_has_its_lists_or_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(peer_process.SYSTEMS, "own_plays", own_plays)
    np.savez(tmp_path / "train.npz", **TRAIN)
    questions = [
        {"system": "own_plays", "settings": {"repeat": 1}, "train": "train.npz", "out": "a0"},
        {"system": "own_plays", "settings": {}, "train": "train.npz", "out": "a1"},
    ]
    (tmp_path / "asked.json").write_text(json.dumps(questions))
    peer_process.main(tmp_path)
    first, second = json.loads((tmp_path / "told.json").read_text())
    assert first["out"] == "a0" and first["fit_s"] >= 0 and first["predict_s"] >= 0
    assert np.load(tmp_path / "a0.npy")[:, :3].tolist() == [[0, 2, -1], [1, -1, -1]]
    assert second == {"out": "a1", "error": "KeyError: 'repeat'"}
