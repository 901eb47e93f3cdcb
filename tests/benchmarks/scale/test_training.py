"""What two tasks of training gain and lose, on rows small enough for a test."""

import numpy as np

from benchmarks.scale import training
from benchmarks.scale.training import ROWS, made_examples, training_figures
from conf.rankers import ranker_settings
from models.candidates.features import FEATURES
from models.rankers.queries import feature_values, query_starts


def test_made_rows_are_whole_queries_of_which_some_rows_are_played():
    rows = made_examples(20, seed=1)
    assert query_starts(rows) == list(range(0, 20 * ROWS, ROWS))
    played = rows["label"].to_numpy().reshape(20, ROWS).sum(axis=1)
    assert (played == 3).all()
    values = feature_values(rows)
    assert values.shape == (20 * ROWS, len(FEATURES)) and 0 < np.isnan(values).mean() < 0.1
    again, other = (feature_values(made_examples(20, seed)) for seed in (1, 2))
    assert np.array_equal(values, again, equal_nan=True)
    assert not np.array_equal(values, other, equal_nan=True)


def test_figures_name_what_was_gained_and_lost(spark, tmp_path, monkeypatch):
    quick = ranker_settings("top_picks").model_copy(update={"trees": 40, "models": 1})
    monkeypatch.setattr(training, "ranker_settings", lambda _: quick)
    figures = training_figures(spark, tmp_path, queries=150, rounds=1)
    assert figures["train_rows"] == 150 * ROWS
    assert figures["train_speedup_2_tasks"] > 0 and figures["train_wall_ratio_2_tasks"] > 0
    assert 0 < figures["train_metric_delta_most"] < 0.2
    assert list(tmp_path.iterdir()) == []
