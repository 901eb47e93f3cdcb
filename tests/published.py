"""A small lake of published pages that deltalake wrote, for tests of what reads them: no Spark."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from conf.contracts import contract
from conf.days import end_of, start_of
from jobs.io.tables.schemas import arrow_schema
from tests import drafts

DAY = drafts.DS  # 1998-04-22
EVE = DAY - timedelta(days=1)
NAMES = ["ann", "bob"]
EARLY = datetime(1998, 1, 1, tzinfo=UTC)
LOGGED = {"known_at": EARLY, "source": "test", "landing_id": "test"}
UNTIL = datetime(1998, 4, 23, 21, 10, tzinfo=UTC)
NOW = UNTIL + timedelta(minutes=5)


def write(lake: Path, table: str, rows: list[dict[str, Any]]) -> int:
    """Append rows in the contract's shape; returns the table's version."""
    path = str(lake / table)
    partition = list(contract(table).partition) or None
    write_deltalake(path, _arrow(table, rows), mode="append", partition_by=partition)
    return DeltaTable(path).version()


def replace_day(lake: Path, ds: date, rows: list[dict[str, Any]]) -> int:
    """Replace a published day without a receipt; returns the version."""
    path = str(lake / "homepage_rows")
    table = _arrow("homepage_rows", rows)
    write_deltalake(path, table, mode="overwrite", predicate=f"ds = '{ds}'", partition_by=["ds"])
    return DeltaTable(path).version()


def _arrow(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows in the contract's shape; columns left out are null."""
    schema = arrow_schema(table)
    records = [{name: row.get(name) for name in schema.names} for row in rows]
    return pa.Table.from_pylist(records, schema=schema)


def receipt(lake: Path, table: str, version: int, rows: list[dict[str, Any]], **more: Any) -> None:
    """Write the receipt of a publication."""
    record = {
        "table_name": table,
        "table_version": version,
        "rows_count": len(rows),
        "ds": rows[0]["ds"],
        "profiles_count": len({row["profile_id"] for row in rows}),
        "content_hash": f"hash {version}",
        "drafts_version": 0,
        "ranker_id": "test",
        "input_versions": {},
        "code_version": "test",
        "published_at": datetime.now(UTC),
    }
    write(lake, "publications", [record | more])


def page_rows(ds: date, *names: str, title: str = "") -> list[dict[str, Any]]:
    """Pages of a day; `title` names all their rows, so that versions can be told apart."""
    pages = drafts.pages_of(list(names or NAMES))
    return [
        {**row, "ds": ds, "as_of": end_of(ds), "row_title": title or row["row_title"]}
        for page in pages.values()
        for row in page
    ]


def publish(lake: Path, ds: date, *names: str, title: str = "") -> int:
    """Publish pages of a day, in place of those it had; returns their version."""
    rows = page_rows(ds, *names, title=title)
    there = (lake / "homepage_rows").exists()
    version = replace_day(lake, ds, rows) if there else write(lake, "homepage_rows", rows)
    receipt(lake, "homepage_rows", version, rows)
    return version


def update(
    lake: Path,
    until: datetime,
    *names: str,
    receipted: bool = True,
    title: str = "Updated",
    picture: str | None = None,
) -> None:
    """Publish updates of profiles for a tick of the day after DAY."""
    tick = f"{until:%H%M}"
    rows = [
        {
            **row,
            "ds": until.date(),
            "tick": tick,
            "as_of": until,
            "visit_at": until,
            "level": "fresh",
        }
        for row in page_rows(DAY, *names, title=title)
    ]
    for cell in [cell for row in rows for cell in row["cells"]] if picture else ():
        cell["artwork_id"] = picture
    version = write(lake, "homepage_updates", rows)
    if receipted:
        receipt(lake, "homepage_updates", version, rows, tick=tick)


def tick_receipt(lake: Path, until: datetime, built_on: date) -> None:
    """Write the receipt of a tick that is done."""
    counts = dict.fromkeys(
        (name for name in arrow_schema("ticks").names if name.endswith("_count")), 0
    )
    instants = dict.fromkeys(("as_of", "since", "started_at", "finished_at"), until)
    record = {"tick": f"{until:%H%M}", "ds": until.date(), "built_on": built_on}
    more = {"landings_after": -1, "input_versions": {"landings": -1}, "code_version": "test"}
    write(lake, "ticks", [counts | instants | record | more])


def settings(lake: Path, known_at: datetime, *names: str, **more: Any) -> None:
    """Versions of the settings of profiles."""
    facts = {
        "country": "NO",
        "languages": ["no"],
        "maturity_limit": 12,
        "kids": False,
        "blocked_titles": ["hated"],
    }
    write(
        lake,
        "profiles",
        [{"profile_id": n, **facts, **more, **LOGGED, "known_at": known_at} for n in names],
    )


def catalogue(lake: Path) -> None:
    """Titles with their plays by both days, one of them gone from Norway and in Brazil only."""
    write(
        lake,
        "titles",
        [
            {
                "title_id": t,
                "name": f"Name {t}",
                "genres": f.get("genres"),
                "maturity": f["maturity"],
                **LOGGED,
            }
            for t, f in drafts.TITLES.items()
        ],
    )
    window = {"from_at": EARLY, "until_at": None, **LOGGED}
    ends = {"from_at": EARLY, "until_at": start_of(DAY + timedelta(days=3)), **LOGGED}
    write(
        lake,
        "availability",
        [
            {"title_id": "abroad", "country": "BR", **window},
            {"title_id": "t01", "country": "NO", **ends},
            {"title_id": "t01", "country": "BR", **window},
        ],
    )
    counts = [
        name
        for name in arrow_schema("title_features").names
        if name.startswith("title_plays_count")
    ]
    write(
        lake,
        "title_features",
        [
            {
                **dict.fromkeys(counts, f["plays"]),
                "title_id": t,
                "title_trend_7d": 0.0,
                "title_trend_30d": 0.0,
                "title_stars_count": 0,
                "ds": day,
            }
            for day in (EVE, DAY)
            for t, f in drafts.TITLES.items()
        ],
    )


def write_service(lake: Path) -> None:
    """Write everything for a release of DAY at UNTIL.

    Two published days, settings, titles, and an update of ann.
    """
    catalogue(lake)
    publish(lake, EVE, title="Eve")
    publish(lake, DAY)
    settings(lake, EARLY, *NAMES, "cid")
    facts = {
        "country": "NO",
        "languages": ["no"],
        "maturity_limit": 12,
        "kids": False,
        "blocked_titles": ["hated"],
    }
    counts = dict.fromkeys(
        ("profile_plays_count_7d", "profile_plays_count_30d", "profile_plays_count_all"), 1
    )
    write(
        lake,
        "profile_features",
        [
            {"profile_id": name, **facts, **counts, "history": [], "ds": DAY}
            for name in [*NAMES, "cid"]
        ],
    )
    update(lake, UNTIL, "ann")
