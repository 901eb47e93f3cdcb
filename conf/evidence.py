"""Settings of the reasons that cells give: `conf/evidence.yaml`."""

from functools import cache

from pydantic import Field, model_validator

from conf.rows import words_in_braces
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
        without_weight = sorted({*KINDS, "other"} - set(self.helpful))
        if without_weight:
            raise ValueError(f"helpful: {', '.join(without_weight)} not there")
        without_text = sorted(set(KINDS) - set(self.texts[self.first]))
        if without_text:
            names = ", ".join(without_text)
            raise ValueError(f"texts: {self.first} has nothing to say of {names}")
        for language, texts in self.texts.items():
            unknown = sorted(set().union(*map(words_in_braces, texts.values())) - WORDS)
            if unknown:
                allowed = f"words in braces must be among {sorted(WORDS)}, not {unknown}"
                raise ValueError(f"texts: {language}: {allowed}")
        return self

    @property
    def first(self) -> str:
        """The language that has a text for every kind of reason."""
        return next(iter(self.texts))

    def sentence(self, language: str, kind: str, subject: str, count: int, days: int) -> str:
        """The sentence of a reason in a language, else in the first one."""
        number = days if kind == "new" else count
        form = {0: f"{kind}_none", 1: f"{kind}_one"}.get(number, kind)
        for texts in (self.texts.get(language, {}), self.texts[self.first]):
            for key in (form, kind):
                if key in texts:
                    return texts[key].format(subject=subject, count=count, days=days)
        return ""

    def language_of(self, understood: list[str] | None) -> str:
        """The first of a profile's languages that has texts."""
        return next((name for name in understood or () if name in self.texts), self.first)


@cache
def evidence() -> EvidenceSettings:
    """The settings of `conf/evidence.yaml`."""
    return load_yaml(EvidenceSettings, ROOT / "conf" / "evidence.yaml")
