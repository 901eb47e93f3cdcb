"""The kinds of row and the template that orders them: `conf/rows.yaml`."""

from functools import cache
from string import Formatter
from typing import Literal

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml

Order = Literal["personal", "popularity", "trend", "newness", "similar", "history"]
Evidence = Literal["watched", "trending", "popular", "new", "genre", "taste"]
COUNT_WINDOWS = (1, 3, 7, 14, 30, 60, 90, 365)  # days that `title_plays_count_{days}d` exists for
TREND_WINDOWS = (7, 30)
WORDS = {
    "profile": {"window_days"},
    "anchor": {"window_days", "anchor", "day"},
    "genre": {"window_days", "genre", "count", "played"},
}
TRUE_EVIDENCE: dict[str, set[str]] = {  # what may be said of a title because of the order that brought it
    "personal": {"taste"},
    "popularity": {"popular"},
    "trend": {"trending"},
    "newness": {"new"},
    "similar": {"watched"},
    "history": {"watched"},
}


class RowKind(Frozen):
    """One kind of row; the fields are explained in `conf/rows.yaml`."""

    title: str
    reason: str
    reason_unplayed: str = ""
    evidence: Evidence
    order: Order
    per: Literal["profile", "anchor", "genre"] = "profile"
    most_rows: int = Field(default=1, gt=0)
    watched: Literal["hide", "show", "only"] = "hide"
    personal_weight: float = Field(default=0.0, ge=0, le=1)
    needs_history: bool = False
    may_repeat: bool = False
    window_days: int = 0
    least_plays: int = 0
    min_length: int = Field(gt=0)
    max_length: int = Field(gt=0)

    @model_validator(mode="after")
    def _is_possible(self) -> "RowKind":
        broken = [rule for rule, holds in self._rules() if not holds]
        if broken:
            raise ValueError(broken[0])
        return self

    def _rules(self) -> list[tuple[str, bool]]:
        words = {word for text in (self.title, self.reason, self.reason_unplayed) for word in _words(text)}
        said = TRUE_EVIDENCE[self.order] | ({"genre"} if self.per == "genre" else set())
        return [
            ("min_length is above max_length", self.min_length <= self.max_length),
            (
                "order similar goes with per anchor, and only with it",
                (self.order == "similar") == (self.per == "anchor"),
            ),
            ("one profile has one such row: most_rows must be 1", self.per != "profile" or self.most_rows == 1),
            (f"evidence must be one of {sorted(said)} for this order", self.evidence in said),
            (f"words in braces must be among {sorted(WORDS[self.per])}", words <= WORDS[self.per]),
            ("a genre row needs reason_unplayed", self.per != "genre" or bool(self.reason_unplayed)),
            (
                f"window_days must be one of {COUNT_WINDOWS}",
                self.order != "popularity" or self.window_days in COUNT_WINDOWS,
            ),
            (f"window_days must be one of {TREND_WINDOWS}", self.order != "trend" or self.window_days in TREND_WINDOWS),
            ("newness needs window_days", self.order != "newness" or self.window_days > 0),
            ("order history goes with watched: only", self.order != "history" or self.watched == "only"),
        ]


class Rows(Frozen):
    """Everything `conf/rows.yaml` says."""

    kinds: dict[str, RowKind] = Field(min_length=1)
    template: tuple[str, ...] = Field(min_length=1)
    then: tuple[str, ...]

    @model_validator(mode="after")
    def _template_is_known(self) -> "Rows":
        unknown = sorted({*self.template, *self.then} - set(self.kinds))
        if unknown:
            raise ValueError(f"the template names kinds that do not exist: {', '.join(unknown)}")
        return self


@cache
def rows() -> Rows:
    """The settings of `conf/rows.yaml`."""
    return load_yaml(Rows, ROOT / "conf" / "rows.yaml")


def _words(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
