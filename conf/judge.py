"""Settings of the judge: `conf/judge.yaml`."""
# Tested by tests/judge/test_judgement.py.

from functools import cache
from typing import Literal

from pydantic import Field

from conf.artwork import artwork_settings
from conf.evidence import evidence
from conf.pages import pages
from conf.settings import ROOT, Frozen, load_yaml

Subject = Literal["titles", "artwork", "sentences", "anchors", "reasons", "pages"]


class Verdict(Frozen):
    """One verdict of the judge, whose query stands in a file of its name."""

    subject: Subject
    about: str = Field(min_length=1)


class JudgeSettings(Frozen):
    """Everything `conf/judge.yaml` says."""

    steps: tuple[str, ...] = Field(min_length=1)
    verdicts: dict[str, Verdict] = Field(min_length=1)

    def numbers(self) -> dict[str, int | float | str]:
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
        }


@cache
def judge_settings() -> JudgeSettings:
    """The settings of `conf/judge.yaml`."""
    return load_yaml(JudgeSettings, ROOT / "conf" / "judge.yaml")
