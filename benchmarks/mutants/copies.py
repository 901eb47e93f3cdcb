"""Copies of the tree in which faults are planted: never the tree itself."""
# Tested by tests/benchmarks/mutants/test_run.py.

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conf.compiled import folder_for
from conf.errors import Rejected
from conf.mutants import Mutant

LINKED = (".venv", ".tools", "lib")  # what set-up made and no test writes to
LEFT_OUT = (".git", "var", ".*_cache", ".hypothesis", "spark-warehouse", "metastore_db")


def copy_tree(source: Path, target: Path) -> Path:
    """A copy of the sources, with links to what set-up made."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT, *LINKED))
    for name in LINKED:
        if (source / name).exists():
            (target / name).symlink_to((source / name).resolve())
    return target


def mutated_text(mutant: Mutant, tree: Path) -> str:
    """The text of the mutant's file with its fault.

    Raises:
        Rejected: what it changes does not stand there exactly once, so the mutant is stale.
    """
    path = tree / mutant.file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    count = text.count(mutant.before)
    if count != 1:
        raise Rejected(
            f"conf/mutants.yaml: mutant {mutant.name}: {mutant.before!r} stands {count} times in"
            f" {mutant.file}, expected once; say what the code has now"
        )
    return text.replace(mutant.before, mutant.after)


@contextmanager
def planted(mutant: Mutant, tree: Path) -> Iterator[None]:
    """The copy with the fault in it, and after that as it was before."""
    path = tree / mutant.file
    text, faulty = path.read_text(encoding="utf-8"), mutated_text(mutant, tree)
    loops = folder_for(tree)
    _write(path, faulty)
    if "njit" not in faulty:
        # a fault outside compiled loops leaves them as they are: they need not be compiled again
        _link(folder_for(tree), loops)
    try:
        yield
    finally:
        _write(path, text)


def _write(path: Path, text: str) -> None:
    """Write a source file and forget what Python compiled of it.

    Python would not notice a change of the same size within a second.
    """
    path.write_text(text, encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()


def _link(new: Path | None, old: Path | None) -> None:
    if new and old and old.exists() and not new.exists():
        new.symlink_to(old)
