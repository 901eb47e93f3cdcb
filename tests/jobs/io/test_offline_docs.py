"""Pages of Great Expectations load nothing from elsewhere, and their list is one of links."""

from pathlib import Path

from jobs.io.offline_docs import without_network

PAGE = """<html><head><link rel="stylesheet" href="https://unpkg.com/b.min.css">
<link rel="icon" href="./static/favicon.ico"/>
<script src="https://cdn.jsdelivr.net/npm/vega@5"></script>
<script src="https://code.jquery.com/jquery.min.js" integrity="x" crossorigin="anonymous"></script>
<script>var own = 1;</script></head><body>47 of 57</body></html>"""


def test_nothing_is_loaded_and_every_result_is_one_link_away(tmp_path: Path) -> None:
    docs = tmp_path / "data_docs" / "2026-01-05"
    result = docs / "validations" / "rows" / "__none__" / "20260105T0000Z" / "rows-rows.html"
    for page in (docs / "index.html", docs / "expectations" / "rows.html", result):
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE)
    without_network(docs)
    for page in tmp_path.rglob("*.html"):
        text = page.read_text()
        assert "src=" not in text and "https:" not in text
    assert "var own" in result.read_text() and "47 of 57" in result.read_text()
    index = (docs / "index.html").read_text()
    assert index.count("<a ") == 2 and str(result.relative_to(docs)) in index
    assert "2026-01-05/index.html" in (tmp_path / "data_docs" / "index.html").read_text()
    without_network(docs)  # a second audit of the day
    assert (docs / "index.html").read_text() == index
