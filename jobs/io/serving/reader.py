"""Point reads: one profile's page out of the release that serves, or of the best that is left where
that is broken.

The levels, best first: `fresh` (an update since last night), `base` (of the newest run date),
`yesterday` (of the run date or the release before), `popular` (its country's), `static`
(anybody's).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from conf.pages import pages
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving.backends import backend_at
from jobs.io.serving.codec import record_of, table_of
from jobs.io.serving.keys import STATIC, STRANGER, popular_key
from jobs.io.serving.open_release import OpenRelease
from jobs.io.serving.releases import Release
from jobs.io.tables.schemas import arrow_schema

CATALOGUE = ("titles", "availability", "contexts")
OWN = ("fresh", "base", "yesterday")  # the levels that hold pages of profiles
Late = Callable[[], bool]
Settings = dict[str, Any]


@dataclass(frozen=True)
class ReleasedPage:
    """A page as it is stored, with the columns of `homepage_rows`, and of a fresh one also the
    moment it was made for, `visit_at`; it may be empty where `level` is static.

    `settings` are the newest known of the profile, by the columns of `profiles`; None where none
    are. `release` is what it was read from. `causes` say why it is not of a better level.
    """

    level: str
    rows: pa.Table
    settings: Settings | None
    release: Release | None
    causes: tuple[str, ...] = ()

    @property
    def ds(self) -> date | None:
        """The run date of the page; None for one without rows."""
        if not self.rows.num_rows:
            return None
        run_date: date = self.rows["ds"][0].as_py()
        return run_date


class Reader:
    """Pages by profile, out of the releases of a home (its folder, FRONTROW_HOME) or of a Redis
    server (its URL, FRONTROW_REDIS). Files are kept open, so that a release that is removed goes on
    serving until `reload`; a server keeps `kept_releases`, so look more often than releases are
    made. Not for several threads at once: each has its own.

    `causes` counts what was met on the way down, over all reads: the store and what was wrong with
    it. `catalogue` has the tables CATALOGUE as the release knows them; without what cannot be read.

    Example: Reader("redis://pages:6379/0").read("m0000001-0", datetime.now(UTC)).level
    """

    def __init__(self, where: Path | str) -> None:
        self.causes: Counter[str] = Counter()
        self._backend = backend_at(where)
        self._open()

    @property
    def release(self) -> Release | None:
        """The release that is read; None where there is none."""
        return self._open_release.release

    def reload(self) -> bool:
        """Look which release serves now and open it anew; says whether it is another one than
        before.
        """
        before = self._open_release
        self._open()
        before.close()
        return before.release != self.release

    def close(self) -> None:
        """Let go of all files and connections."""
        self._open_release.close()
        self._backend.close()

    def read(self, profile_id: str, now: datetime, late: Late | None = None) -> ReleasedPage:
        """The best page there is for a profile: of each level in turn, down to one that is there
        and whole.

        `late` says whether the time is up: then the static page is served at once. A page made
        after `now` is passed by. Settings that cannot be read may be stricter than all that are
        known: then it is the static page too.
        """
        return next(self.levels(profile_id, now, late))

    def levels(
        self, profile_id: str, now: datetime, late: Late | None = None
    ) -> Iterator[ReleasedPage]:
        """All pages that there are for a profile, from the best level down to the static one."""
        causes: list[str] = []
        counted_causes = 0
        for level, rows, settings in self._all(profile_id, now, late or _never, causes):
            self.causes.update(causes[counted_causes:])
            counted_causes = len(causes)
            yield ReleasedPage(level, rows, settings, self.release, tuple(causes))

    def static_page(self, cause: str) -> ReleasedPage:
        """The static page, where something else than a store says that there is no better one."""
        self.causes[cause] += 1
        return ReleasedPage("static", self._static, None, self.release, (cause,))

    def _all(
        self, profile_id: str, now: datetime, late: Late, causes: list[str]
    ) -> Iterator[tuple[str, pa.Table, Settings | None]]:
        settings = None
        for step in ("settings", *OWN, "popular"):
            if late():
                causes.append("budget: used up")
                break
            if step == "settings":
                settings, sure = self._settings(profile_id, causes)
                if not sure:
                    break
                continue
            if step == "popular":
                rows = self._popular(settings, causes)
            else:
                rows = self._own(step, profile_id, now, causes)
            if rows is not None:
                yield self._level_of(step), rows, settings
        yield "static", self._static, settings

    def _level_of(self, step: str) -> str:
        """The level of a page: pages of a release that stands in for another are of yesterday,
        whatever they were then.
        """
        return "yesterday" if self._open_release.stands_in and step in OWN else step

    def _open(self) -> None:
        """Open what serves, and take into memory what must be there even if the files go."""
        self._open_release = OpenRelease(self._backend)
        causes: list[str] = []
        static = self._open_release.value("static", STATIC, table_of, causes)
        self._static = arrow_schema(PUBLISHED).empty_table() if static is None else static
        self.catalogue: dict[str, pa.Table] = {}
        for name in CATALOGUE:
            table = self._open_release.value("catalogue", name, table_of, causes)
            if table is not None:
                self.catalogue[name] = table
        self.causes.update(self._open_release.causes)
        self.causes.update(causes)

    def _settings(self, profile_id: str, causes: list[str]) -> tuple[Settings | None, bool]:
        """The newest settings, and whether they are sure: nothing that could hold newer ones is
        unreadable.
        """
        for name in ("changes", "settings"):
            before = len(causes)
            settings = self._open_release.value(name, profile_id, record_of, causes)
            if settings is not None or len(causes) > before:
                return settings, settings is not None
        return None, True

    def _own(self, name: str, profile_id: str, now: datetime, causes: list[str]) -> pa.Table | None:
        """The profile's page in one store, unless it was made after now."""
        if not self._open_release.has(name):
            return None
        before = len(causes)
        rows = self._open_release.value(name, profile_id, table_of, causes)
        if rows is None:
            if name != "fresh" and len(causes) == before:
                causes.append(f"{name}: no page")
            return None
        if rows["as_of"][0].as_py() > now:
            causes.append(f"{name}: made after now")
            return None
        return rows

    def _popular(self, settings: Settings | None, causes: list[str]) -> pa.Table | None:
        """The page of the profile's country, the children's one for children and who is held to no
        more than they.
        """
        before = len(causes)
        for key in _popular_keys(settings):
            rows = self._open_release.value("popular", key, table_of, causes)
            if rows is not None or len(causes) > before:
                return rows
        causes.append("popular: no page")
        return None


def _popular_keys(settings: Settings | None) -> list[str]:
    """The keys of a profile's popular page, the best first."""
    if settings is None:
        return [STRANGER]
    limit = settings["maturity_limit"]
    kids_limit = pages().legality.kids_maturity_limit
    kids = bool(settings["kids"]) or (limit is not None and limit <= kids_limit)
    countries = dict.fromkeys((settings["country"] or "", ""))
    return [popular_key(country, kids) for country in countries]


def _never() -> bool:
    return False
