"""How titles stand: one title everywhere, all titles at a glance, and one on days to come."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.days import end_of
from conf.errors import UserMistake
from conf.health import health_reasons
from conf.pages import pages
from jobs.io.tables import arrow as arrow_tables
from studio.reports.catalogue import KnownTitles, Windows, known_titles

TABLE = "title_health"
OPEN = "open"
MOST_DAYS_AHEAD = 7


@dataclass(frozen=True)
class HealthOfDay:
    """Every title (t) in every country (c) on a day, its kinds of row together."""

    title_ids: list[str]
    countries: list[str]
    shown: NDArray[np.int64]  # (t, c) profiles by kind of row, added up
    reason: NDArray[
        np.int64
    ]  # (t, c) of a title that nobody is shown: the reason that came nearest
    unexplained: int  # rows that no rule explains
    rows: int

    def unseen(self, country: str | None = None, reason: str | None = None) -> list[dict[str, Any]]:
        """The titles that nobody is shown in a country, or in any, and why: the same reason together."""
        names = list(health_reasons().reasons)
        columns = range(len(self.countries))
        if country is not None:
            columns = range(self._column(country), self._column(country) + 1)
        is_unseen = self.shown[:, columns].sum(axis=1) == 0
        found = []
        for title in np.flatnonzero(is_unseen).tolist():
            own = Counter(names[code] for code in self.reason[title, columns].tolist())
            if reason is None or reason in own:
                found.append(
                    {"title_id": self.title_ids[title], "reasons": dict(own.most_common())}
                )
        return found

    def by_rule(self) -> list[dict[str, Any]]:
        """For each reason the titles by country that nobody is shown because of it, most first."""
        names = list(health_reasons().reasons)
        records = []
        for code in np.unique(self.reason[self.shown == 0]).tolist():
            counts = ((self.reason == code) & (self.shown == 0)).sum(axis=0).tolist()
            told = health_reasons().reasons[names[code]]
            by_country = dict(zip(self.countries, counts, strict=True))
            records.append(
                {"reason": names[code], "health": told.state, "says": told.says, "mend": told.mend}
                | {"titles": sum(counts), "by_country": by_country}
            )
        return sorted(records, key=lambda record: -record["titles"])

    def _column(self, country: str) -> int:
        if country not in self.countries:
            known = ", ".join(filter(None, self.countries)) or "none"
            raise UserMistake(
                f"country {country!r} has no profiles, plays or windows; known: {known}"
            )
        return self.countries.index(country)


def newest_health_day() -> date:
    """The newest day of which it is known how titles stand."""
    table = arrow_tables.open_table(TABLE)
    days = [] if table is None else [part["ds"] for part in table.partitions()]
    if not days:
        raise UserMistake(
            "how titles stand was not written yet; the next night's run_audits writes it,"
            " or `python -m jobs.run_audits --ds DAY` for a day whose drafts are there"
        )
    return date.fromisoformat(max(days))


def health_of_day(ds: date | None = None) -> tuple[date, HealthOfDay]:
    """How all titles stand on a day, by default the newest; kept while the table is the same."""
    day = ds or newest_health_day()
    version = arrow_tables.newest_version(TABLE)
    return day, _health_of_day(day, version, arrow_tables.deltalake_path(TABLE))


@lru_cache(maxsize=3)
def _health_of_day(ds: date, version: int, place: str) -> HealthOfDay:
    columns = ["title_id", "country", "health_reason", "shown_count"]
    rows = arrow_tables.filtered_rows(TABLE, [("ds", "=", ds)], columns)
    if not rows.num_rows:
        raise UserMistake(
            f"how titles stood on {ds} was not written; newest: {newest_health_day()}"
        )
    title_ids, title = _sorted_codes(rows["title_id"])
    countries, country = _sorted_codes(rows["country"])
    names = pa.array(list(health_reasons().reasons), pa.string())
    reason = pc.fill_null(pc.index_in(rows["health_reason"].cast(pa.string()), names), 0).to_numpy()
    size = len(title_ids) * len(countries)
    pair = title * len(countries) + country
    shown = np.bincount(pair, rows["shown_count"].to_numpy(), size).astype(np.int64)
    nearest = np.zeros(size, np.int64)
    np.maximum.at(nearest, pair, reason)
    states = np.array([told.state for told in health_reasons().reasons.values()])
    unexplained = int(np.count_nonzero(states[reason] == "unexplained"))
    shape = (len(title_ids), len(countries))
    whole = (shown.reshape(shape), nearest.reshape(shape))
    return HealthOfDay(title_ids, countries, *whole, unexplained, rows.num_rows)


def _sorted_codes(texts: pa.ChunkedArray) -> tuple[list[str], NDArray[np.int64]]:
    """The different texts in order, and the place of each text among them."""
    coded = texts.cast(pa.string()).combine_chunks().dictionary_encode()
    names = coded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    return [names[index] for index in order], place[coded.indices.to_numpy()]


def title_report(text: str, country: str | None = None, ds: date | None = None) -> dict[str, Any]:
    """How a title stands in each country and kind of row, its windows, and what would mend it."""
    known = known_titles()
    title = known.find(text)
    day = ds or newest_health_day()
    filters = [("ds", "=", day), ("title_id", "=", title["title_id"])]
    rows = arrow_tables.filtered_rows(TABLE, filters).to_pylist()
    if not rows:
        newest = newest_health_day()
        raise UserMistake(
            f"title {title['title_id']!r} was not in the catalogue on {day}; it is told from the"
            f" night after its landing (newest day: {newest})"
        )
    by_country: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_country.setdefault(row["country"], []).append(row)
    if country is not None and country not in by_country:
        names = ", ".join(sorted(filter(None, by_country)))
        raise UserMistake(f"country {country!r}: there are {names}")
    wanted = sorted(by_country) if country is None else [country]
    windows = known.windows.get(title["title_id"], Windows()).by_country
    countries = [_in_country(name, by_country[name], windows.get(name, [])) for name in wanted]
    return {
        **title,
        "ds": day,
        "drafts_version": rows[0]["drafts_version"],
        "pictures": known.pictures.get(title["title_id"], 0),
        "notes": _notes(title, known),
        "shown": sum(each["shown"] for each in countries),
        "countries": countries,
    }


def _in_country(
    country: str, rows: list[dict[str, Any]], windows: list[tuple[datetime, datetime | None]]
) -> dict[str, Any]:
    """How a title stands in a country, all kinds of row together and each alone."""
    order = list(health_reasons().reasons)
    kinds = [
        {
            "row_kind": row["row_kind"],
            "health": row["health"],
            "reason": row["health_reason"],
            "says": health_reasons().reasons[row["health_reason"]].says,
            "mend": health_reasons().reasons[row["health_reason"]].mend,
            "shown": row["shown_count"],
        }
        for row in sorted(rows, key=lambda row: (-row["shown_count"], row["row_kind"]))
    ]
    nearest = max(kinds, key=lambda kind: order.index(kind["reason"]) * (kind["shown"] == 0))
    first = kinds[0] if kinds[0]["shown"] else nearest
    return {
        "country": country,
        "health": first["health"],
        "reason": first["reason"],
        "says": first["says"],
        "mend": first["mend"],
        "shown": sum(kind["shown"] for kind in kinds),
        "eligible": rows[0]["eligible_count"],
        "windows": [
            {"from_at": begins, "until_at": ends} for begins, ends in sorted(windows, key=str)
        ],
        "kinds": kinds,
    }


def _notes(title: dict[str, Any], known: KnownTitles) -> list[str]:
    """What an editor should know of a title beside the rules."""
    legality = pages().legality
    age = legality.unknown_maturity if title["maturity"] is None else title["maturity"]
    notes = []
    if age > legality.kids_maturity_limit:
        of = "a title of unknown age counts as" if title["maturity"] is None else "its age is"
        notes.append(
            f"Not for children's profiles: {of} {age}, their limit is {legality.kids_maturity_limit}."
        )
    if not known.pictures.get(title["title_id"]):
        notes.append("It has no artwork: it is shown with a title card. Land some in artwork.")
    if title["title_id"] not in known.windows:
        notes.append("It has no windows at all, and so is open everywhere.")
    return notes


def dry_run(text: str, country: str | None = None, ds: date | None = None) -> dict[str, Any]:
    """Which launch and windows hold for a title at the end of each of the days to come."""
    known = known_titles()
    title = known.find(text)
    own = known.windows.get(title["title_id"], Windows()).by_country
    first = ds or newest_health_day()
    days = [first + timedelta(days=ahead) for ahead in range(MOST_DAYS_AHEAD + 1)]
    if country is not None and country not in known.countries:
        names = ", ".join(known.countries) or "no windows anywhere"
        raise UserMistake(f"country {country!r}: there are {names}")
    wanted = known.countries if country is None else [country]
    return {
        **title,
        "notes": _notes(title, known),
        "days": days,
        "countries": [
            {"country": name, "days": [_day(title, own, name, day) for day in days]}
            for name in wanted or [""]
        ],
    }


def in_words(forecast: dict[str, Any]) -> str:
    """On how many pages a title would stand, and on what that rests."""
    share, low, high = (f"{forecast[name]:.0%}" for name in ("share", "low", "high"))
    where = f" in {forecast['country']}" if forecast["country"] else ""
    return (
        f"{forecast['pages']} of {forecast['asked']} pages built{where} have it, {share} [{low}, {high}];"
        f" windows and launches as known now, rankers, features and histories of {forecast['ds']}"
    )


def _day(
    title: dict[str, Any],
    windows: dict[str, list[tuple[datetime, datetime | None]]],
    country: str,
    day: date,
) -> dict[str, str]:
    reason = rule_at(title["launched_at"], windows, country, end_of(day))
    says = "Open: it may be shown." if reason == OPEN else health_reasons().reasons[reason].says
    return {"reason": reason, "says": says}


def rule_at(
    launched_at: datetime | None,
    windows: dict[str, list[tuple[datetime, datetime | None]]],
    country: str,
    at: datetime,
) -> str:
    """The rule that keeps a title from everybody in a country at an instant; OPEN for none.

    A title without any window is open everywhere.
    """
    if launched_at is not None and launched_at > at:
        return "not_launched"
    own = windows.get(country, [])
    if not windows or any(begins <= at and (not ends or at < ends) for begins, ends in own):
        return OPEN
    if any(begins > at for begins, _ in own):
        return "window_ahead"
    return "window_ended" if own else "no_window"
