"""No tuned baseline sits on the edge of its grid."""

import math

import pytest

from benchmarks.temporal.grid import Edge, tuned


def judged(function):
    """A judge of single parameters, and everything that it was asked."""
    asked = []

    def judge(settings):
        asked.extend(settings)
        return [function(**setting) for setting in settings]

    return judge, asked


@pytest.mark.parametrize("best", [0.01, 3.0, 900.0])
def test_grid_grows_until_the_best_lies_inside(best: float) -> None:
    judge, asked = judged(lambda days: -abs(math.log(days / best)))
    chosen = tuned({"days": [1.0, 2.0, 4.0]}, judge)["days"]
    values = sorted(setting["days"] for setting in asked)
    assert values[0] < chosen < values[-1]
    assert abs(math.log2(chosen / best)) <= 0.5


def test_more_of_what_makes_no_difference_is_not_tried_for_ever() -> None:
    judge, _ = judged(lambda neighbours: min(neighbours, 100))
    assert tuned({"neighbours": [25, 50]}, judge) == {"neighbours": 200}


def test_whole_numbers_end_at_one() -> None:
    judge, asked = judged(lambda neighbours: -neighbours)
    assert tuned({"neighbours": [4, 8]}, judge) == {"neighbours": 1}
    assert all(isinstance(setting["neighbours"], int) for setting in asked)


def test_parameters_are_chosen_together() -> None:
    judge, asked = judged(
        lambda ridge, weight: -abs(math.log(ridge / 32)) - abs(math.log(weight / 4))
    )
    assert tuned({"ridge": [4.0, 8.0, 16.0, 32.0], "weight": [1.0, 2.0, 4.0]}, judge) == {
        "ridge": 32.0,
        "weight": 4.0,
    }
    assert len(asked) == len({tuple(setting.items()) for setting in asked})


def test_what_gets_better_without_end_is_an_error() -> None:
    judge, _ = judged(lambda days: days)
    with pytest.raises(Edge, match="days: the best value"):
        tuned({"days": [1.0, 2.0]}, judge)
