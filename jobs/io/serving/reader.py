"""Point reads: one profile's page out of the release that serves, or of the best that is left where
that is broken.

The levels, best first: `fresh` (an update since last night), `base` (of the newest run date),
`yesterday` (of the run date or the release before), `popular` (its country's), `static`
(anybody's).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from conf.pages import pages
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving.backends import backend_at
from jobs.io.serving.codec import record_of, table_of
from jobs.io.serving.keys import (
    LEAST_AGE,
    MAY_BE_CHILD,
    RESERVE,
    STATIC,
    STRANGER,
    popular_key,
)
from jobs.io.serving.open_release import OpenRelease
from jobs.io.serving.releases import Release
from jobs.io.tables.schemas import arrow_schema
from models.catalogue.profile_settings import stricter

CATALOGUE = ("titles", "availability", "artwork", "contexts", "kinds", "names")
OWN = ("fresh", "base", "yesterday")  # the levels that hold pages of profiles
Late = Callable[[], bool]
Settings = dict[str, Any]


@dataclass(frozen=True)
class ReleasedPage:
    """A page as it is stored, with the columns of `homepage_rows`, and of a fresh one also the
    moment it was made for, `visit_at`; it may be empty where `level` is static.

    `settings` are what the profile is to be held to, by the columns of `profiles`: the newest known,
    and a child's where nothing is known, or what is known cannot be read. `release` is what it was
    read from. `causes` say why it is not of a better level.
    """

    level: str
    rows: pa.Table
    settings: Settings
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
    Where it is lost, `static_catalogue` has them for the titles of the static page.

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

    def serving_id(self) -> str | None:
        """The id of the release that serves now, be it the one that is read or another."""
        return self._backend.serving_id()

    def read(self, profile_id: str, now: datetime, late: Late | None = None) -> ReleasedPage:
        """The best page there is for a profile: of each level in turn, down to one that is there
        and whole.

        `late` says whether the time is up: then it is the page of its country. A page made after
        `now` is passed by. Settings that cannot be read may be stricter than all that are known:
        then it is the children's page of its country.
        """
        return next(self.levels(profile_id, now, late))

    def settings_of(self, profile_id: str, current: Mapping[str, Any] | None = None) -> Settings:
        """What a profile is to be held to now, by the columns of `profiles`."""
        settings, _ = self._held_to(profile_id, current, _never, [])
        return settings

    def levels(
        self,
        profile_id: str,
        now: datetime,
        late: Late | None = None,
        current: Mapping[str, Any] | None = None,
    ) -> Iterator[ReleasedPage]:
        """All pages that there are for a profile, from the best level down to the static one, and
        at last the reserve, which is of that level too.

        `current` are settings of the profile as they are known now; the stricter of both hold.
        """
        causes: list[str] = []
        counted_causes = 0
        late = late or _never
        settings, is_sure = self._held_to(profile_id, current, late, causes)
        steps = self._all(profile_id, settings, is_sure, now, late, causes)
        for level, page_rows in steps:
            self.causes.update(causes[counted_causes:])
            counted_causes = len(causes)
            yield ReleasedPage(level, page_rows, settings, self.release, tuple(causes))

    def _all(
        self,
        profile_id: str,
        settings: Settings,
        is_sure: bool,
        now: datetime,
        late: Late,
        causes: list[str],
    ) -> Iterator[tuple[str, pa.Table]]:
        for step in OWN if is_sure else ():
            if late():
                causes.append("budget: used up")
                break
            rows = self._own(step, profile_id, now, causes)
            if rows is not None:
                yield self._level_of(step), rows
        # a server that does not answer has used up the time, and will not answer again
        rows = self._popular(settings, causes) if is_sure or not late() else None
        if rows is not None:
            yield "popular", rows
        yield "static", self._static
        if self._reserve is not None:
            causes.append("static: nothing of it is left")
            yield "static", self._reserve

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
        self._reserve = self._open_release.value("static", RESERVE, table_of, causes)
        self.catalogue = self._tables("catalogue", causes)
        self.static_catalogue = self._tables("static", [])
        self.causes.update(self._open_release.causes)
        self.causes.update(causes)

    def _tables(self, layer: str, causes: list[str]) -> dict[str, pa.Table]:
        """The tables CATALOGUE that a layer has."""
        tables = {}
        for name in CATALOGUE:
            table = self._open_release.value(layer, name, table_of, causes)
            if table is not None:
                tables[name] = table
        return tables

    def _held_to(
        self, profile_id: str, current: Mapping[str, Any] | None, late: Late, causes: list[str]
    ) -> tuple[Settings, bool]:
        """The settings that a profile is held to, and whether they are sure: nothing that could
        hold stricter ones is unreadable.

        Of whom nothing is known, or what is known cannot be read, may be a child.
        """
        known, is_sure = self._settings(profile_id, late, causes)
        settings: Settings = stricter(known or {}, {} if current is None else current)
        if not is_sure:
            settings = stricter(settings, {"kids": True, "maturity_limit": self._least_age})
        elif known is None and settings["kids"] is None and settings["maturity_limit"] is None:
            settings["kids"] = bool(self._fact("popular", MAY_BE_CHILD, 1))
        return settings, is_sure

    def _settings(
        self, profile_id: str, late: Late, causes: list[str]
    ) -> tuple[Settings | None, bool]:
        """The newest settings, and whether they are sure. Those that a lost store may have newer
        ones of are told too, since the country is likely to be the same.
        """
        is_sure = True
        for name in ("changes", "settings"):
            before = len(causes)
            settings = self._open_release.value(name, profile_id, record_of, causes)
            is_sure &= len(causes) == before
            if settings is not None or (not is_sure and late()):
                return settings, is_sure
        return None, is_sure

    @property
    def _least_age(self) -> int:
        """What the strictest of all profiles is held to, as far as the release says it."""
        return self._fact("static", LEAST_AGE, pages().legality.kids_maturity_limit)

    def _fact(self, layer: str, name: str, default: int) -> int:
        """What a layer of the release says of itself."""
        release = self.release
        if release is None or layer not in release.layers:
            return default
        return release.layers[layer].facts.get(name, default)

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

    def _popular(self, settings: Settings, causes: list[str]) -> pa.Table | None:
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


def _popular_keys(settings: Settings) -> list[str]:
    """The keys of a profile's popular page, the best first."""
    limit = settings["maturity_limit"]
    kids_limit = pages().legality.kids_maturity_limit
    kids = bool(settings["kids"]) or (limit is not None and limit <= kids_limit)
    if not settings["country"]:
        return [popular_key("", kids), STRANGER]
    return [popular_key(settings["country"], kids), popular_key("", kids)]


def _never() -> bool:
    return False
