"""Data sets that can be landed by name, and the wheels that some are fetched in:
`conf/sources.yaml`.
"""

from functools import cache
from typing import Any

import yaml

from conf.errors import UserMistake
from conf.settings import ROOT, Frozen


class Wheel(Frozen):
    """A wheel of which a few data files are used; nothing in it is ever imported.

    `members` maps the paths of these files inside the wheel to the most bytes each may have.
    """

    requirement: str
    sha256: str
    members: dict[str, int]
    terms: str = ""  # of the data sets that are made of its files


@cache
def wheels() -> dict[str, Wheel]:
    """The wheels by name, each with the terms of the first data set that takes its files from it."""
    terms: dict[str, str] = {}
    for entry in datasets().values():
        if entry.wheel:
            terms.setdefault(entry.wheel, entry.terms)
    entries = _sources_file()["wheels"]
    return {
        name: Wheel.model_validate({"terms": terms.get(name, ""), **entry})
        for name, entry in entries.items()
    }


def wheel(name: str) -> Wheel:
    """One wheel; an unknown name lists the known ones."""
    if name not in wheels():
        raise UserMistake(f"unknown wheel {name!r}; the wheels are: {', '.join(wheels())}")
    return wheels()[name]


class Dataset(Frozen):
    """A data set that can be landed by name.

    `files` maps tables to the files of its wheel; `adapter` is the module of features/sources that
    reads it, by default the one of its own name.
    """

    about: str
    wheel: str = ""
    files: dict[str, str] | None = None
    adapter: str = ""
    terms: str = ""


@cache
def datasets() -> dict[str, Dataset]:
    """The data sets of conf/sources.yaml by name."""
    entries = _sources_file()["datasets"]
    return {name: Dataset.model_validate(entry) for name, entry in entries.items()}


def dataset(name: str) -> Dataset:
    """One data set; an unknown name lists the known ones."""
    if name not in datasets():
        raise UserMistake(f"unknown data set {name!r}; the data sets are: {', '.join(datasets())}")
    return datasets()[name]


def _sources_file() -> dict[str, Any]:
    text = (ROOT / "conf" / "sources.yaml").read_text(encoding="utf-8")
    sources: dict[str, Any] = yaml.safe_load(text)
    return sources
