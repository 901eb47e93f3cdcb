"""The docs and the code use the same words, numbers and file names."""

import ast
import re
from pathlib import Path

import pytest

from conf.rooms import rooms
from conf.settings import ROOT

DOCS = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
SOURCES = sorted(path for room in rooms() for path in (ROOT / room).rglob("*.py"))
SETTINGS = sorted((ROOT / "conf").rglob("*.yaml"))
NUMBER = re.compile(r"\bN-\d{3}\b")


def unused_words() -> set[str]:
    """The words of the glossary's column "not used"."""
    words = set()
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and len(cells) == 3 and cells[2] != "not used":
            words |= {word.strip() for word in cells[2].split(",") if word.strip()}
    return words


def words_of(name: str) -> set[str]:
    """The words of a file's or a class's name, with and without a plural s."""
    parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    lower = {part.lower() for part in parts}
    return lower | {part.removesuffix("s") for part in lower}


def test_the_glossary_has_words_that_are_not_used():
    assert {"shelf", "lessons", "eyes", "still"} <= unused_words()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_names_and_public_classes_use_the_words_of_the_glossary(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    names = [path.stem, *(name for name in classes if not name.startswith("_"))]
    for name in names:
        assert not words_of(name) & unused_words(), name


def test_every_number_of_a_requirement_is_defined_and_used():
    page = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    defined = set(re.findall(r"^\| (N-\d{3}) \|", page, re.MULTILINE))
    used: set[str] = set()
    for path in [*SOURCES, *SETTINGS, *DOCS]:
        if path.name != "requirements.md":
            used |= numbers_in(path.read_text(encoding="utf-8"))
    assert used == defined


def numbers_in(text: str) -> set[str]:
    """The requirements that a text names; "N-030 to N-032" names three."""
    numbers = set(NUMBER.findall(text))
    for first, last in re.findall(r"\bN-(\d{3})\s+to\s+N-(\d{3})\b", text):
        numbers |= {f"N-{number:03d}" for number in range(int(first), int(last) + 1)}
    return numbers


def test_a_range_of_numbers_names_all_between():
    assert numbers_in("trends (N-030 to N-032)") == {"N-030", "N-031", "N-032"}


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_every_link_and_every_file_named_exists(path):
    text = path.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    missing = [target for target in links if not (path.parent / target).exists()]
    folders = "|".join([*rooms(), "tests", "docs"])
    files_to_write = re.findall(r"`([\w/.]+)`\*\*, a new file", text)  # in the recipes
    for name in re.findall(rf"`((?:{folders})/[\w./-]*\w)`", text):
        if "NAME" not in name and name not in files_to_write and not (ROOT / name).exists():
            missing.append(name)
    assert not missing


def test_the_index_names_every_page():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    unnamed = [
        str(page) for page in pages if f"({page})" not in index and page != Path("README.md")
    ]
    assert not unnamed


def test_what_troubleshooting_says_is_seen_is_what_the_code_says():
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    seen = re.findall(r"^\| `([^`]+)` \| ", page, re.MULTILINE)
    assert len(seen) > 8
    code = " ".join(path.read_text(encoding="utf-8") for path in SOURCES)
    code = " ".join(re.sub(r'"\s*\n\s*f?"', "", code).split())
    assert [words for words in seen if words not in code] == []
