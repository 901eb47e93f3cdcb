"""Rows of the table `resumes` as the arrays that both rankers of Continue Watching learn from."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from conf.resumes import resume_settings
from jobs.training.resume_examples import oldest_day, resume_parameters, sample_from
from models.rankers.continue_watching.features import FEATURES

CUTS = [datetime(2026, 4, day, tzinfo=UTC) for day in (1, 1, 1, 2, 2)]
PROFILES = ["anna", "anna", "ben", "ben", "carl"]


def resumes() -> pa.Table:
    """Five rows: three queries on two days and one more; the second row was not on the page."""
    count = len(CUTS)
    values = [[float(row)] * len(FEATURES) for row in range(count)]
    positions = pa.array([1, None, 2, 3, 4], pa.int32())
    return pa.table(
        {
            "cut_at": pa.array(CUTS, pa.timestamp("us", "UTC")),
            "profile_id": PROFILES,
            "values": pa.array(values, pa.list_(pa.float32())),
            "label": [1, 0, 0, 1, 0],
            "session_label": [1, 0, 0, 0, 0],
            "row_label": [0, 0, 0, 1, 0],
            "row_position": positions,
            "column_position": positions,
        }
    )


def test_a_query_is_a_profile_s_rows_of_one_day() -> None:
    sample = sample_from(resumes())
    assert sample.query.tolist() == [0, 0, 1, 2, 3]
    assert sample.cut.tolist() == [0, 0, 0, 1, 1]
    assert sample.matrix[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert sample.label.tolist() == [1, 0, 0, 1, 0]


def test_what_was_not_shown_has_no_position() -> None:
    sample = sample_from(resumes())
    expected = np.array([1, np.nan, 2, 3, 4], np.float32)
    assert np.array_equal(sample.row_position, expected, equal_nan=True)
    assert np.array_equal(sample.column_position, expected, equal_nan=True)


def test_no_rows_are_no_queries() -> None:
    assert len(sample_from(resumes().slice(0, 0)).query) == 0


@pytest.mark.parametrize("name", ["continue_watching", "continuation"])
def test_parameters_are_those_of_the_ranker_and_of_its_days(name: str) -> None:
    parameters = resume_parameters(name)
    assert parameters["resumes"] == resume_settings().model_dump()
    assert "trees" in parameters["ranker"]  # type: ignore[operator]


def test_the_oldest_day_lies_as_many_days_back_as_there_are_cuts() -> None:
    ds = date(2026, 4, 30)
    assert (ds - oldest_day(ds)).days == resume_settings().cuts - 1
