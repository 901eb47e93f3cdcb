"""Settings of the judge: `conf/judge.yaml`."""
# Tested by tests/judge/test_judgement.py.

from functools import cache
from typing import Literal

from pydantic import Field

from conf.artwork import artwork_settings
from conf.evidence import evidence
from conf.pages import pages
from conf.resumes import viewing_settings
from conf.rows import rows
from conf.settings import ROOT, Frozen, load_yaml

Subject = Literal["titles", "artwork", "sentences", "anchors", "reasons", "pages"]


class Verdict(Frozen):
    """One verdict of the judge, whose query stands in a file of its name."""

    subject: Subject
    about: str = Field(min_length=1)


class Impressions(Frozen):
    """How many cells that were shown are judged, and as of when."""

    most: int = Field(gt=0)
    on_screen_s: float = Field(ge=0)


class JudgeSettings(Frozen):
    """Everything `conf/judge.yaml` says."""

    steps: tuple[str, ...] = Field(min_length=1)
    impressions: Impressions
    verdicts: dict[str, Verdict] = Field(min_length=1)
    own_sentences: dict[str, tuple[str, ...]]

    def words(self) -> dict[str, list[dict[str, object]]]:
        """What may be said, as tables: `kinds` of row, `phrases` of reasons, `own_sentences`."""
        kinds: list[dict[str, object]] = [
            {
                "kind": name,
                "per": kind.per,
                "window_days": kind.window_days,
                "title": kind.title,
                "said": kind.reason,
                "said_unplayed": kind.reason_unplayed,
            }
            for name, kind in rows().kinds.items()
        ]
        patterns: list[dict[str, object]] = [
            {"evidence": name, "pattern": pattern}
            for name, of_name in self.own_sentences.items()
            for pattern in of_name
        ]
        return {"kinds": kinds, "phrases": _phrases(), "own_sentences": patterns}

    def numbers(self) -> dict[str, int | float | str | list[str]]:
        """The numbers and names of `conf` that queries ask for, by the name of their variable."""
        legality, reasons = pages().legality, evidence()
        return {
            "kids_limit": legality.kids_maturity_limit,
            "unknown_age": legality.unknown_maturity,
            "title_card": artwork_settings().title_card,
            "least_stars": pages().likes.least_stars,
            "least_titles": reasons.least_titles,
            "new_days": reasons.new_days,
            "trend_days": reasons.trend_days,
            "least_plays": reasons.least_plays,
            "popular_days": reasons.popular_days,
            "languages": list(reasons.texts),
            "first_language": reasons.first,
            "sitting_gap_hours": viewing_settings().sitting_gap_hours,
        }


def _phrases() -> list[dict[str, object]]:
    """What is said of each kind of reason in each language, for 0, for 1 and for more."""
    texts = evidence().texts
    kinds = {name.removesuffix("_one").removesuffix("_none") for name in texts[evidence().first]}
    phrases: list[dict[str, object]] = []
    for language, own in texts.items():
        for kind in sorted(kinds):
            for number, form in enumerate((f"{kind}_none", f"{kind}_one", kind)):
                first = texts[evidence().first]
                text = own.get(form) or own.get(kind) or first.get(form) or first.get(kind)
                phrases.append({"language": language, "kind": kind, "number": number, "text": text})
    return phrases


@cache
def judge_settings() -> JudgeSettings:
    """The settings of `conf/judge.yaml`."""
    return load_yaml(JudgeSettings, ROOT / "conf" / "judge.yaml")
