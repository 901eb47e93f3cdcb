"""`frontrow bench nearline` measures the parts that it is asked for, and writes what they found."""

import json

import pytest
from click.testing import CliRunner

from benchmarks.nearline import figures
from benchmarks.nearline.run import nearline


@pytest.fixture
def answers(monkeypatch, tmp_path):
    """Both parts of the benchmark answer at once, with one figure each."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    monkeypatch.setattr(figures, "crowd_figures", lambda *_: {"cost_share": 0.05})
    monkeypatch.setattr(figures, "evaluation_figures", lambda *_: {"gain_play_rate": 0.01})


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (("--crowd", "0"), {"gain_play_rate"}),
        (("--judge", "0"), {"cost_share"}),
        ((), {"cost_share", "gain_play_rate"}),
    ],
)
def test_a_part_of_size_nought_is_left_out(answers, tmp_path, options, keys):
    outcome = CliRunner().invoke(nearline, [*options, "--json"], catch_exceptions=False)
    assert outcome.exit_code == 0
    written = json.loads((tmp_path / "bench" / "nearline.json").read_text())
    assert keys <= set(written)
    assert not ({"cost_share", "gain_play_rate"} - keys) & set(written)
