"""Pages of docs that are made from the code say what the code says."""

import pytest

from cli.reference.pages import reference_pages

PAGES = reference_pages()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_made_from_the_code_is_current(path):
    assert path.read_text(encoding="utf-8") == PAGES[path], "run `python -m cli.reference`"
