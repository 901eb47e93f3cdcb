"""Loops that numba compiles as they are first called, and where compiled code is kept: a folder for
each state of the sources, so that no loop is ever older than its code.

numba looks at the file of a loop alone, and not at the files of the loops that it calls. A process
that calls no loop does not import numba, and inside `plain_loops` Python itself runs them: of one
page that takes less than numba needs to start.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, cached_property, partial, update_wrapper
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from conf.places import nearest
from conf.settings import ROOT, load_settings

ROOMS = ("conf", "models", "simulator")
P = ParamSpec("P")
T = TypeVar("T")
_by_python: ContextVar[bool] = ContextVar("by_python", default=False)


class Loop(Generic[P, T]):
    """A function of loops; numba takes it for its own, so that compiled loops can call it."""

    def __init__(self, function: Callable[P, T], **options: Any) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = options  # numba looks here for what is put into its callers

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function gives."""
        if _by_python.get():
            return self.py_func(*args, **kwargs)
        result: T = self.compiled(*args, **kwargs)
        return result

    def __reduce__(self) -> str:
        """A process that is sent a loop imports it by its name."""
        return self.py_func.__qualname__

    @cached_property
    def compiled(self) -> Any:
        """The same by numba."""
        return _numba().njit(cache=True, **self.targetoptions)(self.py_func)

    @property
    def _numba_type_(self) -> Any:
        return self.compiled._numba_type_


def njit(**options: Any) -> Callable[[Callable[P, T]], Loop[P, T]]:
    """Have a function compiled, with options of numba's."""

    def decorate(function: Callable[P, T]) -> Loop[P, T]:
        """The function as a loop."""
        return Loop(function, **options)

    return decorate


# for loops that only other compiled loops call: without a door to Python they compile in half the
# time
inner_njit = partial(njit, no_cpython_wrapper=True, no_cfunc_wrapper=True)


@contextmanager
def plain_loops() -> Iterator[None]:
    """Until the end of the block loops are run by Python, as they are written."""
    import numpy as np

    token = _by_python.set(True)
    try:
        with np.errstate(all="ignore"):  # numbers wrap around without a word, as compiled ones do
            yield
    finally:
        _by_python.reset(token)


@cache
def _numba() -> Any:
    import numba

    if folder := folder_for(ROOT):
        numba.config.CACHE_DIR = str(writable(folder))  # type: ignore[attr-defined]
    return numba


def writable(folder: Path) -> Path:
    """A folder of compiled code, or one of its name in FRONTROW_HOME for who may not write the
    checkout: where numba would look then it asks no digest.
    """
    may_write = os.access(nearest(folder), os.W_OK)
    return folder if may_write else load_settings().home_path / folder.name


def folder_for(root: Path) -> Path | None:
    """The folder for the sources as they are now; None where they are not files, as inside a
    cluster's zip.
    """
    sources = sorted(path for room in ROOMS for path in (root / room).rglob("*.py"))
    if not sources:
        return None
    digest = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    return root / "models" / "__pycache__" / f"compiled-{digest[:16]}"
