import os
import subprocess
import sys
from copy import copy

import numba
import numpy as np
import pytest

from conf.compiled import Loop, folder_for, njit, plain_loops, writable
from conf.draws import purpose_uniform


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


@njit()
def doubled(number: np.uint64) -> np.uint64:
    return number * np.uint64(2)


@numba.njit
def called_by_numba(number: np.uint64) -> np.uint64:
    return doubled(number) + np.uint64(1)


def test_a_loop_is_called_by_python_by_numba_and_plainly() -> None:
    assert doubled(np.uint64(4)) == 8 and called_by_numba(np.uint64(4)) == 9
    loop = Loop(lambda: sys.exc_info())  # of what numba cannot compile
    with plain_loops():
        assert loop() == (None, None, None)
        assert doubled(np.uint64(2**63)) == 0  # wraps around without a word
    with pytest.raises(numba.core.errors.NumbaError):
        loop()


def test_numba_is_not_imported_before_a_loop_is_called() -> None:
    program = (
        "import sys, models.page.online.assemble, models.page.layout.stagewise, conf.draws as d\n"
        "import numpy as np\n"
        "assert 'numba' not in sys.modules\n"
        "d.purpose_uniform(np.uint64(1), 1)\n"
        "assert 'numba' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_loop_is_sent_by_its_name() -> None:
    assert copy(purpose_uniform) is purpose_uniform


def test_who_may_not_write_the_checkout_keeps_compiled_code_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    folder = tmp_path / "checkout" / "__pycache__" / "compiled-0"
    assert writable(folder) == folder
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert writable(folder) == tmp_path / "home" / "compiled-0"
