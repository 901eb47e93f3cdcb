"""Where compiled loops are kept: a folder for each state of the sources, so that no loop is ever
older than its code.

numba looks at the file of a loop alone, and not at the files of the loops that it calls.
"""

from functools import partial
from hashlib import sha256
from pathlib import Path

import numba

from conf.settings import ROOT

ROOMS = ("conf", "models", "simulator")
# for loops that only other compiled loops call: without a door to Python they compile in half the
# time
inner_njit = partial(numba.njit, cache=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def folder_for(root: Path) -> Path | None:
    """The folder for the sources as they are now; None where they are not files, as inside a
    cluster's zip.
    """
    sources = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    if not sources:
        return None
    digest = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return root / "models" / "__pycache__" / f"compiled-{digest[:16]}"


if folder := folder_for(ROOT):
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
