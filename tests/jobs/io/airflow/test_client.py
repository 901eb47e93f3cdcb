"""What Airflow may answer to a question that came a moment too late."""

import pytest

from conf.errors import FrontrowError
from jobs.io.airflow.client import AirflowApi


@pytest.mark.parametrize(
    ("said", "harmless"), [("409 Backfill is already completed.", True), ("403 Forbidden", False)]
)
def test_a_backfill_that_completed_meanwhile_needs_no_cancelling(monkeypatch, said, harmless):
    def refuse(*_: object) -> None:
        raise FrontrowError(f"Airflow refused PUT: {said}")

    api = AirflowApi("http://127.0.0.1:1", "user", "password")
    monkeypatch.setattr(api, "_call", refuse)
    if harmless:
        api.cancel(1)
    else:
        with pytest.raises(FrontrowError, match="403"):
            api.cancel(1)
