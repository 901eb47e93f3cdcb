"""Settings of the reasons that cells give: `conf/evidence.yaml`."""

from functools import cache
from string import Formatter

from pydantic import Field, model_validator

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
WORDS = {"subject", "count", "days"}


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

    @model_validator(mode="after")
    def _is_whole(self) -> "EvidenceSettings":
        if missing := sorted({*KINDS, "other"} - set(self.helpful)):
            raise ValueError(f"helpful: {', '.join(missing)} not there")
        if missing := sorted(set(KINDS) - set(self.texts[self.first])):
            raise ValueError(f"texts: {self.first} has nothing to say of {', '.join(missing)}")
        for language, said in self.texts.items():
            odd = {
                word for text in said.values() for _, word, _, _ in Formatter().parse(text) if word
            } - WORDS
            if odd:
                raise ValueError(
                    f"texts: {language}: words in braces must be among {sorted(WORDS)}, not {sorted(odd)}"
                )
        return self

    @property
    def first(self) -> str:
        """The language in which everything can be said."""
        return next(iter(self.texts))

    def said(self, language: str, kind: str, subject: str, count: int, days: int) -> str:
        """The sentence of a reason in a language, else in the first one."""
        number = days if kind == "new" else count
        form = f"{kind}_{'none' if number == 0 else 'one'}" if number in (0, 1) else kind
        for texts in (self.texts.get(language, {}), self.texts[self.first]):
            for key in (form, kind):
                if key in texts:
                    return texts[key].format(subject=subject, count=count, days=days)
        return ""

    def language_of(self, understood: list[str] | None) -> str:
        """The first language of a profile that has texts."""
        return next((name for name in understood or () if name in self.texts), self.first)


@cache
def evidence() -> EvidenceSettings:
    """The settings of `conf/evidence.yaml`."""
    return load_yaml(EvidenceSettings, ROOT / "conf" / "evidence.yaml")
