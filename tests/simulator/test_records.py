import numpy as np
import pyarrow as pa

from simulator.arrays import MEMORY_ENTRY, NOT_YET, STANDING, States
from simulator.records import OUTCOME, STATE, states_array, states_of
from simulator.truth import NEVER
from tests.simulator.worlds import past


def test_states_are_read_as_they_were_written_and_a_null_is_an_empty_memory():
    entries = np.array([(3, 0.5, 2, -7, 1, 4), (9, 1.0, 0, -1, 2, 1)], MEMORY_ENTRY)
    standings = np.array([(1.0, 0.0, NOT_YET, NEVER), (0.5, 2.0, 3, 9)], STANDING)
    column = states_array(States(np.array([0, 0, 2]), entries, standings))
    read_states = states_of(pa.chunked_array([column, pa.nulls(1, STATE)]))
    assert read_states.first.tolist() == [0, 0, 2, 2]
    assert read_states.entries.tolist() == entries.tolist()
    assert read_states.standings.tolist() == [*standings.tolist(), (1.0, 0.0, NOT_YET, NEVER)]


def test_an_outcome_has_one_record_for_each_profile():
    assert past().schema.equals(OUTCOME)
    assert past()["index"].to_pylist() == sorted(set(past()["index"].to_pylist()))
    assert past()["profile_id"].null_count == past()["measures"].null_count == 0
