import numpy as np
import pyarrow as pa
import pytest

from experiments.analysis.accounts import Metric, by_account
from experiments.analysis.effects import effects, holm

Z = 1.959963984540054


def table(control, treatment, **more):
    """Accounts of two cells with the values `y`."""
    cells = ["control"] * len(control) + ["new"] * len(treatment)
    names = [f"a{number}" for number in range(len(cells))]
    columns = {"account_id": names, "cell": cells, "y": [*control, *treatment], **more}
    return pa.table(columns)


def test_a_mean_by_hand():
    (found,) = effects(table([1, 2, 3], [3, 4, 5]), [Metric("plays", "y")], "control")
    assert (found.control_value, found.cell_value, found.difference) == (2, 4, 2)
    assert found.low == pytest.approx(2 - Z * (2 / 3) ** 0.5)
    assert found.relative == pytest.approx(1)
    assert found.standard_error == pytest.approx((2 / 3) ** 0.5)


def test_a_ratio_by_hand():
    data = table([1, 3], [2, 4], d=[2, 2, 2, 2])
    (found,) = effects(data, [Metric("rate", "y", "d")], "control")
    assert (found.control_value, found.cell_value) == (1, 1.5)
    assert found.standard_error == pytest.approx(0.5**0.5)  # deviations of .5 in each of two cells


def test_what_the_days_before_explain_is_taken_out():
    data = table([1, 2, 4], [4, 4, 7], x=[1, 2, 3, 2, 3, 4])
    (found,) = effects(data, [Metric("plays", "y", before="x")], "control")
    assert found.difference == pytest.approx(5 - 7 / 3 - 10 / 5.5)  # theta = 10 / 5.5


def test_records_of_one_account_are_one():
    once = table([1, 2, 3], [3, 4, 5])
    many = pa.concat_tables([once] * 4)
    metric = Metric("rate", "y", "n")
    one, four = (
        effects(part.append_column("n", pa.array(np.ones(len(part)))), [metric], "control")[0]
        for part in (once, many)
    )
    assert four.standard_error == pytest.approx(one.standard_error)


def test_p_values_are_adjusted_over_all_cells_and_metrics():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


@pytest.mark.parametrize(("may_lose", "holds"), [(0.5, True), (0.0, False)])
def test_a_guardrail_holds_where_no_more_can_be_lost_than_was_declared(may_lose, holds):
    rng = np.random.default_rng(0)
    data = table(rng.normal(10, 1, 200), rng.normal(9.9, 1, 200))
    (found,) = effects(data, [Metric("hours", "y", may_lose=may_lose)], "control")
    assert found.holds is holds


def test_days_before_that_are_unknown_move_no_cell():
    data = table([1, 2, 4], [4, 4, 7], x=[1.0, 2.0, None, 2.0, 3.0, 4.0])
    assert by_account(data, [Metric("y", "y", before="x")])["x"].to_pylist()[2] == pytest.approx(
        2.4
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (table([1], [1, 2]), "fewer than 2"),
        (table([1, 2], []), "another cell"),
        (table([1, None], [1, 2]), "unknown of 1"),
        (
            pa.concat_tables([table([1, 2], [3, 4]), table([], [1])]),
            "account a0 is in more than one",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(data, message):
    data = data.set_column(2, "y", data["y"].cast(pa.float64()))
    with pytest.raises(ValueError, match=message):
        effects(data, [Metric("y", "y")], "control")


def test_a_column_has_one_role():
    with pytest.raises(ValueError, match="two roles"):
        effects(table([1, 2], [3, 4]), [Metric("y", "y", "y")], "control")


def test_two_equal_cells_differ_in_one_of_twenty():
    rng = np.random.default_rng(1)
    told = 0
    for _ in range(120):
        skill = rng.gamma(2, 2, 60)
        data = table(
            rng.poisson(skill[:30]),
            rng.poisson(skill[30:]),
            d=1 + rng.poisson(3, 60),
            x=rng.poisson(skill),
            e=1 + rng.poisson(3, 60),
        )
        told += effects(data, [Metric("y", "y", "d", "x", "e")], "control")[0].p < 0.05
    assert 1 <= told <= 14  # 120 times .05 is 6, beside it a few deviations of 2.4
