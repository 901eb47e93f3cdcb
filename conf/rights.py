"""Who may read what Frontrow writes: its owner alone, or a group as well where an operator made the
tables' folder so.
"""

import stat
from pathlib import Path

from conf.places import local_folder

OWNER_ALONE = 0o077
OWNER_AND_GROUP = 0o027
SHARED = 0o2750  # drwxr-s---, a mode that no folder gets by itself


def umask_of(tables_root: str) -> int:
    """The umask of every process that writes tables.

    Where the root of the tables has the mode SHARED, the group of a folder may read what is written
    into it; a table that shall not be read is in a folder that only its owner may enter.
    """
    folder = local_folder(tables_root)
    try:
        mode = stat.S_IMODE(Path(folder or "").stat().st_mode) if folder else 0
    except OSError:
        mode = 0
    return OWNER_AND_GROUP if mode == SHARED else OWNER_ALONE
