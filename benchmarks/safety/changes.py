"""What changes between the evening a page is built and the moment it is read, drawn at random.

Each change is a record to land and the version that has to hold from then on, worked out here and
not by landing. Some records give only what changed, some say ages in words of a rating system, and
some cannot be read: then the strictest that was ever known holds.
"""
# Tested by tests/benchmarks/safety/test_changes.py.

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.safety.drafts import Record
from conf.pages import pages
from judge.tables import KNOWN

UNREADABLE = "a long time"  # no age, instant or country in any system
AGE_WORDS = {0: "TV-Y", 7: "TV-Y7", 12: "FSK 12", 13: "PG-13", 16: "16+", 18: "NC-17"}
AGES = tuple(AGE_WORDS)
LIMITS = (7, 12, 13, 16, 18, None)
KEYS = {
    "profiles": ("profile_id",),
    "titles": ("title_id",),
    "availability": ("title_id", "country", "from_at"),
    "artwork": ("title_id", "artwork_id"),
}
LAST = "~"  # sorts after every landing_id, so that of one instant what has to hold counts
Key = tuple[Any, ...]


@dataclass
class Truth:
    """Every version of profiles, titles, windows and artwork that has to hold, by table."""

    versions: dict[str, list[Record]]
    newest: dict[str, dict[Key, Record]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, keys in KEYS.items():
            in_order = sorted(
                self.versions[name], key=lambda row: (row["known_at"], row["landing_id"])
            )
            self.newest[name] = {tuple(row[key] for key in keys): row for row in in_order}

    def hold(self, table: str, record: Record, at: datetime) -> None:
        """Let a version hold from a moment on."""
        version = {**record, "known_at": at, "landing_id": LAST}
        self.versions[table].append(version)
        self.newest[table][tuple(version[key] for key in KEYS[table])] = version

    def ever(self, table: str, column: str, **key: str) -> list[Any]:
        """All values of a column that were ever known of a key; without those that are null."""
        name, wanted = next(iter(key.items()))
        rows = (row for row in self.versions[table] if row[name] == wanted)
        return [row[column] for row in rows if row[column] is not None]

    def tables(self) -> dict[str, pa.Table]:
        """The versions as tables that the judge reads."""
        return {
            name: pa.table({column: [row.get(column) for row in rows] for column in KNOWN[name]})
            for name, rows in self.versions.items()
        }


@dataclass(frozen=True)
class Changes:
    """Records to land by table, and the profiles whose settings changed."""

    records: dict[str, list[Record]]
    profiles: list[str]

    def write(self, folder: Path) -> None:
        """A folder of the landing contract with one file of JSON lines for each table."""
        folder.mkdir(parents=True)
        for name, rows in self.records.items():
            lines = [json.dumps(row, default=str) for row in rows]
            (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


class Draw:
    """Draws changes for a day, of profiles with a page and of titles that stand on pages."""

    def __init__(self, truth: Truth, rng: np.random.Generator, at: datetime) -> None:
        self.truth = truth
        self.rng = rng
        self.at = at
        self.records: dict[str, list[Record]] = {name: [] for name in KEYS}

    def changes(
        self, profile_ids: list[str], title_ids: list[str], of_each: int, countries: list[str]
    ) -> Changes:
        """Changes of `of_each` profiles, and of as many titles, windows and pictures."""
        changed = self._some(profile_ids, of_each)
        for profile_id in changed:
            self._settings(profile_id, title_ids, countries)
        for title_id in self._some(title_ids, of_each):
            self._title(title_id)
        for title_id in self._some(title_ids, of_each):
            self._window(title_id)
        for title_id in self._some(title_ids, of_each):
            self._picture(title_id)
        records = {name: rows for name, rows in self.records.items() if rows}
        return Changes(records, changed)

    def _some(self, names: list[str], count: int) -> list[str]:
        size = min(count, len(names))
        return sorted(self.rng.choice(names, size, replace=False).tolist()) if size else []

    def _one(self, values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def _hold(self, table: str, record: Record) -> None:
        self.truth.hold(table, record, self.at)

    def _settings(self, profile_id: str, title_ids: list[str], countries: list[str]) -> None:
        """One of: a limit, children's mode, blocked titles, a country, a record beyond reading."""
        current = dict(self.truth.newest["profiles"][(profile_id,)])
        kind = self._one(("limit", "kids", "blocked", "country", "unreadable"))
        sent: Record = {"profile_id": profile_id}
        if kind == "limit":
            limit = self._one(LIMITS)
            sent["maturity_limit"] = self._age_as_sent(limit)
            current["maturity_limit"] = limit
        elif kind == "kids":
            current["kids"] = sent["kids"] = not current["kids"]
        elif kind == "blocked":
            blocked = sorted({*(current["blocked_titles"] or ()), *self._some(title_ids, 3)})
            current["blocked_titles"] = sent["blocked_titles"] = blocked
        elif kind == "country":
            current["country"] = sent["country"] = self._one(countries)
        else:
            sent["maturity_limit"] = UNREADABLE
            kids_limit = pages().legality.kids_maturity_limit
            limits = self.truth.ever("profiles", "maturity_limit", profile_id=profile_id)
            current["maturity_limit"] = min(limits, default=kids_limit)
            current["kids"] = any(self.truth.ever("profiles", "kids", profile_id=profile_id))
            blocked_lists = self.truth.ever("profiles", "blocked_titles", profile_id=profile_id)
            current["blocked_titles"] = sorted(set().union(*blocked_lists))
        self.records["profiles"].append(sent)
        self._hold("profiles", current)

    def _title(self, title_id: str) -> None:
        """A title rated anew, put off, or with a rating that cannot be read."""
        current = dict(self.truth.newest["titles"][(title_id,)])
        kind = self._one(("age", "launch", "unreadable"))
        sent: Record = {"title_id": title_id, "name": current["name"]}
        if kind == "age":
            age = self._one(AGES)
            sent["maturity"], current["maturity"] = self._age_as_sent(age), age
        elif kind == "launch":
            current["launched_at"] = self.at + timedelta(days=3)
            sent["launched_at"] = current["launched_at"].isoformat()
        else:
            sent["maturity"] = UNREADABLE
            ages = self.truth.ever("titles", "maturity", title_id=title_id)
            current["maturity"] = max([*ages, pages().legality.unknown_maturity])
        self.records["titles"].append(sent)
        self._hold("titles", current)

    def _window(self, title_id: str) -> None:
        """A window that ends now, or of which the end cannot be read: then it is closed."""
        own = [
            row for row in self.truth.newest["availability"].values() if row["title_id"] == title_id
        ]
        if not own:
            return
        window = dict(self._one(own))
        sent = {name: window[name] for name in ("title_id", "country")}
        sent["from_at"] = window["from_at"].isoformat()
        if self.rng.random() < 0.5:
            window["until_at"] = max(window["from_at"], self.at - timedelta(minutes=1))
            sent["until_at"] = window["until_at"].isoformat()
        else:
            window["until_at"] = window["from_at"]
            sent["until_at"] = UNREADABLE
        self.records["availability"].append(sent)
        self._hold("availability", window)

    def _picture(self, title_id: str) -> None:
        """A picture rated anew, or with a rating that cannot be read."""
        own = [row for row in self.truth.newest["artwork"].values() if row["title_id"] == title_id]
        if not own:
            return
        picture = dict(self._one(own))
        sent = {name: picture[name] for name in ("title_id", "artwork_id")}
        if self.rng.random() < 0.7:
            age = self._one(AGES)
            sent["maturity"], picture["maturity"] = self._age_as_sent(age), age
        else:
            sent["maturity"] = UNREADABLE
            ages = self.truth.ever("artwork", "maturity", artwork_id=picture["artwork_id"])
            picture["maturity"] = max([*ages, pages().legality.unknown_maturity])
        self.records["artwork"].append(sent)
        self._hold("artwork", picture)

    def _age_as_sent(self, age: int | None) -> Any:
        """An age as a number or in the words of a rating system; null for no limit."""
        if age is None or age not in AGE_WORDS or self.rng.random() < 0.5:
            return age
        return AGE_WORDS[age]
