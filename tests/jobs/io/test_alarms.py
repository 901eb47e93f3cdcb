"""Alarms: logged always, sent where they are to be sent, and never a reason for a step to fail."""

import smtplib
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conf.alarms import AlarmSettings, alarm_settings
from conf.errors import UserMistake
from conf.settings import ROOT, load_settings
from jobs.io import alarms
from jobs.io.alarms import Alarm, raise_alarm, read_alarms
from tests import webhook

NOW = datetime(2026, 1, 5, 6, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, object]]]]:
    with webhook.served() as served:
        yield served


def alarm(kind: str = "failed", text: str = "error: no") -> Alarm:
    return Alarm.model_validate(
        {"at": NOW, "kind": kind, "subject": "homepage_daily.run_audits", "text": text}
    )


def test_alarm_is_logged_for_its_owner_alone_and_read_again(home: Path) -> None:
    raise_alarm(alarm())
    raise_alarm(alarm("late", "second"))
    assert [each.kind for each in read_alarms(load_settings(), NOW)] == ["failed", "late"]
    assert read_alarms(load_settings(), NOW + timedelta(seconds=1)) == []
    assert stat.S_IMODE((home / "alarms.jsonl").stat().st_mode) == 0o600


def test_line_cut_short_hides_no_other(home: Path) -> None:
    raise_alarm(alarm())
    path = home / "alarms.jsonl"
    path.write_text(path.read_text() + '{"at": "2026\n' + path.read_text())
    assert len(read_alarms(load_settings(), NOW)) == 2


def test_text_from_outside_is_one_plain_line(home: Path) -> None:
    raised = raise_alarm(alarm(text="bad\x1b[2J\nname \u202egnp"))
    assert raised.text == r"bad\x1b[2J\nname \u202egnp"
    assert raised.line.endswith("(docs/runbook.md#failed)")


def test_webhook_gets_the_alarm_and_a_kind_that_is_not_sent_stays_in_the_log(
    home: Path, hook, monkeypatch
) -> None:
    url, bodies = hook
    monkeypatch.setenv("FRONTROW_ALARMS", f"log,{url}")
    assert raise_alarm(alarm()).unsent == () and raise_alarm(alarm("retried")).unsent == ()
    assert [body["kind"] for body in bodies] == ["failed"]
    assert "runbook.md#failed" in str(bodies[0]["text"])
    assert len(read_alarms(load_settings(), NOW)) == 2


def test_mail_is_sent_by_the_declared_server(home: Path, monkeypatch) -> None:
    mails = []

    class Server:
        def __init__(self, host: str, port: int, timeout: int) -> None:
            mails.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def starttls(self) -> None:
            mails.append("tls")

        def login(self, *words: str) -> None:
            mails.append(words)

        def send_message(self, message) -> None:
            mails.append((message["To"], message["Subject"]))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setenv("FRONTROW_ALARMS", "mailto:night@example.org")
    monkeypatch.setenv("FRONTROW_SMTP", "smtps://me:pass%40word@mail.example.org:587")
    assert raise_alarm(alarm()).unsent == ()
    assert mails == [
        ("mail.example.org", 587),
        "tls",
        ("me", "pass@word"),
        ("night@example.org", "Frontrow: failed: homepage_daily.run_audits"),
    ]


def test_channel_that_does_not_answer_is_named_without_its_address(home, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_ALARMS", "http://127.0.0.1:9/secret")
    assert raise_alarm(alarm()).unsent == ("http",)
    assert "secret" not in (home / "alarms.jsonl").read_text()


def test_channel_of_another_form_is_the_users_mistake(home: Path, monkeypatch) -> None:
    monkeypatch.setenv("FRONTROW_ALARMS", "slack#nights")
    with pytest.raises(UserMistake, match="FRONTROW_ALARMS: each channel"):
        raise_alarm(alarm())
    assert len(read_alarms(load_settings(), NOW)) == 1, "logged before anything is sent"


def test_command_raises_one(home: Path) -> None:
    words = ["--kind", "full", "--subject=disk", "--text=-1 GB left"]
    done = subprocess.run([sys.executable, "-m", "jobs.io.alarms", *words], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert [each.text for each in read_alarms(load_settings(), NOW)] == ["-1 GB left"]


def test_every_kind_has_its_section_in_the_runbook() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    sections = {line[3:].strip() for line in text.splitlines() if line.startswith("## ")}
    assert set(alarm_settings().kinds) <= sections


def test_deadlines_are_for_every_dag() -> None:
    values = alarm_settings().model_dump()
    with pytest.raises(ValueError, match="deadlines are for the DAGs"):
        AlarmSettings.model_validate({**values, "deadlines": {"homepage_daily": 1}})


def test_every_sender_is_one_of_a_url_scheme() -> None:
    assert set(alarms.SENDERS) == {"https", "http", "mailto"}
