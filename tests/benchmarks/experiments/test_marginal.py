import pyarrow as pa

from benchmarks.experiments.marginal import cells, enough, rollback_figures


def test_members_are_of_the_control_and_of_each_variant_in_turn():
    assert cells(4, 2).to_pylist() == [None, ["bench:0"], ["bench:1"], None]
    assert cells(3, 0).to_pylist() == [None, None, None]


def test_profiles_are_repeated_under_other_names():
    named = pa.schema([pa.field("profile_id", pa.string(), nullable=False), ("plays", pa.int64())])
    profiles = pa.table({"profile_id": ["a", "b"], "plays": [1, 2]}, schema=named)
    many = enough(profiles, 5)
    assert many["profile_id"].to_pylist() == ["a", "a#1", "a#2", "b", "b#1", "b#2"]
    assert many["plays"].to_pylist() == [1, 1, 1, 2, 2, 2]
    assert enough(profiles, 1) == profiles


def test_a_start_is_undone_by_one_command():
    assert 0 < rollback_figures()["rollback_s"] < 600
