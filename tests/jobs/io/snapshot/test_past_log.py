"""Item models made by Spark row by row are those of the whole Gram matrix at once."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

import features.pairs
from conf.candidates import candidate_settings
from jobs.io.snapshot import past_log
from models.candidates.moment import item_models


@pytest.mark.parametrize("at_once", [1, 1_000_000])
@pytest.mark.parametrize("ease_titles", [12, 1_000])
def test_item_models_by_rows_are_those_of_the_whole_matrix(
    spark, monkeypatch, at_once, ease_titles
):
    monkeypatch.setattr(features.pairs, "PLAYS_AT_ONCE", at_once)
    monkeypatch.setattr(features.pairs, "MOST_CELLS", 30 * at_once)
    changes = {"ease_titles": ease_titles, "cosine_neighbours": 5, "ease_neighbours": 7}
    settings = candidate_settings().model_copy(update={**changes, "ease_ridge": 20.0})
    monkeypatch.setattr(past_log, "candidate_settings", lambda: settings)
    draw = np.random.default_rng(3)
    plays = draw.random((300, 40)) < draw.random(40) * 0.4
    plays[:, [3, 39]] = False  # nobody's
    title_ids = np.array([f"t{n:02}" for n in range(40)], object)
    rows = [([title_ids[n] for n in np.flatnonzero(row)] + ["gone"],) for row in plays]
    histories = spark.createDataFrame(rows, "titles array<string>").repartition(3)
    catalogue = SimpleNamespace(title_ids=title_ids, size=40)
    matrix = sparse.csr_matrix(plays, dtype=np.int64)
    whole = item_models((matrix.T @ matrix).toarray(), settings)
    for ours, theirs in zip(past_log.item_models_of(histories, catalogue), whole, strict=True):
        assert np.array_equal(ours.offsets, theirs.offsets)
        assert np.array_equal(ours.title, theirs.title)
        assert np.array_equal(ours.weight, theirs.weight)
        assert len(ours.title) > 40


def test_a_log_without_plays_has_no_neighbours(spark):
    histories = spark.createDataFrame([], "titles array<string>")
    catalogue = SimpleNamespace(title_ids=np.array(["a", "b"], object), size=2)
    for neighbours in past_log.item_models_of(histories, catalogue):
        assert neighbours.offsets.tolist() == [0, 0, 0] and not len(neighbours.title)
