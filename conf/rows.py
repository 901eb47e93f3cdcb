"""The kinds of row and the template that orders them: `conf/rows.yaml`."""

from functools import cache
from string import Formatter
from typing import Literal, get_args

from pydantic import Field, model_validator

from conf.settings import ROOT, Frozen, load_yaml
from conf.windows import COUNT_WINDOWS, TREND_WINDOWS

Order = Literal[
    "personal",
    "pvr",
    "popularity",
    "trend",
    "newness",
    "return",
    "season",
    "acclaim",
    "similar",
    "history",
    "resume",
    "list",
]
Facet = Literal["genre", "era", "genre_era", "cast", "director", "keyword"]
Evidence = Literal[
    "watched",
    "trending",
    "popular",
    "new",
    "genre",
    "taste",
    "resume",
    "list",
    "season",
    "acclaim",
    "era",
    "people",
    "keyword",
]
Watched = Literal["hide", "show", "only", "begun", "finished"]
FACETS: tuple[Facet, ...] = get_args(Facet)
TAG_WORDS = {"window_days", "tag", "count", "played"}
WORDS = {"profile": {"window_days"}, "anchor": {"window_days", "anchor", "day"}} | dict.fromkeys(
    FACETS, TAG_WORDS
)
TRUE_EVIDENCE: dict[
    str, set[str]
] = {  # what may be said of a title because of the order that brought it
    "personal": {"taste"},
    "pvr": {"taste"},
    "popularity": {"popular"},
    "trend": {"trending"},
    "newness": {"new"},
    "return": {"new"},
    "season": {"season"},
    "acclaim": {"acclaim"},
    "similar": {"watched"},
    "history": {"watched"},
    "resume": {"resume"},
    "list": {"list"},
}
TAG_EVIDENCE: dict[str, str] = {
    "genre": "genre",
    "era": "era",
    "genre_era": "era",
    "cast": "people",
    "director": "people",
    "keyword": "keyword",
}
OWN_TITLES: dict[str, tuple[str, ...]] = {"history": ("only", "finished"), "resume": ("begun",)}
NEEDS_WINDOW = ("newness", "return", "resume")


class RowKind(Frozen):
    """One kind of row; the fields are explained in `conf/rows.yaml`."""

    title: str
    reason: str
    reason_unplayed: str = ""
    evidence: Evidence
    order: Order
    per: Literal["profile", "anchor"] | Facet = "profile"
    most_rows: int = Field(default=1, gt=0)
    watched: Watched = "hide"
    personal_weight: float = Field(default=0.0, ge=0, le=1)
    popularity_share: float = Field(default=0.0, ge=0, le=1)
    needs_history: bool = False
    may_repeat: bool = False
    window_days: int = 0
    least_plays: int = 0
    prior_plays: float = Field(default=0.0, ge=0)
    least_played: int = Field(default=0, ge=0)
    top_from: float = Field(default=0.0, ge=0, le=1)
    min_length: int = Field(gt=0)
    max_length: int = Field(gt=0)

    @property
    def by_tag(self) -> bool:
        """Whether there is a row for each of several values of a facet."""
        return self.per in FACETS

    @model_validator(mode="after")
    def _is_possible(self) -> "RowKind":
        broken = [
            rule for rule, holds in (*self._rules_of_order(), *self._rules_of_words()) if not holds
        ]
        if broken:
            raise ValueError(broken[0])
        return self

    def _rules_of_words(self) -> list[tuple[str, bool]]:
        words = {
            word
            for text in (self.title, self.reason, self.reason_unplayed)
            for word in _words(text)
        }
        said = TRUE_EVIDENCE[self.order] | ({TAG_EVIDENCE[self.per]} if self.by_tag else set())
        return [
            (f"evidence must be one of {sorted(said)} for this order", self.evidence in said),
            (f"words in braces must be among {sorted(WORDS[self.per])}", words <= WORDS[self.per]),
            (
                "a row by facet needs reason_unplayed, or least_played above 0",
                not self.by_tag or bool(self.reason_unplayed) or self.least_played > 0,
            ),
        ]

    def _rules_of_order(self) -> list[tuple[str, bool]]:
        policies = OWN_TITLES.get(self.order)
        anchored = self.per == "anchor"
        return [
            ("min_length is above max_length", self.min_length <= self.max_length),
            (
                "order similar goes with per anchor, and only with it",
                (self.order == "similar") == anchored,
            ),
            (
                "one profile has one such row: most_rows must be 1",
                self.per != "profile" or self.most_rows == 1,
            ),
            (
                f"window_days must be one of {COUNT_WINDOWS}",
                self.order != "popularity" or self.window_days in COUNT_WINDOWS,
            ),
            (
                f"window_days must be one of {TREND_WINDOWS}",
                self.order != "trend" or self.window_days in TREND_WINDOWS,
            ),
            (
                f"{self.order} needs window_days",
                self.order not in NEEDS_WINDOW or self.window_days > 0,
            ),
            (
                f"order {self.order} goes with watched: {' or '.join(policies or ())}",
                policies is None or self.watched in policies,
            ),
            (
                f"watched: {self.watched} goes with the orders history and resume",
                policies is not None or self.watched in ("hide", "show"),
            ),
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

    def ordered_by(self, order: str) -> list[str]:
        """The names of the kinds whose titles are in this order."""
        return [name for name, kind in self.kinds.items() if kind.order == order]


@cache
def rows() -> Rows:
    """The settings of `conf/rows.yaml`."""
    return load_yaml(Rows, ROOT / "conf" / "rows.yaml")


def _words(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
