import os

import pytest

from closed_loop.homes import bench_home, environment_variables


def test_variables_are_set_for_the_block_and_restored_after_a_fault(monkeypatch):
    monkeypatch.setenv("FRONTROW_A", "before")
    monkeypatch.delenv("FRONTROW_B", raising=False)
    with pytest.raises(ValueError), environment_variables(FRONTROW_A="1", FRONTROW_B="2"):
        assert (os.environ["FRONTROW_A"], os.environ["FRONTROW_B"]) == ("1", "2")
        raise ValueError
    assert os.environ["FRONTROW_A"] == "before" and "FRONTROW_B" not in os.environ


def test_a_bench_has_tables_of_its_own_and_only_a_named_folder_stays(monkeypatch, tmp_path):
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    with bench_home(None) as home:
        home.joinpath("tables").mkdir()
        assert os.environ["FRONTROW_TABLES"] == str(home / "tables")
    assert not home.exists()
    with bench_home(str(tmp_path / "kept")) as home:
        assert os.environ["FRONTROW_WORLD"] == str(tmp_path / "kept" / "world")
