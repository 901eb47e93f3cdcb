"""Pages for visits, out of the release that serves and nothing else: a point read, then the online
step (N-200).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from conf.nearline import nearline_settings
from jobs.io.published.receipts import PUBLISHED
from jobs.io.serving.reader import Reader
from jobs.io.tables.schemas import arrow_schema
from models.catalogue.name_index import Named, found, lawful
from models.catalogue.profile_settings import by_settings
from models.page.online.assemble import Removed, Visit, assemble
from models.page.online.catalogue_view import CatalogueView
from models.page.online.view_from_tables import catalogue_view_from

NO_ROWS = arrow_schema(PUBLISHED).empty_table()


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
        self._looked_at = time.monotonic()
        self._view = self._catalogue_view()

    def page(
        self,
        profile_id: str,
        visit: Visit,
        settings: Mapping[str, Any] | None = None,
        left_ms: Callable[[], float] | None = None,
    ) -> ServedPage:
        """A profile's page, of the best level that there is and `left_ms` leaves time for;
        `budget_ms` by default.

        `settings` are columns of `profiles` as the caller knows them at this moment; the stricter
        of these and those of the release hold, field by field. Where nothing that the profile may
        see is left of its own page, it is that of its country, or what everybody plays.
        """
        remaining_ms = left_ms or budget()
        self._look()
        if self._view is None:
            return ServedPage("static", NO_ROWS, (), ("catalogue: unreadable",))
        at = datetime.fromtimestamp(visit.at_s, UTC)
        empty_levels: list[str] = []
        levels = self.reader.levels(profile_id, at, lambda: remaining_ms() <= 0, settings)
        lost = not self.reader.catalogue  # then only the static page's titles are known
        for stored in levels:
            if lost and stored.level != "static":
                continue
            profile = by_settings(profile_id, stored.settings, self._view.title_index)
            page = assemble(stored.rows, profile, self._view, visit, remaining_ms)
            if page.rows.num_rows:
                break
            if stored.level != "static":
                empty_levels.append(f"{stored.level}: nothing of it is left")
        skipped_steps = [f"no time: {step}" for step in page.skipped_steps]
        no_catalogue = ("catalogue: unreadable",) if lost else ()
        causes = (*no_catalogue, *stored.causes, *empty_levels, *skipped_steps)
        return ServedPage(stored.level, page.rows, page.removed, causes)

    def search(
        self,
        profile_id: str,
        text: str,
        visit: Visit,
        settings: Mapping[str, Any] | None = None,
        most: int = 8,
    ) -> list[Named]:
        """Titles, people and genres whose name has a word that begins so, each with the titles that
        the profile may see at the visit; nothing that has none of these.
        """
        self._look()
        names = self.reader.catalogue.get("names")
        if self._view is None or names is None:
            return []
        held_to = self.reader.settings_of(profile_id, settings)
        profile = by_settings(profile_id, held_to, self._view.title_index)
        codes = self._view.removal_reasons(profile, visit.at_s)
        seen = set(self._view.catalogue.title_ids[codes == 0].tolist())
        return lawful(found(names, text), seen, most)

    def reload(self) -> bool:
        """Look which release serves now; says whether it is another one than before."""
        self._looked_at = time.monotonic()
        layer = self._catalogue_layer()
        changed = self.reader.reload()
        if self._view is None or layer is None or self._catalogue_layer() != layer:
            self._view = self._catalogue_view()
        return changed

    def close(self) -> None:
        """Let go of all files and connections."""
        self.reader.close()

    def _look(self) -> None:
        """Read the release that serves now, some seconds after the last look: a reader that is
        never told to reload obeys changed settings all the same.
        """
        if time.monotonic() - self._looked_at < nearline_settings().look_seconds:
            return
        self._looked_at = time.monotonic()
        serving = self.reader.serving_id()
        release = self.reader.release
        if serving is not None and (release is None or release.release_id != serving):
            self.reload()

    def _catalogue_layer(self) -> tuple[str, datetime] | None:
        """What the view is made of; None where the catalogue is not to be read."""
        release = self.reader.release
        if release is None or not self.reader.catalogue:
            return None
        return release.layers["catalogue"].identity, release.until

    def _catalogue_view(self) -> CatalogueView | None:
        release = self.reader.release
        for tables in (self.reader.catalogue, self.reader.static_catalogue):
            if release is not None and {"titles", "availability"} <= tables.keys():
                return catalogue_view_from(tables, release.until)
        return None


def budget() -> Callable[[], float]:
    """A clock that begins to run now and tells how many milliseconds are left, below 0 when time is
    over.
    """
    ends = time.perf_counter() + nearline_settings().budget_ms / 1000
    return lambda: (ends - time.perf_counter()) * 1000
