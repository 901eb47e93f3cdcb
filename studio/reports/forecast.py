"""A forecast of a day to come: in which rows a title would stand, and where, on the pages of some profiles.

Pages are built as the night of that day would, by windows and launches as they are known now, but by the
newest rankers, features and histories: what is played until then is not known. So it is a forecast.
"""

# Tested by tests/studio/reports/test_forecast.py.

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import sqrt
from statistics import median
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from conf.days import end_of
from conf.errors import UserMistake
from conf.keys import bucket
from jobs.io.snapshot.arrow import ArrowSnapshot
from jobs.io.snapshot.page_maker import page_maker_from
from jobs.io.snapshot.snapshot import TitleFacts
from jobs.io.tables import arrow as arrow_tables
from models.page.maker import PageMaker
from studio.reports.ranker_rows import MADE_FROM, newest_day, profile_rows

ASKED = 100  # profiles whose pages are built
SALT = "forecast"
AGES = ("title_first_play_age_days", "title_last_play_age_days", "title_launch_age_days")
STANDARD_ERRORS = 1.96  # of the interval of a share


class LikelyPages(NamedTuple):
    """The pages of some profiles on a day to come: a row for each cell."""

    day: date
    profiles: int
    cells: pa.Table  # profile_id, row_kind, row_position, column_position, title_id
    title_ids: frozenset[str]  # of the catalogue of that day


def forecast(title_id: str, ahead: int, country: str | None = None) -> dict[str, Any]:
    """In how many of the pages asked a title stands so many days ahead, and where, by kind of row.

    Raises:
        UserMistake: the title has no features yet, or no profile is of the country.
    """
    ds = newest_day("profile_features")
    versions = tuple(arrow_tables.newest_version(name) for name in (*MADE_FROM, "profile_features"))
    likely = _kept(ds, ahead, country, arrow_tables.deltalake_path("titles"), versions)
    if title_id not in likely.title_ids:
        raise UserMistake(
            f"title {title_id!r} was landed after {ds}: the next night makes features of it, and a"
            " forecast is possible after that"
        )
    places = likely.cells.filter(pc.equal(likely.cells["title_id"], title_id)).to_pylist()
    return {
        "title_id": title_id,
        "ds": ds,
        "day": likely.day,
        "country": country,
        "asked": likely.profiles,
        **_share(len({place["profile_id"] for place in places}), likely.profiles),
        "kinds": [
            {"row_kind": kind, **_where([p for p in places if p["row_kind"] == kind])}
            for kind in sorted({place["row_kind"] for place in places})
        ],
    }


def likely_pages(
    ds: date, ahead: int, country: str | None, known_by: datetime, asked: int = ASKED
) -> LikelyPages:
    """The pages of profiles of a country, or of any, so many days after `ds`."""
    profiles = _asked(profile_rows(ds), country, asked)
    maker = maker_ahead(ds, ahead, known_by)
    cells = [_cells(pa.table(part)) for part in maker(profiles.to_batches())]
    title_ids = frozenset(maker.moment.catalogue.title_index)
    day = ds + timedelta(days=ahead)
    return LikelyPages(day, profiles.num_rows, pa.concat_tables(cells), title_ids)


def maker_ahead(ds: date, ahead: int, known_by: datetime) -> PageMaker:
    """What would make the pages of a day to come, so far as it is known."""
    snapshot = ArrowSnapshot(end_of(ds))
    features = snapshot.day("title_features")
    for name in AGES:  # null stays null: no launch, or no play, is known
        place = features.schema.get_field_index(name)
        features = features.set_column(place, name, pc.add(features[name], float(ahead)))
    versions = ArrowSnapshot(known_by).title_versions()
    at = end_of(ds + timedelta(days=ahead))
    return page_maker_from(snapshot, TitleFacts(at, versions, features))


@lru_cache(maxsize=16)
def _kept(
    ds: date, ahead: int, country: str | None, place: str, versions: tuple[int, ...]
) -> LikelyPages:
    """The same, kept for as long as no table it is made from changes: it serves every title."""
    return likely_pages(ds, ahead, country, datetime.now(UTC))


def _asked(profiles: pa.Table, country: str | None, most: int) -> pa.Table:
    """The profiles whose pages are built: always the same ones, drawn by their ids."""
    if country is not None:
        profiles = profiles.filter(pc.equal(profiles["country"].cast(pa.string()), country))
    if not profiles.num_rows:
        raise UserMistake(f"no profile of country {country!r} has features")
    ids = profiles["profile_id"].to_pylist()
    drawn = sorted(range(len(ids)), key=lambda index: bucket(ids[index], SALT, 2**32))[:most]
    chosen = profiles.take(sorted(drawn))
    return chosen.drop_columns(["ds"]) if "ds" in chosen.column_names else chosen


def _cells(rows: pa.Table) -> pa.Table:
    """A row for each cell of page rows."""
    cells = rows["cells"].combine_chunks()
    owner = pc.list_parent_indices(cells)
    own = {name: rows[name].take(owner) for name in ("profile_id", "row_kind", "row_position")}
    of_cells = ("column_position", "title_id")
    own |= {name: pc.struct_field(cells.flatten(), name) for name in of_cells}
    texts = ("profile_id", "row_kind", "title_id")
    return pa.table(
        {
            name: column.cast(pa.string()) if name in texts else column
            for name, column in own.items()
        }
    )


def _where(places: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """On how many pages, in which row and cell at the median."""
    return {
        "pages": len({place["profile_id"] for place in places}),
        "row": median(place["row_position"] for place in places),
        "cell": median(place["column_position"] for place in places),
    }


def _share(count: int, of: int) -> dict[str, Any]:
    """A share with the interval that Wilson gives it, since only some profiles were asked."""
    z = STANDARD_ERRORS
    middle = (count + z * z / 2) / (of + z * z)
    half = z / (of + z * z) * sqrt(count * (of - count) / of + z * z / 4)
    return {
        "pages": count,
        "share": count / of,
        "low": max(0.0, middle - half),
        "high": min(1.0, middle + half),
    }
