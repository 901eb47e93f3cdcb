"""How the service stands: what is late, stale, on hold, refused, degraded, ahead of the clock or full.

Needs no Spark and no Airflow, so that it answers when neither does.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from conf.alarms import Kind, alarm_settings
from conf.contracts import table_names
from conf.days import end_of
from conf.errors import FrontrowError
from conf.places import local_folder
from conf.rankers import ranker_names
from conf.settings import Settings, load_settings
from jobs.io import alarms
from jobs.io.published import homepage, rollbacks
from jobs.io.published.ranker_holds import held_rankers
from jobs.io.published.receipts import PUBLISHED, UPDATED, PublicationReceipt
from jobs.io.published.stale import stale_days
from jobs.io.serving import releases
from jobs.io.snapshot.rankers import newest_first
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables import seals

TABLES = (PUBLISHED, UPDATED)
RECENT_DAYS = 7  # before the newest published one, whose audits are looked at


@dataclass(frozen=True)
class Finding:
    """Something wrong: a kind of alarm, with what, and what about it."""

    kind: Kind
    subject: str
    text: str


@dataclass
class Status:
    """Facts by name, and what is wrong."""

    now: datetime
    settings: Settings
    facts: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _receipts: dict[str, list[PublicationReceipt]] = field(default_factory=dict, init=False)

    def wrong(self, kind: Kind, subject: str, text: str) -> None:
        """Add something that is wrong."""
        self.findings.append(Finding(kind, subject, text))

    def not_ahead(self, subject: str, at: datetime | None) -> None:
        """An instant that lies ahead of this clock is wrong: what comes after it counts as older."""
        if at and at > self.now + timedelta(seconds=alarm_settings().ahead_seconds):
            self.wrong("clock", subject, f"is of {at:%Y-%m-%dT%H:%M:%SZ}, ahead of this clock")

    def receipts(self, table: str = PUBLISHED) -> list[PublicationReceipt]:
        """The receipts of a published table, read once; none where nothing was published."""
        if table not in self._receipts:
            there = arrow_tables.was_written("publications")
            self._receipts[table] = homepage.publication_receipts(table) if there else []
        return self._receipts[table]

    @property
    def is_living(self) -> bool:
        """Whether nights go on: no last day is declared, and the log is not long over."""
        last = self.facts.get("log_until")
        return self.settings.schedule_end is None and bool(
            last and last >= self.now.date() - timedelta(days=alarm_settings().ended_days)
        )


def status(now: datetime | None = None) -> Status:
    """The status of the service of FRONTROW_HOME; a check that cannot read its tables is a finding."""
    found = Status((now or datetime.now(UTC)).astimezone(UTC), load_settings())
    checks: tuple[Callable[[Status], None], ...] = (
        _log,
        _pages,
        _release,
        _rankers,
        _holds,
        _tables,
        _disks,
        _alarms,
    )
    for check in checks:
        _look(found, check)
    return found


def add_stale_days(found: Status) -> None:
    """Add the published days whose inputs changed, as a fact: events come late each night. It takes
    about as long as all the rest.
    """
    _look(found, _stale_days)


def _look(found: Status, check: Callable[[Status], None]) -> None:
    try:
        check(found)
    except FrontrowError as error:
        found.wrong("failed", check.__name__.strip("_"), str(error))


def _log(found: Status) -> None:
    """The days of the log, when files were landed last, and what went to quarantine."""
    days = sorted(arrow_tables.written_at("events"))
    landings = arrow_tables.filtered_rows("landings").to_pylist()
    landed = [row["landed_at"] for row in landings if row.get("landed_at")]
    found.facts["log_until"] = days[-1] if days else None
    found.facts["landed_at"] = max(landed, default=None)
    found.facts["quarantined"] = sum(row["rejected_count"] for row in landings)
    found.facts["held_versions"] = sum(row.get("held_count") or 0 for row in landings)
    found.not_ahead("landing", max(landed, default=None))


def _pages(found: Status) -> None:
    """The newest published day, days that are late, and days that the audit refused."""
    receipts = found.receipts()
    days = {receipt.ds for receipt in receipts}
    newest = max(days, default=None)
    found.facts["published"] = newest
    due = _day_due(found)
    if due and (newest is None or newest < due):
        have = f"the newest published day is {newest}" if newest else "no day was published yet"
        found.wrong("late", "homepage_rows", f"{due} should be published; {have}")
    last = found.facts.get("log_until")
    if due and last and found.is_living and last < due:
        found.wrong("late", "events", f"those of {due} should be landed; the newest are of {last}")
    for receipt in receipts:
        found.not_ahead(f"homepage_rows of {receipt.ds}", receipt.published_at)
    for ds, rules in sorted(_refused(newest).items()):
        found.wrong("refused", f"homepage_rows of {ds}", f"the audit failed: {', '.join(rules)}")


def _day_due(found: Status) -> date | None:
    """The newest day whose pages ought to be there: of a log that has ended the declared last one,
    else the one before its last, which may be a part of a day.
    """
    last: date | None = found.facts.get("log_until")
    if not found.is_living:
        return found.settings.schedule_end or (last and last - timedelta(days=1))
    allowed = timedelta(minutes=alarm_settings().deadlines["homepage_daily"])
    day = (found.now - allowed).date()
    return day if end_of(day) + allowed <= found.now else day - timedelta(days=1)


def _refused(newest: date | None) -> dict[date, list[str]]:
    """The failed rules of days from some before the newest published one on, by their last audit."""
    since = newest - timedelta(days=RECENT_DAYS) if newest else date.min
    columns = ["ds", "drafts_version", "rule", "passed"]
    rows = arrow_tables.filtered_rows("audits", [("ds", ">=", since)], columns).to_pylist()
    last: dict[date, int] = {}
    for row in rows:
        last[row["ds"]] = max(row["drafts_version"], last.get(row["ds"], -1))
    failed: dict[date, list[str]] = {}
    for row in rows:
        if not row["passed"] and row["drafts_version"] == last[row["ds"]]:
            failed.setdefault(row["ds"], []).append(row["rule"])
    return failed


def _release(found: Status) -> None:
    """What readers have: its age, and whether newer pages wait for a release."""
    root = releases.folder_of(found.settings.home_path)
    name = releases.serving_id(root)
    if name is None:
        found.facts["release"] = None  # pages are read from tables
        return
    release = releases.manifest(root, name)
    if release is None or not releases.is_whole(root, release):
        found.wrong("stale", f"release {name}", "is not there whole")
        return
    minutes = round((found.now - release.made_at).total_seconds() / 60, 1)
    found.facts["release"] = name
    found.facts["release_of"] = release.base_ds
    found.facts["release_age_minutes"] = minutes
    for subject, at in (("made", release.made_at), ("until", release.until)):
        found.not_ahead(f"release {name} ({subject})", at)
    patience = timedelta(minutes=alarm_settings().release_minutes)
    for receipt in _waiting(found, release):
        if receipt.published_at and receipt.published_at + patience < found.now:
            what = f"{receipt.ds} {receipt.tick or ''}".strip()
            found.wrong("stale", f"release {name}", f"is older than the published {what}")
            return


def _waiting(found: Status, release: releases.Release) -> Iterator[PublicationReceipt]:
    """Publications of the day and of ticks after those that a release has."""
    for receipt in found.receipts():
        if receipt.ds > release.base_ds:
            yield receipt
    for receipt in found.receipts(UPDATED):
        if receipt.published_at and receipt.published_at > release.made_at:
            yield receipt


def _rankers(found: Status) -> None:
    """Which ranker serves under each name, and whether it was trained long ago."""
    columns = ["ds", "ranker", "ranker_id", "promoted"]
    rows = arrow_tables.filtered_rows("rankers", columns=columns).to_pylist()
    serving: dict[str, str | None] = {}
    for name in ranker_names():
        promoted = newest_first(row for row in rows if row["ranker"] == name)
        newest = promoted[0] if promoted else None
        serving[name] = newest["ranker_id"] if newest else None
        oldest = found.now.date() - timedelta(days=alarm_settings().ranker_days)
        if newest and found.is_living and newest["ds"] < oldest:
            found.wrong("stale", f"ranker {name}", f"was trained on {newest['ds']}")
    found.facts["rankers"] = serving


def _holds(found: Status) -> None:
    """What was rolled back and stays so until somebody lifts it."""
    for receipt in [each for table in TABLES for each in rollbacks.on_hold(found.receipts(table))]:
        found.wrong("hold", receipt.partition, "was rolled back and is on hold")
    if releases.is_held(releases.folder_of(found.settings.home_path)):
        found.wrong("hold", "release", "its pages stay in front, whatever is published")
    for name in sorted(held_rankers()):
        found.wrong("hold", f"ranker {name}", "was rolled back; none that is trained is promoted")


def _stale_days(found: Status) -> None:
    """Published days whose inputs changed since they were built."""
    days = stale_days() if found.receipts() else []
    found.facts["stale_days"] = {str(day.ds): "; ".join(day.reasons) for day in days}


def _tables(found: Status) -> None:
    """Tables that are not as they were sealed: whoever reads one is refused."""
    for name in table_names():
        faults = seals.faults(name)
        if faults:
            more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
            found.wrong("failed", f"table {name}", f"{faults[0].path} {faults[0].what}{more}")


def _disks(found: Status) -> None:
    """Free space where Frontrow writes."""
    tables = local_folder(found.settings.tables_root)
    free: dict[str, float] = {}
    for folder in {found.settings.home, str(tables or found.settings.home)}:
        there = Path(folder)
        while not there.exists():
            there = there.parent
        free[folder] = round(shutil.disk_usage(there).free / 1e9, 1)
        if free[folder] < alarm_settings().least_free_gb:
            found.wrong("full", folder, f"{free[folder]} GB are free")
    found.facts["free_gb"] = free


def _alarms(found: Status) -> None:
    """Alarms of the last hours, but those of days that were published since."""
    published = {receipt.ds.isoformat(): receipt.published_at for receipt in found.receipts()}
    heard = alarms.heard(found.settings, found.now)
    found.facts["alarms"] = len(heard)
    for alarm in heard:
        later = published.get(alarm.when)
        is_over = later is not None and later > alarm.at and alarm.kind != "degraded"
        if alarm.kind != "retried" and not is_over:
            unsent = f" (not sent by {', '.join(alarm.unsent)})" if alarm.unsent else ""
            found.wrong(alarm.kind, f"{alarm.subject} {alarm.when}".strip(), alarm.text + unsent)
