"""Settings of the reasons that cells give: `conf/evidence.yaml`."""

from collections.abc import Iterable
from datetime import date
from functools import cache

from pydantic import Field, model_validator

from conf.rows import rows, words_in_braces
from conf.settings import ROOT, Frozen, load_yaml

KINDS = (
    "again",
    "watched",
    "director",
    "cast",
    "new",
    "trending",
    "award",
    "taste",
    "genre",
    "popular",
)
# What rows say of a title by their order or tag, where none of these is true of it.
OWN_TEXTS = (
    *("trending_in", "ever", "first_played", "back", "season", "acclaim", "alike"),
    *("resume", "resume_episode", "next_episode", "listed", "with", "by", "tag"),
)
COUNTS_DAYS = ("new", "first_played", "back")  # whose form goes by the days, not by the count
WORDS = {"subject", "count", "days", "total", "country", "day"}
ONE, NONE = "_one", "_none"


class TagNames(Frozen):
    """How a language writes genres, eras and days."""

    era: str
    genre_era: str
    day: str
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    genres: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _words_can_be_filled_in(self) -> "TagNames":
        allowed = {"era": {"decade"}, "genre_era": {"decade", "genre"}, "day": {"d", "m", "y"}}
        for field, words in allowed.items():
            if words_in_braces(getattr(self, field)) != words:
                raise ValueError(f"{field}: words in braces must be {sorted(words)}")
        return self

    def name(self, facet: str, tag: str) -> str:
        """A tag of a facet as the language writes it; those of other facets are names."""
        if facet == "genre":
            return self.genres.get(tag, tag)
        if facet not in ("era", "genre_era"):
            return tag
        decade, _, genre = tag.partition("s ") if facet == "genre_era" else (tag[:-1], "", "")
        template = self.genre_era if genre else self.era
        return template.format(decade=decade, genre=self.genres.get(genre, genre))

    def written_day(self, day: date) -> str:
        """A day in words."""
        return self.day.format(d=day.day, m=self.months[day.month - 1], y=day.year)


class EvidenceSettings(Frozen):
    """Everything `conf/evidence.yaml` says."""

    helpful: dict[str, float]
    said_already: float = Field(ge=0, le=1)
    least_titles: int = Field(gt=0)
    new_days: int = Field(gt=0)
    trend_days: int = Field(gt=0)
    least_plays: int = Field(gt=0)
    popular_days: int = Field(gt=0)
    texts: dict[str, dict[str, str]] = Field(min_length=1)
    names: dict[str, TagNames]

    @model_validator(mode="after")
    def _is_whole(self) -> "EvidenceSettings":
        without_weight = sorted({*KINDS, "other"} - set(self.helpful))
        if without_weight:
            raise ValueError(f"helpful: {', '.join(without_weight)} not there")
        if set(self.names) != set(self.texts):
            raise ValueError(f"names: must be of {', '.join(self.texts)}")
        needed = {*KINDS, *OWN_TEXTS, *self.texts[self.first]}
        for language, texts in self.texts.items():
            without_text = sorted(needed - set(texts))
            if without_text:
                names = ", ".join(without_text)
                raise ValueError(f"texts: {language} has nothing to say of {names}")
            unknown = sorted(set().union(*map(words_in_braces, texts.values())) - WORDS)
            if unknown:
                allowed = f"words in braces must be among {sorted(WORDS)}, not {unknown}"
                raise ValueError(f"texts: {language}: {allowed}")
        return self

    @property
    def first(self) -> str:
        """The language of pages for those who understand no other one that has texts."""
        return next(iter(self.texts))

    def template(self, language: str, kind: str, number: int) -> str:
        """What is said in a language of a kind and a number, with words in braces."""
        texts = self.texts[language]
        form = {0: kind + NONE, 1: kind + ONE}.get(number, kind)
        return texts.get(form, texts[kind])

    def sentence(
        self, language: str, kind: str, *, count: int = 0, days: int = 0, **words: object
    ) -> str:
        """What is said in a language, with the words filled in."""
        template = self.template(language, kind, days if kind in COUNTS_DAYS else count)
        return template.format(count=count, days=days, **words)

    def language_of(self, understood: Iterable[str] | None) -> str:
        """The first language of a profile that everything can be said in, else the first of all."""
        spoken = languages()
        own = (tag.split("-")[0].lower() for tag in understood or ())
        return next((language for language in own if language in spoken), self.first)


def languages() -> tuple[str, ...]:
    """The languages that every kind of row has its texts in too, the first one first."""
    kinds, first = rows().kinds.values(), evidence().first
    return tuple(
        language
        for language in evidence().texts
        if language == first or all(language in kind.texts for kind in kinds)
    )


def language_of_rows(named: Iterable[tuple[str, str]]) -> str:
    """The language that a page is in, told by its rows, each as (row_kind, row_title)."""
    kinds, spoken = rows().kinds, languages()
    given = [(kinds[kind], title) for kind, title in named if kind in kinds]
    agree = [sum(kind.said_in(name).title == title for kind, title in given) for name in spoken]
    return spoken[agree.index(max(agree))]


@cache
def evidence() -> EvidenceSettings:
    """The settings of `conf/evidence.yaml`."""
    return load_yaml(EvidenceSettings, ROOT / "conf" / "evidence.yaml")
