import pytest

from conf.errors import FrontrowError, Rejected, Retryable, UserMistake


@pytest.mark.parametrize(
    ("kind", "status"), [(FrontrowError, 1), (UserMistake, 2), (Rejected, 65), (Retryable, 75)]
)
def test_each_kind_of_error_has_the_exit_status_that_airflow_reads(
    kind: type[FrontrowError], status: int
) -> None:
    assert kind("what happened").exit_status == status
