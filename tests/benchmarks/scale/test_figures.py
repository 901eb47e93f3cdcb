import pytest

from benchmarks.scale.figures import (
    Night,
    core_hours,
    exponent,
    growth_exponent,
    of_jobs,
    page_cost,
    per_cpu_s,
    ratio,
)


def night(members: int, **cpu_s: float) -> Night:
    return Night(members, 1000, 90, {job: {"cpu_s": value} for job, value in cpu_s.items()})


def test_a_slope_leaves_out_what_a_job_costs_before_the_first_profile():
    small, large = night(1000, a=30.0, b=7.0), night(3000, a=50.0, b=7.0)
    assert page_cost(small, large, ("a",)) == pytest.approx(0.01)
    assert page_cost(small, large, ("a", "b")) == pytest.approx(0.01)
    assert of_jobs(large, ("a", "b")) == large.cpu_s == 57


def test_rates_and_hours_of_a_slope():
    assert per_cpu_s(0.002) == 500
    assert core_hours(500) == 55.6
    assert per_cpu_s(-0.001) is None, "a slope below zero is noise, not an endless speed"
    assert core_hours(None) is None


def test_a_ratio_is_null_where_a_part_was_left_out():
    assert ratio(3, 2) == 1.5
    assert ratio(None, 2) is ratio(3, None) is ratio(3, 0) is ratio(-1, 2) is None


def test_an_exponent_is_one_for_what_grows_alike():
    assert exponent(2, 20, 10) == 1
    assert exponent(2, 4, 4) == 0.5
    assert exponent(0, 4, 4) is exponent(None, 4, 4) is exponent(2, 4, 1) is None


def test_growth_is_measured_above_the_fixed_cost():
    linear = [night(n, a=50 + 0.01 * n) for n in (1000, 2000, 20_000)]
    assert growth_exponent(linear) == pytest.approx(1)
    assert growth_exponent(linear[:2]) is None, "two sizes cannot tell a curve"
    squared = [*linear[:2], night(20_000, a=50 + 0.01 * 2000 * 100)]
    assert growth_exponent(squared) == pytest.approx(2)
