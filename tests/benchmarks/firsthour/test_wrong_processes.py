"""What goes wrong around a command is made so, and another end than a right one is noticed."""

from pathlib import Path

import pytest

from benchmarks.firsthour.wrong_inputs import Answer
from benchmarks.firsthour.wrong_processes import WrongProcess, answer_of, wrong_processes


@pytest.mark.parametrize(
    ("answer", "is_right"),
    [
        (Answer(2, "", "error: no home\n"), True),
        (Answer(0, "work", ""), True),
        (Answer(141, "", ""), True),
        (Answer(1, "", "error: no home\n"), False),
        (Answer(2, "", "warning\nerror: no home\n"), False),
        (Answer(2, "", "error: KeyError (FRONTROW_TRACE=1 shows where)\n"), False),
        (Answer(0, "", "warning\n"), False),
    ],
)
def test_an_end_is_judged(answer: Answer, is_right: bool) -> None:
    assert WrongProcess((), "nothing", (0, 2, 141)).is_right(answer) is is_right


def test_what_is_wrong_is_made_so(tmp_path: Path) -> None:
    said = answer_of(WrongProcess(("-c", "print(1)"), "no reader", (), output="closed"))
    assert "BrokenPipeError" in said.errors
    full = answer_of(WrongProcess(("-c", "print(1)"), "full disk", (), output="/dev/full"))
    assert "No space left" in full.errors
    busy = WrongProcess(("-c", "while True: pass"), "interrupt", (), interrupt_s=0.5)
    assert answer_of(busy).has_stack
    kinds = {wrong.what for wrong in wrong_processes(tmp_path, None)}
    assert {"missing home", "JAVA_HOME=old", "interrupt after 0.3 s of CPU"} <= kinds


def test_a_java_that_is_too_old_is_told_in_one_line(tmp_path: Path) -> None:
    (old, *_) = [each for each in wrong_processes(tmp_path, None) if each.what == "JAVA_HOME=old"]
    assert old.is_right(answer_of(old))
