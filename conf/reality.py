"""Real figures that the simulated world is measured by: `conf/reality.yaml`."""

from functools import cache
from typing import Literal

from pydantic import model_validator

from conf.settings import ROOT, Frozen, load_yaml


class RealFigure(Frozen):
    """One real figure, where it comes from, and how far off a simulated one may be."""

    name: str
    source: str
    real: float | None = None
    by: Literal["difference", "ratio", "value"] = "difference"
    range: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _rises(self) -> "RealFigure":
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError(f"{self.name}: range {self.range[0]:g}..{self.range[1]:g} must rise")
        return self


class Reality(Frozen):
    """All of them, by the names that the validation gives them."""

    figures: dict[str, RealFigure]


@cache
def reality() -> Reality:
    """The real figures of `conf/reality.yaml`."""
    return load_yaml(Reality, ROOT / "conf" / "reality.yaml")
