"""The recipes of CONTRIBUTING.md as data: the files each one adds or changes, and the tests it names."""

import re
from dataclasses import dataclass
from pathlib import Path

from conf.settings import ROOT

RECIPE = re.compile(r"^## (A new .+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
EDIT = re.compile(r"^\*\*`([\w./-]+)`\*\*(.*?)\n+```\w*\n(.*?)\n```", re.MULTILINE | re.DOTALL)
ANCHOR = re.compile(r"below the line `([^`]+)`")
COMMAND = re.compile(r"```sh\n(.*?)\n```", re.DOTALL)


@dataclass(frozen=True)
class Edit:
    """A text to put into a file: below the line `anchor`, or at the end, or as a new file."""

    path: str
    text: str
    anchor: str | None

    def apply(self, folder: Path) -> None:
        """Make the edit below `folder`. Raises AssertionError where the anchor is not there once."""
        file = folder / self.path
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self._after(before), encoding="utf-8")

    def _after(self, before: str) -> str:
        if self.anchor is None:
            gap = "\n\n" if before else ""
            return f"{before}{gap}{self.text}\n"
        lines = before.splitlines()
        at = [number for number, line in enumerate(lines) if line.strip() == self.anchor]
        assert len(at) == 1, f"{self.path}: `{self.anchor}` stands {len(at)} times, not once"
        lines[at[0] + 1 : at[0] + 1] = self.text.splitlines()
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Recipe:
    """One recipe: its heading, its edits in order, and the command that runs the tests it names."""

    name: str
    edits: tuple[Edit, ...]
    command: str


def recipes() -> list[Recipe]:
    """Every recipe of CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [recipe(name, body) for name, body in RECIPE.findall(text)]


def recipe(name: str, body: str) -> Recipe:
    """One recipe from the text below its heading."""
    edits = []
    for path, where, text in EDIT.findall(body):
        anchor = ANCHOR.search(where)
        edits.append(Edit(path, text, anchor[1] if anchor else None))
    return Recipe(name, tuple(edits), COMMAND.findall(body)[-1])
