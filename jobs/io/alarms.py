"""Alarms: written to a log under FRONTROW_HOME, and sent where FRONTROW_ALARMS says.

`python -m jobs.io.alarms --kind failed --subject homepage_daily.run_audits --text "..."` raises one.
"""

import argparse
import json
import os
import smtplib
import sys
import urllib.request
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import get_args
from urllib.parse import unquote, urlsplit

from conf.alarms import Kind, alarm_settings
from conf.errors import UserMistake
from conf.plain_text import one_line
from conf.settings import Frozen, Settings, load_settings

TIMEOUT_S = 20
LONGEST = 2_000  # characters of an alarm's text


class Alarm(Frozen):
    """What went wrong: of which kind, with what (a DAG and its step, a table), for which run date or
    tick.

    `unsent` names the channels that did not take it.
    """

    at: datetime
    kind: Kind
    subject: str
    when: str = ""
    text: str
    unsent: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The alarm as people read it, with the place in the runbook."""
        where = f"{self.subject} {self.when}".strip()
        return f"{self.kind}: {where}: {self.text} (docs/runbook.md#{self.kind})"


Channel = Callable[[Alarm, str], None]


def raise_alarm(alarm: Alarm) -> Alarm:
    """Log an alarm and send it; the alarm with the channels that did not take it. Raises nothing for
    these.
    """
    settings = load_settings()
    text = one_line(alarm.text)[:LONGEST]
    alarm = alarm.model_copy(update={"text": text, "subject": one_line(alarm.subject)})
    unsent = []
    try:
        for channel in channels(settings) if alarm_settings().kinds[alarm.kind].sent else ():
            send = sender(channel)
            try:
                send(alarm, channel)
            except (OSError, ValueError, smtplib.SMTPException):  # URLError is an OSError
                unsent.append(channel.split(":")[0])  # no address: it may hold a secret
    finally:
        alarm = alarm.model_copy(update={"unsent": tuple(unsent)})
        _log(settings, alarm)
    return alarm


def channels(settings: Settings) -> list[str]:
    """Where alarms are sent to beside the log: addresses that begin with https:, http: or mailto:."""
    return [part for part in settings.alarms.replace(",", " ").split() if part != "log"]


def sender(channel: str) -> Channel:
    """What sends to a channel; one of another form is the user's mistake."""
    scheme = urlsplit(channel).scheme
    if scheme not in SENDERS:
        raise UserMistake(
            "FRONTROW_ALARMS: each channel is `log`, https://..., http://... or mailto:ADDRESS"
        )
    return SENDERS[scheme]


def read_alarms(settings: Settings, since: datetime) -> list[Alarm]:
    """The alarms that were logged since an instant, oldest first; a line cut short is left out."""
    path = log_path(settings)
    if not path.exists():
        return []
    alarms = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            alarm = Alarm.model_validate_json(line)
        except ValueError:
            continue
        if alarm.at >= since:
            alarms.append(alarm)
    return alarms


def heard(settings: Settings, now: datetime) -> list[Alarm]:
    """The alarms of the last hours that `frontrow status` names."""
    return read_alarms(settings, now - timedelta(hours=alarm_settings().heard_hours))


def log_path(settings: Settings) -> Path:
    """The log of alarms: one JSON object for each, readable by its owner alone."""
    return settings.home_path / "alarms.jsonl"


def _log(settings: Settings, alarm: Alarm) -> None:
    """Append by one write, so that alarms raised at once do not mix."""
    path = log_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, (alarm.model_dump_json() + "\n").encode())
    finally:
        os.close(handle)


def _post(alarm: Alarm, url: str) -> None:
    """POST the alarm as JSON; its `text` is what chat services show."""
    body = json.dumps({**alarm.model_dump(mode="json"), "text": alarm.line}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S):
        pass


def _mail(alarm: Alarm, address: str) -> None:
    """Send the alarm as a mail by the server of FRONTROW_SMTP."""
    server = urlsplit(load_settings().smtp)
    message = EmailMessage()
    message["Subject"] = f"Frontrow: {alarm.kind}: {alarm.subject} {alarm.when}".strip()
    message["To"] = unquote(urlsplit(address).path)
    message["From"] = f"frontrow@{server.hostname or 'localhost'}"
    message.set_content(alarm.line)
    port = server.port or 25
    with smtplib.SMTP(server.hostname or "localhost", port, timeout=TIMEOUT_S) as client:
        if server.scheme == "smtps":
            client.starttls()
        if server.username:
            client.login(unquote(server.username), unquote(server.password or ""))
        client.send_message(message)


SENDERS: dict[str, Channel] = {"https": _post, "http": _post, "mailto": _mail}


def main(argv: Sequence[str] | None = None) -> None:
    """Raise one alarm; exit status 1 where a channel did not take it."""
    parser = argparse.ArgumentParser(prog="alarms", description=__doc__)
    parser.add_argument("--kind", required=True, choices=get_args(Kind))
    parser.add_argument("--subject", required=True, help="a DAG and its step, a table, a ranker")
    parser.add_argument("--when", default="", help="run date or tick")
    parser.add_argument("--text", required=True)
    given = parser.parse_args(argv)
    alarm = raise_alarm(Alarm(at=datetime.now(UTC), **vars(given)))
    if alarm.unsent:
        print(f"error: not sent by {', '.join(alarm.unsent)}: {alarm.line}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
