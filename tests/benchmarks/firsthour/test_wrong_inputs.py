"""Every wrong input of every command is answered by one line, and what is not is noticed."""

from pathlib import Path

import pytest

from benchmarks.firsthour import wrong_inputs
from benchmarks.firsthour.wrong_inputs import WrongInput, answer_to
from jobs.io.tables import arrow as arrow_tables


def test_every_wrong_input_is_answered_by_one_line(tmp_path: Path) -> None:
    figures = wrong_inputs.figures(tmp_path, None)
    assert figures["wrong_inputs_otherwise"] == []
    assert figures["tracebacks"] == 0 and figures["wrong_inputs"] > 250


def test_a_fault_that_nobody_thought_of_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("a stack\n of several lines")

    monkeypatch.setattr(arrow_tables, "summaries", fail)
    answer = answer_to(WrongInput(("tables",)))
    assert answer.status == 1 and answer.has_stack and not answer.is_one_line


@pytest.mark.parametrize("words", [("tables", "--help"), ("--version",)])
def test_what_is_right_is_no_error(words: tuple[str, ...]) -> None:
    answer = answer_to(WrongInput(words))
    assert answer.status == 0 and answer.output and not answer.errors
