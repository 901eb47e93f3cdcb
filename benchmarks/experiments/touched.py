"""How many files an idea takes: the documented experiment, started in a copy of the sources."""

# Tested by tests/benchmarks/experiments/test_touched.py.

import json
import tempfile
from collections.abc import Iterator
from filecmp import cmp
from pathlib import Path
from typing import Any

from benchmarks.firsthour import sandbox
from conf.errors import FrontrowError
from conf.settings import ROOT

EXPERIMENT, PATIENCE_S = "trending_for_all", 300
NOT_SOURCES = {"var", ".tools", ".venv", "lib", "__pycache__"}
VARIANTS = f"""
import json
from conf.experiments import load_experiments
from jobs.io.experiments import register
changes = register.changes(load_experiments().experiments["{EXPERIMENT}"].start)
print("changes: " + json.dumps(sorted(changes)))
"""


def touched_figures(home: Path) -> dict[str, Any]:
    """The files that differ once the night of its first day would build the experiment's variant.

    FrontrowError where a command fails, or where that night would build none.
    """
    with tempfile.TemporaryDirectory() as parent:
        place = sandbox.made(Path(parent) / "frontrow", home)
        for line in (f"plan {EXPERIMENT}", f"start {EXPERIMENT}"):
            _printed(place, f".venv/bin/python -m cli.main experiment {line}")
        printed = _printed(place, f".venv/bin/python - <<'END'\n{VARIANTS}END\n")
        built = json.loads(printed.rpartition("changes: ")[2])
        if not built:
            raise FrontrowError(f"{EXPERIMENT} was started, and no night would build its variant")
        return {"files_touched_for_variant": len(list(changed(place.folder, ROOT)))}


def _printed(place: sandbox.Sandbox, line: str) -> str:
    ended = place.run(line, PATIENCE_S)
    if ended.fault or ended.status is None:
        raise FrontrowError(f"{line.splitlines()[0]}: {ended.fault or 'it did not end'}")
    return ended.output


def changed(copy: Path, sources: Path) -> Iterator[Path]:
    """The files of a copy that are not as they were, or were not there."""
    for path in sorted(copy.rglob("*")):
        own = path.relative_to(copy)
        is_source = NOT_SOURCES.isdisjoint(own.parts) and path.suffix != ".log"
        if is_source and path.is_file() and not _is_same(path, sources / own):
            yield own


def _is_same(path: Path, other: Path) -> bool:
    return other.exists() and cmp(path, other, shallow=False)
