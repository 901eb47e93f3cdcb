"""What the user of this process may read and write of the tables, asked before anything is done."""

import os
from pathlib import Path

from conf.contracts import contract
from conf.errors import UserMistake
from conf.places import local_folder, nearest
from conf.settings import tables_root

ADVICE = "SECURITY.md, Users of their own, says who may"
INTO, OUT_OF = os.W_OK | os.X_OK, os.R_OK | os.X_OK


def may_read(name: str) -> bool:
    """Whether a table can be read by this user, or is not there."""
    folder = folder_of(name)
    return folder is None or not folder.exists() or os.access(folder, OUT_OF)


def refuse_unreadable(name: str) -> None:
    """Refuse a table that this user may not read (UserMistake)."""
    if not may_read(name):
        raise UserMistake(f"table {name}: this user may not read it; {ADVICE}")


def refuse_unwritable(name: str) -> None:
    """Refuse a table that this user may not write, or not make (UserMistake)."""
    folder = folder_of(name)
    if folder is not None and not os.access(nearest(folder), INTO):
        what = "write" if folder.exists() else "make"
        raise UserMistake(f"table {name}: this user may not {what} it; {ADVICE}")


def folder_of(name: str) -> Path | None:
    """The folder of a table; None on another file system, which has rights of its own and no seals."""
    root = local_folder(tables_root())
    return None if root is None else Path(root) / contract(name).table
