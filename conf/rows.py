"""The orders, the kinds of row and the template of a page: `conf/rows.yaml`."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from string import Formatter
from typing import Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from conf.changes import changed_file
from conf.days import BASELINE_DAYS, COUNT_WINDOWS, SEASON_DAYS, TREND_WINDOWS, YEAR_DAYS
from conf.settings import Frozen

Facet = Literal["genre", "era", "genre_era", "cast", "director", "keyword"]
Watched = Literal["hide", "show", "only", "begun", "finished"]
FACETS: tuple[Facet, ...] = get_args(Facet)
NOTHING = "nothing"  # the claim of an order that says nothing of its titles that could be false
CLAIM_CONSTANTS = {
    "baseline_days": BASELINE_DAYS,
    "season_days": 2 * SEASON_DAYS + 1,
    "year_days": YEAR_DAYS,
}
# Words in braces that a title or reason may use, by what the row is about.
TEXT_WORDS: dict[str, set[str]] = {
    "profile": {"window_days"},
    "anchor": {"window_days", "anchor", "day"},
    **{facet: {"window_days", "tag", "count", "played"} for facet in FACETS},
}
# What a row by facet may give as evidence instead of its order's.
TAG_EVIDENCE: dict[str, str] = {
    "genre": "genre",
    "era": "era",
    "genre_era": "era",
    "cast": "people",
    "director": "people",
    "keyword": "keyword",
}


class RowOrder(Frozen):
    """One order that titles of a row stand in; the fields are explained in `conf/rows.yaml`."""

    evidence: str = Field(min_length=1)
    claim: str = Field(min_length=1)
    ranked_by: str = ""
    by_country: bool = False
    windows: Literal["unused", "any", "counts", "trends"] = "unused"
    watched: tuple[Watched, ...] = ("hide", "show")
    anchored: bool = False

    @field_validator("claim", "ranked_by")
    @classmethod
    def _words_can_be_filled_in(cls, claim: str) -> str:
        unknown = words_in_braces(claim) - {*RowKind.model_fields, *CLAIM_CONSTANTS}
        if unknown:
            raise ValueError(f"no field of a kind and no constant: {', '.join(sorted(unknown))}")
        return claim

    @property
    def has_claim(self) -> bool:
        """Whether a row in this order claims anything of its titles."""
        return self.claim != NOTHING

    def claim_of(self, kind: "RowKind") -> str:
        """The claim about each title of a row, in SQL, with the numbers of its kind filled in."""
        return self.claim.format(**kind.model_dump(), **CLAIM_CONSTANTS)

    def ranked_by_of(self, kind: "RowKind") -> str:
        """What a row in this order says that its titles are ordered by, highest first, in SQL."""
        return self.ranked_by.format(**kind.model_dump(), **CLAIM_CONSTANTS)


class RowTexts(Frozen):
    """What a kind of row is called, and why it is there, in one language."""

    title: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    reason_unplayed: str = ""

    @property
    def words(self) -> set[str]:
        """The words in braces that they use."""
        return words_in_braces(self.title + self.reason + self.reason_unplayed)


class RowKind(RowTexts):
    """One kind of row; the fields are explained in `conf/rows.yaml`."""

    texts: dict[str, RowTexts] = Field(default_factory=dict)  # by language, the first one aside
    evidence: str
    order: str
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

    def said_in(self, language: str) -> RowTexts:
        """Its texts in a language, those of the first one where it has none of their own."""
        return self.texts.get(language, self)

    @property
    def by_tag(self) -> bool:
        """Whether there is a row for each of several values of a facet."""
        return self.per in FACETS


class Rows(Frozen):
    """The kinds of row of a page, the template they stand in, and the orders they are filled by.

    Without orders of its own it has those of `conf/rows.yaml`.
    """

    orders: dict[str, RowOrder] = Field(default_factory=lambda: orders())
    kinds: dict[str, RowKind] = Field(min_length=1)
    template: tuple[str, ...] = Field(min_length=1)
    then: tuple[str, ...]

    @model_validator(mode="after")
    def _template_names_kinds(self) -> "Rows":
        unknown = sorted({*self.template, *self.then} - set(self.kinds))
        if unknown:
            raise ValueError(f"the template names kinds that do not exist: {', '.join(unknown)}")
        return self

    @model_validator(mode="after")
    def _kinds_are_possible(self) -> "Rows":
        for name, kind in self.kinds.items():
            order = self.orders.get(kind.order)
            if order is None:
                raise _impossible(name, f"order {kind.order} has no entry under orders")
            for fault in (*_faults_of_order(kind, order), *_faults_of_words(kind, order)):
                raise _impossible(name, fault)
        return self

    def ordered_by(self, order: str) -> list[str]:
        """The names of the kinds whose titles stand in this order."""
        return [name for name, kind in self.kinds.items() if kind.order == order]


class RowsFile(Rows):
    """The content of `conf/rows.yaml`, which has to declare the orders."""

    orders: dict[str, RowOrder] = Field(min_length=1)


def rows() -> Rows:
    """The settings of `conf/rows.yaml`, with the changes in force."""
    return changed_file(RowsFile, "rows")


def rows_with(added: Iterable[Mapping[str, str]]) -> Rows:
    """The kinds of `conf/rows.yaml`, and others that stored rows may be of: row_kind, and its
    declaration as JSON.

    One that this code cannot read any more is left out, as are rows of a kind that nobody knows.
    """
    kinds = {}
    for kind in added:
        with suppress(ValidationError):
            kinds[kind["row_kind"]] = RowKind.model_validate_json(kind["declaration"])
    known = rows()
    return known.model_copy(update={"kinds": {**kinds, **known.kinds}}) if kinds else known


def orders() -> dict[str, RowOrder]:
    """The orders that `conf/rows.yaml` declares, by name."""
    return rows().orders


def _impossible(name: str, fault: str) -> ValidationError:
    """An error about the kind of row of a name, which is then reported with its line."""
    error = PydanticCustomError("impossible_kind", "{fault}", {"fault": fault})
    return ValidationError.from_exception_data(
        "Rows", [{"type": error, "loc": ("kinds", name), "input": name}]
    )


def _faults_of_order(kind: RowKind, order: RowOrder) -> Iterator[str]:
    """What makes a kind of row impossible in its order."""
    if kind.min_length > kind.max_length:
        yield "min_length is above max_length"
    if order.anchored and kind.per != "anchor":
        yield f"order {kind.order} goes with per anchor"
    if kind.per == "anchor" and not order.anchored:
        yield f"order {kind.order} does not go with per anchor"
    if kind.per == "profile" and kind.most_rows != 1:
        yield "one profile has one such row: most_rows must be 1"
    if order.windows == "counts" and kind.window_days not in COUNT_WINDOWS:
        yield f"window_days must be one of {COUNT_WINDOWS}"
    if order.windows == "trends" and kind.window_days not in TREND_WINDOWS:
        yield f"window_days must be one of {TREND_WINDOWS}"
    if order.windows == "any" and kind.window_days <= 0:
        yield f"order {kind.order} needs window_days"
    if kind.watched not in order.watched:
        yield f"order {kind.order} goes with watched: {' or '.join(order.watched)}"


def _faults_of_words(kind: RowKind, order: RowOrder) -> Iterator[str]:
    """What a kind of row says that could not be true, or could not be filled in."""
    true_evidence = {order.evidence}
    if kind.by_tag:
        true_evidence.add(TAG_EVIDENCE[kind.per])
    if kind.evidence not in true_evidence:
        yield f"evidence must be one of {sorted(true_evidence)} for this order"
    for texts in (kind, *kind.texts.values()):
        if not texts.words <= TEXT_WORDS[kind.per]:
            yield f"words in braces must be among {sorted(TEXT_WORDS[kind.per])}"
    for language, texts in kind.texts.items():
        if bool(texts.reason_unplayed) != bool(kind.reason_unplayed):
            yield f"reason_unplayed must be in every language or in none; see {language}"
    if kind.by_tag and not kind.reason_unplayed and kind.least_played == 0:
        yield "a row by facet needs reason_unplayed, or least_played above 0"


def words_in_braces(text: str) -> set[str]:
    """The names that a text has in braces, to be filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
