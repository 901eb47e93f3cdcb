"""Arrow columns as arrays, with nulls."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from models.catalogue.columns import filled, flags, floats, index_in, seconds, texts


def test_values_are_found_by_their_index():
    ids = np.array(["a", "b"], object)
    assert index_in(pa.array(["b", "z", None]), ids).tolist() == [1, -1, -1]


def test_nulls_become_a_value_of_their_kind():
    assert texts(pa.array(["a", None])).tolist() == ["a", ""]
    assert floats(pa.chunked_array([[1, None]])).tolist()[0] == 1
    assert np.isnan(floats(pa.array([None], pa.int64()))[0])
    assert filled(pa.chunked_array([[3, None]]), -1).tolist() == [3, -1]
    assert flags(pa.array([True, None])).tolist() == [True, False]


def test_instants_are_epoch_seconds():
    instant = datetime(1970, 1, 2, microsecond=500_000, tzinfo=UTC)
    column = pa.array([instant, None], pa.timestamp("us", "UTC"))
    assert seconds(column)[0] == 86_400.5
    assert np.isnan(seconds(column)[1])
