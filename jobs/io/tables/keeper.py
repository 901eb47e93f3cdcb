"""Tables that a process keeps open, for one that answers many times, as the studio does.

Nothing is kept unless a process asks for it (`keep`). What is kept is of one version of a table and never changes; a
newer version is seen by the next reader. How much memory rows may take is bounded: what was used longest ago goes
first.
"""

# Tested by tests/jobs/io/tables/test_kept.py.

import threading
from collections import OrderedDict

from jobs.io.tables.kept import MEBIBYTE, KeptTable, Rows, mark_of

MOST_BYTES = 384 * MEBIBYTE  # of rows in memory, of all tables together
MOST_TABLES = 64  # open ones, old versions counted


class Keeper:
    """The open tables of a process."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.rows = Rows(most_bytes)
        self.tables: OrderedDict[tuple[str, int | None], KeptTable] = OrderedDict()
        self.lock = threading.Lock()

    def table(self, path: str, version: int | None) -> KeptTable:
        """A table at its newest version or at another one, opened anew only where it has changed."""
        key = (path, version)
        with self.lock:
            known = self.tables.get(key)
        if known is None or not self._is_newest(known, version):
            if known is not None:
                self.rows.forget(path, known.version())
            known = KeptTable(path, version, self.rows)
        with self.lock:
            self.tables[key] = known
            self.tables.move_to_end(key)
            while len(self.tables) > MOST_TABLES:
                self.tables.popitem(last=False)
        return known

    def _is_newest(self, known: KeptTable, version: int | None) -> bool:
        """Whether a table is still what it was opened as."""
        if known.mark is None or mark_of(known.path, known.version()) != known.mark:
            return False
        return version is not None or mark_of(known.path, known.version() + 1) is None


_keepers: list[Keeper] = []


def keep(most_bytes: int = MOST_BYTES) -> None:
    """From now on this process keeps the tables that it reads."""
    _keepers[:] = [Keeper(most_bytes)]


def keep_nothing() -> None:
    """From now on this process opens tables anew for each read."""
    _keepers.clear()


def keeper() -> Keeper | None:
    """What keeps tables; None where nothing is kept."""
    return _keepers[0] if _keepers else None
