"""Great Expectations' pages as they open without a network: no script or style from elsewhere, and
lists that are plain links.
"""

import re
from html import escape
from pathlib import Path

ELSEWHERE = re.compile(
    r"""<script\b[^>]*\bsrc=["']https?:[^>]*>\s*</script>|<link\b[^>]*\bhref=["']https?:[^>]*>""",
    re.IGNORECASE,
)
STYLE = (
    "<style>body{font-family:sans-serif;margin:2em;max-width:70em}"
    "table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.3em .6em}</style>"
)


def without_network(docs: Path) -> None:
    """Take what loads something from elsewhere out of a day's pages, and list them in `index.html`.

    The folder above gets a list of its days.
    """
    pages = sorted(path for path in docs.rglob("*.html") if path != docs / "index.html")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        page.write_text(ELSEWHERE.sub("", text).replace("</head>", f"{STYLE}</head>", 1), "utf-8")
    links = [(str(page.relative_to(docs)), _name(page.relative_to(docs))) for page in pages]
    _write_list(docs / "index.html", f"What the audit of {docs.name} found", links)
    days = sorted((path.parent.name for path in docs.parent.glob("*/index.html")), reverse=True)
    _write_list(docs.parent / "index.html", "Audits", [(f"{day}/index.html", day) for day in days])


def _name(page: Path) -> str:
    """How a page is listed: results by what they judge and when, expectations by what they ask of."""
    if page.parts[0] == "validations" and len(page.parts) > 2:
        return f"results: {page.parts[1]}, {page.parts[-2]}"
    return f"{page.parts[0]}: {page.stem}"


def _write_list(path: Path, title: str, links: list[tuple[str, str]]) -> None:
    items = "".join(f'<li><a href="{escape(to)}">{escape(name)}</a></li>' for to, name in links)
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>{STYLE}'
    path.write_text(f"<!doctype html>{head}<h1>{escape(title)}</h1><ul>{items}</ul>\n", "utf-8")
