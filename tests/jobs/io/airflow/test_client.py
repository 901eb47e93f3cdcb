"""What a client of Airflow says where Airflow refuses, is not there, or was a moment faster."""

from types import SimpleNamespace

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


def test_an_open_backfill_is_found_behind_more_than_one_answer_holds(api, monkeypatch):
    every = [SimpleNamespace(id=n, completed_at=n if n < 150 else None) for n in range(1, 151)]

    def listed(
        _: object, dag_id: str, limit: int, order_by: tuple[str, ...] = (), **__: object
    ) -> object:
        found = sorted(every, key=lambda one: one.id, reverse="-id" in order_by)
        return SimpleNamespace(backfills=found[:limit])

    monkeypatch.setattr(BackfillApi, "list_backfills", listed)
    assert api.backfills("homepage_daily") == [150]


def test_no_server_is_one_line_and_worth_another_try():
    with pytest.raises(Retryable, match="Airflow does not answer") as caught:
        AirflowApi(NOBODY, "user", "password").health()
    assert "\n" not in str(caught.value)
