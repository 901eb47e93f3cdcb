"""What a client of Airflow says where Airflow refuses, is not there, or was a moment faster."""

import pytest
from airflow_client.client.api.backfill_api import BackfillApi
from airflow_client.client.exceptions import ApiException

from conf.errors import FrontrowError, Retryable
from jobs.io.airflow.client import AirflowApi

NOBODY = "http://127.0.0.1:1"  # no server listens there


@pytest.fixture
def api(monkeypatch) -> AirflowApi:
    """A client that is logged in already."""
    client = AirflowApi(NOBODY, "user", "password")
    monkeypatch.setitem(vars(client), "_client", None)
    return client


@pytest.mark.parametrize(
    ("status", "body", "harmless"),
    [(409, "Backfill is already completed.", True), (403, "Forbidden", False)],
)
def test_a_backfill_that_completed_meanwhile_needs_no_cancelling(
    api, monkeypatch, status, body, harmless
):
    def refuse(*_: object, **__: object) -> None:
        raise ApiException(status=status, body=body)

    monkeypatch.setattr(BackfillApi, "cancel_backfill", refuse)
    if harmless:
        api.cancel(1)
    else:
        with pytest.raises(FrontrowError, match="Airflow refused refuse: 403 Forbidden"):
            api.cancel(1)


def test_a_server_error_is_worth_another_try(api, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ApiException(status=503, body="busy")

    monkeypatch.setattr(BackfillApi, "list_backfills", fail)
    with pytest.raises(Retryable, match="server error"):
        api.backfills("homepage_daily")


def test_no_server_is_one_line_and_worth_another_try():
    with pytest.raises(Retryable, match="Airflow does not answer") as caught:
        AirflowApi(NOBODY, "user", "password").health()
    assert "\n" not in str(caught.value)
