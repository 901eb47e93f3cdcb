"""Pages for visits, out of the release that serves and nothing else: a point read, then the online
step (N-200).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from conf.nearline import nearline_settings
from jobs.io.serving.reader import Reader
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Removed, Visit, assemble
from models.page.online.catalogue_view import CatalogueView
from models.page.online.view_from_tables import catalogue_view_from


@dataclass(frozen=True)
class ServedPage:
    """A page as it is right at a visit, with the columns of `homepage_rows`, and the level that it
    is of.

    `causes` say why it is not of a better level, and what there was no time for.
    """

    level: str
    rows: pa.Table
    removed: tuple[Removed, ...]
    causes: tuple[str, ...]


class Online:
    """What a service asks for pages: one of each for a thread. `where` is a home or a Redis server,
    as for a Reader.

    Example: Online("redis://pages:6379/0").page("m0000001-0", Visit(time.time(), "tv")).rows
    """

    def __init__(self, where: Path | str) -> None:
        self.reader = Reader(where)
        self._view = self._catalogue_view()

    def page(
        self, profile_id: str, visit: Visit, left_ms: Callable[[], float] | None = None
    ) -> ServedPage:
        """A profile's page, of the best level that there is and `left_ms` leaves time for;
        `budget_ms` by default.

        Without a catalogue nobody can tell what a profile may see now: then it is the page for
        anybody.
        """
        remaining_ms = left_ms or budget()
        if self._view is None:
            static = self.reader.static_page("catalogue: unreadable")
            return ServedPage(static.level, static.rows, (), static.causes)
        at = datetime.fromtimestamp(visit.at_s, UTC)
        empty_levels: list[str] = []
        for stored in self.reader.levels(profile_id, at, lambda: remaining_ms() <= 0):
            profile = by_settings(profile_id, stored.settings or {}, self._view.title_index)
            page = assemble(stored.rows, profile, self._view, visit, remaining_ms)
            if page.rows.num_rows or stored.level == "static":
                break
            empty_levels.append(f"{stored.level}: nothing of it is left")
        skipped_steps = [f"no time: {step}" for step in page.skipped_steps]
        causes = (*stored.causes, *empty_levels, *skipped_steps)
        return ServedPage(stored.level, page.rows, page.removed, causes)

    def reload(self) -> bool:
        """Look which release serves now, every minute or so; says whether it is another one than
        before.
        """
        changed = self.reader.reload()
        if changed or self._view is None:
            self._view = self._catalogue_view()
        return changed

    def close(self) -> None:
        """Let go of all files and connections."""
        self.reader.close()

    def _catalogue_view(self) -> CatalogueView | None:
        tables = self.reader.catalogue
        release = self.reader.release
        if release is None or not {"titles", "availability"} <= tables.keys():
            return None
        return catalogue_view_from(
            tables["titles"], tables["availability"], tables.get("contexts"), release.until
        )


def budget() -> Callable[[], float]:
    """A clock that begins to run now and tells how many milliseconds are left, below 0 when time is
    over.
    """
    ends = time.perf_counter() + nearline_settings().budget_ms / 1000
    return lambda: (ends - time.perf_counter()) * 1000
