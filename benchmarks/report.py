"""The end of every bench: its figures as a table and as `var/bench/NAME.json`."""
# Tested by tests/benchmarks/ranker/test_run.py.

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conf.settings import load_settings

STRATA = "strata"  # of figures: too many for a terminal


def report(name: str, figures: Mapping[str, object], as_json: bool) -> Path:
    """Write the figures and print them, as JSON or as a table.

    In the table a nested figure is named by its path; what is by stratum stands in the file alone.
    """
    path = path_of(name)
    text = json.dumps(figures, indent=1)
    path.write_text(text + "\n")
    if as_json:
        print(text)
        return path
    table = Table(
        "figure",
        "value",
        box=None,
        header_style="bold",
        title=f"bench {name}",
        title_justify="left",
    )
    for key, value in _flat(figures):
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
        table.add_row(key, text)
    Console().print(table)
    print(f"written to {path}")
    return path


def path_of(name: str) -> Path:
    """Where a bench's figures are kept."""
    path = load_settings().home_path / "bench" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _flat(figures: Mapping[str, object], above: str = "") -> list[tuple[str, object]]:
    """Each figure with its path, for example play_rate.genre.ours."""
    rows: list[tuple[str, object]] = []
    for key, value in figures.items():
        if key == STRATA:
            continue
        if isinstance(value, Mapping):
            rows += _flat(value, f"{above}{key}.")
        else:
            rows.append((above + key, value))
    return rows
