"""What the judge has to know of a page built from arrays, as tables: titles, windows, profiles, plays.

For logs that were never landed and for hard cases; of a world the tables themselves are judged by.
"""
# Tested by tests/benchmarks/page/test_violations.py.

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.pages import pages
from jobs.io.published.known_tables import known_tables
from judge.judgement import Judgement, judgement
from models.catalogue.arrays import Catalogue, Profiles

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
READER = "as built"
NO_LIMIT = 99
TEXTS = pa.list_(pa.string())


def known_facts(catalogue: Catalogue, profiles: Profiles) -> dict[str, pa.Table]:
    """The tables titles, availability, artwork, profiles and events that say what the arrays say."""
    return {
        "titles": titles_table(catalogue),
        "availability": _windows_table(catalogue),
        "artwork": _artwork_table(catalogue),
        "profiles": profiles_table(catalogue, profiles),
        "events": _events_table(catalogue, profiles),
    }


def as_given(page_rows: pa.Table, at: datetime, reader: str = READER) -> pa.Table:
    """Rows of pages as one reader was given them at a moment."""
    visit = {
        "reader": pa.repeat(pa.scalar(reader), page_rows.num_rows),
        "seen_at": pa.repeat(pa.scalar(at, pa.timestamp("us", "UTC")), page_rows.num_rows),
    }
    for name, column in visit.items():
        page_rows = page_rows.append_column(name, column)
    return page_rows


def as_asked(profile_ids: list[str], at: datetime, reader: str = READER) -> pa.Table:
    """The visits of profiles to one reader at a moment."""
    return as_given(pa.table({"profile_id": pa.array(profile_ids, pa.string())}), at, reader)


def by_tables(page_rows: pa.Table, at: datetime, reader: str) -> Judgement:
    """What the judge finds on pages that profiles were given at a moment, by the stored tables."""
    given = as_given(page_rows, at, reader)
    return judgement({"given": given} | known_tables())


def moment_of(catalogue: Catalogue) -> datetime:
    """The moment that the arrays stand for."""
    return datetime.fromtimestamp(catalogue.as_of_s, UTC)


def titles_table(catalogue: Catalogue) -> pa.Table:
    """The catalogue's titles; the year is given as years before now, so that equal years stay equal."""
    spoken = [[] for _ in range(catalogue.size)]  # type: list[list[str]]
    for language, mask in catalogue.audio.items():
        for title in np.flatnonzero(mask):
            spoken[title].append(language)
    ages = catalogue.features["title_launch_age_days"].astype(np.float64)
    launched_s = np.where(np.isnan(ages), np.nan, catalogue.as_of_s - ages * 86_400)
    years_ago = catalogue.features["title_year_age"]
    return _known(
        title_id=pa.array(catalogue.title_ids, pa.string()),
        name=pa.array(catalogue.names, pa.string()),
        year=pa.array(
            [None if np.isnan(age) else 3000 - int(age) for age in years_ago], pa.int32()
        ),
        maturity=pa.array(catalogue.maturity, pa.int32(), mask=catalogue.maturity < 0),
        languages=pa.array(spoken, TEXTS),
        launched_at=_instants(launched_s),
    )


def profiles_table(
    catalogue: Catalogue, profiles: Profiles, also_blocked: dict[int, list[int]] | None = None
) -> pa.Table:
    """The profiles' settings; `also_blocked` are further titles by the index of the profile."""
    blocked = [
        [*titles.tolist(), *(also_blocked or {}).get(index, [])]
        for index, titles in enumerate(profiles.blocked)
    ]
    named = catalogue.available
    countries = [country if country in named else "" for country in profiles.country]
    understands = profiles.understands or (frozenset(),) * profiles.size
    limit = profiles.maturity_limit
    return _known(
        profile_id=pa.array(profiles.profile_ids, pa.string()),
        country=pa.array(countries, pa.string()),
        languages=pa.array([sorted(own) for own in understands], TEXTS),
        maturity_limit=pa.array(limit, pa.int32(), mask=limit >= NO_LIMIT),
        kids=pa.array(profiles.kids),
        blocked_titles=pa.array(
            [[str(catalogue.title_ids[title]) for title in titles] for titles in blocked], TEXTS
        ),
    )


def disliked_titles(profiles: Profiles) -> dict[int, list[int]]:
    """By the index of each profile what it rated below a liked title, or gave a thumb down."""
    is_disliked = (profiles.stars < pages().likes.least_stars) | (profiles.states.thumb < 0)
    disliked: dict[int, list[int]] = {}
    for owner, title in zip(profiles.owners[is_disliked], profiles.title[is_disliked], strict=True):
        disliked.setdefault(int(owner), []).append(int(title))
    return disliked


def _windows_table(catalogue: Catalogue) -> pa.Table:
    """An open window where a country has a title that not everybody has, a closed one elsewhere."""
    everywhere = np.all(list(catalogue.available.values()), axis=0)
    rows: list[dict[str, Any]] = []
    for country, open_titles in catalogue.available.items():
        for title in np.flatnonzero(~everywhere):
            until = None if open_titles[title] else LONG_AGO
            rows.append(
                {
                    "title_id": str(catalogue.title_ids[title]),
                    "country": country,
                    "from_at": LONG_AGO,
                    "until_at": until,
                }
            )
    instant = pa.timestamp("us", "UTC")
    schema = pa.schema(
        {
            "title_id": pa.string(),
            "country": pa.string(),
            "from_at": instant,
            "until_at": instant,
        }
    )
    table = pa.Table.from_pylist(rows, schema)
    return _known(**{name: table[name] for name in schema.names})


def _artwork_table(catalogue: Catalogue) -> pa.Table:
    pools = catalogue.gallery.pools
    return _known(
        title_id=pa.array(catalogue.title_ids[pools.title], pa.string()),
        artwork_id=pa.array(pools.artwork_ids, pa.string()),
        maturity=pa.array(pools.maturity, pa.int32(), mask=pools.maturity < 0),
    )


def _events_table(catalogue: Catalogue, profiles: Profiles) -> pa.Table:
    """A play for each entry of the histories, with its stars."""
    stars = profiles.stars.astype(np.float64)
    size = len(profiles.title)
    return _known(
        event_id=pa.array([str(number) for number in range(size)], pa.string()),
        profile_id=pa.array(profiles.profile_ids[profiles.owners], pa.string()),
        title_id=pa.array(catalogue.title_ids[profiles.title], pa.string()),
        event_at=_instants(profiles.last_at_s),
        kind=pa.array(["play"] * size, pa.string()),
        value=pa.array(stars, mask=np.isnan(stars)),
    )


def _known(**columns: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Records that were known long ago."""
    table = pa.table(columns)
    known_at = pa.repeat(pa.scalar(LONG_AGO, pa.timestamp("us", "UTC")), table.num_rows)
    return table.append_column("known_at", known_at)


def _instants(seconds: NDArray[np.float64]) -> pa.Array:
    """Instants from epoch seconds UTC; null for NaN."""
    is_unknown = np.isnan(seconds)
    micros = np.floor(np.where(is_unknown, 0, seconds) * 1e6).astype(np.int64)
    return pa.array(micros, pa.int64(), mask=is_unknown).cast(pa.timestamp("us", "UTC"))
