"""The titles as they are known now, kept for as long as no table they are read from changes."""
# Tested by tests/studio/reports/test_titles.py.

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from conf.errors import UserMistake
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.dimensions import VERSIONED
from models.catalogue.names import name_key

FACTS = ["title_id", "name", "kind", "year", "genres", "maturity", "languages", "launched_at"]
MOST_NAMED = 5  # titles that an error names


@dataclass(frozen=True)
class Windows:
    """The windows of a title by country, each from an instant until another one or None."""

    by_country: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownTitles:
    """The newest version of each title, its windows, and how many pictures it has."""

    titles: dict[str, dict[str, Any]]  # by title_id
    windows: dict[str, Windows]
    pictures: dict[str, int]
    by_name: dict[str, list[str]]  # title_ids by name_key

    @property
    def countries(self) -> list[str]:
        """The countries of any window, sorted."""
        return sorted({name for own in self.windows.values() for name in own.by_country})

    def find(self, text: str) -> dict[str, Any]:
        """The title of an id, else of a name, else the only one whose name begins or goes on so."""
        if text in self.titles:
            return self.titles[text]
        key = name_key(text)
        ids = self.by_name.get(key) or [
            title_id
            for name, own in self.by_name.items()
            if key and key in name
            for title_id in own
        ]
        if len(ids) == 1:
            return self.titles[ids[0]]
        if not ids:
            raise UserMistake(
                f"no title has the id {text!r} or a name like it; an id is always right"
            )
        named = ", ".join(f"{own} ({self.titles[own]['name']})" for own in ids[:MOST_NAMED])
        raise UserMistake(f"{len(ids)} titles have a name like {text!r}; give an id: {named}")


def known_titles() -> KnownTitles:
    """The titles known now; UserMistake where none was landed."""
    versions = tuple(arrow_tables.newest_version(name) for name in VERSIONED)
    if versions[0] < 0:
        raise UserMistake("no title was landed yet; `frontrow land` lands some, `make demo` too")
    return _known_titles(arrow_tables.deltalake_path("titles"), versions)


@lru_cache(maxsize=2)
def _known_titles(place: str, versions: tuple[int, ...]) -> KnownTitles:
    snapshot = ArrowSnapshot(datetime.now(UTC))
    records = snapshot.newest_versions("titles", ["title_id"], FACTS).to_pylist()
    titles = {record["title_id"]: record for record in records}
    windows: dict[str, Windows] = {}
    keys, columns = VERSIONED["availability"]
    for row in snapshot.newest_versions("availability", keys, columns).to_pylist():
        own = windows.setdefault(row["title_id"], Windows()).by_country
        own.setdefault(row["country"], []).append((row["from_at"], row["until_at"]))
    pictures: dict[str, int] = {}
    for title_id in snapshot.newest_versions("artwork", ["title_id", "artwork_id"], ["title_id"])[
        "title_id"
    ].to_pylist():
        pictures[title_id] = pictures.get(title_id, 0) + 1
    by_name: dict[str, list[str]] = {}
    for title_id, record in titles.items():
        by_name.setdefault(name_key(record["name"] or title_id), []).append(title_id)
    return KnownTitles(titles, windows, pictures, by_name)
