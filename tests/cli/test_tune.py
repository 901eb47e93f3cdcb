"""What tuning draws, judges and writes; the search itself is Optuna's."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import tune
from conf.bench import benches
from conf.errors import UserMistake
from conf.rankers import Rankers, ranker_settings
from conf.settings import load_yaml


class LeastTrial:
    """A trial that draws the least of everything, and remembers between which values."""

    def suggest_categorical(self, name, choices):
        return choices[-1]

    def suggest_int(self, name, least, most, log):
        return least

    def suggest_float(self, name, least, most, log):
        return float(least)


def test_what_is_drawn_are_settings_of_the_ranker() -> None:
    parameters = tune.suggested(LeastTrial(), benches().tuning, "top_picks")
    current = ranker_settings("top_picks")
    settings = current.model_validate(current.model_dump() | parameters)
    assert (settings.objective, settings.trees, settings.feature_share) == ("binary", 50, 0.2)


def test_windows_are_ones_that_no_protocol_tests_on() -> None:
    assert all(cut < end <= 0.5 for cut, end in benches().tuning.windows)


def test_writing_changes_the_ranker_and_nothing_else(tmp_path: Path) -> None:
    before = tune.FILE.read_text()
    after = tune.rewritten(
        before, "pvr", {"trees": 77, "learning_rate": 0.0312345, "objective": "binary"}
    )
    (tmp_path / "rankers.yaml").write_text(after)
    rankers = load_yaml(Rankers, tmp_path / "rankers.yaml").rankers
    assert (rankers["pvr"].trees, rankers["pvr"].learning_rate) == (77, 0.03123)
    assert rankers["top_picks"] == ranker_settings("top_picks")
    assert before.count("#") == after.count("#")


def test_an_unknown_ranker_is_refused() -> None:
    with pytest.raises(UserMistake, match="no ranker 'nobody'"):
        tune.rewritten("rankers:\n  pvr:\n    trees: 1\n", "nobody", {})


def test_a_ranker_without_a_search_is_told_before_a_log_is_read():
    ended = CliRunner().invoke(tune.tune, ["--ranker", "continue_watching", "--trials", "1"])
    assert isinstance(ended.exception, UserMistake)
    assert "those that can: " in str(ended.exception)


def test_an_interrupted_search_prints_no_stack():
    text = (
        "import cli.tune as t\n"
        "from types import SimpleNamespace as N\n"
        "def interrupted(*_): raise KeyboardInterrupt\n"
        "t.movielens_log = lambda: N(plays=[], facts=None)\n"
        "t.Ours = lambda *_: None\n"
        "t._validation_trials = lambda *_: [None]\n"
        "t.judgement = interrupted\n"
        "try: t.tune.main(['--ranker', 'pvr', '--trials', '1'], standalone_mode=False)\n"
        "except BaseException as end: print(type(end).__name__)\n"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.stdout == "Abort\n" and "Traceback" not in done.stderr
