"""Every page of docs that is made from the code, by path."""

from pathlib import Path

from cli.reference.architecture import architecture_page
from cli.reference.landing import landing_page
from cli.reference.scale import figures_of, scale_page
from cli.reference.tables import tables_page
from conf.settings import ROOT

DOCS = ROOT / "docs"


def reference_pages() -> dict[Path, str]:
    """The text that each generated page should have now."""
    scale = DOCS / "scale.md"
    architecture = DOCS / "architecture.md"
    return {
        DOCS / "landing.md": landing_page(),
        DOCS / "tables.md": tables_page(),
        architecture: architecture_page(architecture.read_text(encoding="utf-8")),
        scale: scale_page(scale.read_text(encoding="utf-8"), figures_of(DOCS / "scale.json")),
    }
