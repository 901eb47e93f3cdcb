"""What every bench ends with: its figures as a table for people and as `var/bench/NAME.json` for programs."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conf.settings import load_settings


def report(name: str, figures: Mapping[str, object], as_json: bool) -> Path:
    """Write the figures and print them, as JSON or as a table; nested figures are named by their path."""
    path = load_settings().home_path / "bench" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=1)
    path.write_text(text + "\n")
    if as_json:
        print(text)
        return path
    shown = Table(
        "figure",
        "value",
        box=None,
        header_style="bold",
        title=f"bench {name}",
        title_justify="left",
    )
    for key, value in _flat(figures):
        shown.add_row(key, f"{value:.6g}" if isinstance(value, float) else str(value))
    Console().print(shown)
    print(f"written to {path}")
    return path


def _flat(figures: Mapping[str, object], above: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for key, value in figures.items():
        rows += (
            _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else [(above + key, value)]
        )
    return rows
