import numpy as np
import pyarrow as pa

from simulator.memory import ENTRY, States
from simulator.records import OUTCOME, STATE, states_array, states_of
from tests.simulator.worlds import past


def test_states_come_back_as_they_left_and_a_null_is_an_empty_memory():
    entries = np.array([(3, 0.5, 2, -7, 1, 4), (9, 1.0, 0, -1, 2, 1)], ENTRY)
    column = states_array(States(np.array([0, 0, 2]), entries))
    back = states_of(pa.chunked_array([column, pa.nulls(1, STATE)]))
    assert back.first.tolist() == [0, 0, 2, 2]
    assert back.entries.tolist() == entries.tolist()


def test_a_record_for_each_profile_in_the_schema_that_is_promised():
    assert past().schema.equals(OUTCOME)
    assert past()["index"].to_pylist() == sorted(set(past()["index"].to_pylist()))
    assert past()["profile_id"].null_count == past()["measures"].null_count == 0
