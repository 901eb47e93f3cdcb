from conf.compiled import folder_for


def test_changing_any_loop_changes_where_all_compiled_code_is_kept(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "inner.py").write_text("def inner(x): return x + 1\n")
    (tmp_path / "models" / "outer.py").write_text("def outer(x): return inner(x)\n")
    before = folder_for(tmp_path)
    (tmp_path / "models" / "inner.py").write_text("def inner(x): return x + 2\n")
    assert folder_for(tmp_path) != before
    (tmp_path / "models" / "inner.py").write_text("def inner(x): return x + 1\n")
    assert folder_for(tmp_path) == before


def test_inside_a_zip_numba_chooses_for_itself(tmp_path):
    assert folder_for(tmp_path) is None
