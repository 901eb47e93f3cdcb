"""Every recipe of CONTRIBUTING.md works: in a copy of the checkout it is followed, tested and undone."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conf.settings import ROOT
from tests.recipes import Recipe, recipes

RECIPES = recipes()
FOLDERS = ("conf", "features", "models", "experiments", "simulator", "jobs", "dags")
FOLDERS += ("closed_loop", "benchmarks", "cli", "tests", "docs")
FILES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "Makefile",
    "pyproject.toml",
    "uv.lock",
)
FEW_FILES = {  # the files a recipe may need, as the page promises
    "A new row kind": 1,
    "A new order of titles": 3,
    "A new feature": 2,
    "A new ranker": 2,
    "A new metric": 1,
    "A new data set": 2,
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout that shares the environment and the jars."""
    caches = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=caches)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path / name)
    for name in (".venv", "lib", ".tools"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the copy that a recipe could change."""
    files = [file for name in FOLDERS for file in (folder / name).rglob("*") if file.is_file()]
    return {
        str(f.relative_to(folder)): f.read_bytes() for f in files if "__pycache__" not in f.parts
    }


def passes(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The recipe's own test command, run in the copy."""
    words = shlex.split(command.replace(".venv/bin/python", sys.executable))
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


def test_the_page_has_the_recipes_that_it_promises():
    assert {recipe.name for recipe in RECIPES} == set(FEW_FILES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_needs_as_few_files_as_promised(recipe: Recipe):
    assert 0 < len({edit.path for edit in recipe.edits}) <= FEW_FILES[recipe.name]


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_works_and_can_be_undone(recipe: Recipe, checkout: Path):
    before = contents(checkout)
    originals = {edit.path: before.get(edit.path) for edit in recipe.edits}
    for edit in recipe.edits:
        edit.apply(checkout)
    done = passes(recipe.command, checkout)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    for path, original in originals.items():
        if original is None:
            (checkout / path).unlink()
        else:
            (checkout / path).write_bytes(original)
    assert contents(checkout) == before
