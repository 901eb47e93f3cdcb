"""Other libraries are asked in a child process; here a Python without any of them stands in for theirs."""

import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.temporal.peers import Question, _run, ask
from conf.errors import Retryable
from models.candidates.ratings import Ratings

PLAYS = Ratings(
    profile=np.array([0, 0, 1]),
    title=np.array([0, 2, 2]),
    stars=np.full(3, np.nan),
    at_s=np.arange(3.0),
    shape=(2, 3),
)


def question(system: str) -> Question:
    """A question about both members of the log."""
    return Question(system, {"factors": 8}, PLAYS, np.array([0, 1]))


def test_a_system_that_fails_is_an_answer_without_lists_and_with_the_reason() -> None:
    messages: list[str] = []
    answers = ask(Path(sys.executable), [question("nobody"), question("nothing")], messages.append)
    assert [answer.lists for answer in answers] == [None, None]
    assert [answer.error for answer in answers] == ["KeyError: 'nobody'", "KeyError: 'nothing'"]
    assert messages == ["asking the peers 2 times"]


def test_a_child_that_breaks_down_can_be_run_again_and_says_why() -> None:
    with pytest.raises(Retryable, match="the peers' environment: no memory"):
        _run([sys.executable, "-c", "raise SystemExit('no memory')"], 60)
    with pytest.raises(Retryable, match=r"took more than 1 s"):
        _run([sys.executable, "-c", "import time; time.sleep(60)"], 1)
