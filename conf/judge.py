"""Settings of the judge: `conf/judge.yaml`."""
# Tested by tests/judge/test_judgement.py.

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import Literal

from pydantic import Field

from conf.artwork import artwork_settings
from conf.changes import Changes, in_force
from conf.errors import UserMistake
from conf.evidence import KINDS, evidence, languages
from conf.pages import pages
from conf.resumes import viewing_settings
from conf.rows import rows
from conf.settings import ROOT, Frozen, load_yaml

TEXTS = {"title", "reason", "reason_unplayed"}
FILLED = {  # what stands for each word of a text
    **dict.fromkeys(("count", "days", "total"), "[0-9]+"),
    **dict.fromkeys(("subject", "day"), ".+"),
    "country": "[A-Z]{2}",
}
Records = list[dict[str, object]]
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

    def words(self, variants: Mapping[str, Changes]) -> dict[str, Records]:
        """What may be said, as tables by name; of rows by variant, by what it changes in conf."""
        of_rows: dict[str, Records] = {"kinds": [], "row_texts": []}
        for variant, changes in variants.items():
            with suppress(UserMistake, KeyError), in_force(changes):  # else it may say nothing
                for name, records in _row_words().items():
                    of_rows[name] += [{"variant": variant, **record} for record in records]
        patterns: list[dict[str, object]] = [
            {"evidence": name, "language": language, "pattern": pattern}
            for name, keys in self.own_sentences.items()
            for language in languages()
            for key in keys
            for pattern in _patterns(language, key)
        ]
        return {
            **of_rows,
            "phrases": _phrases(),
            "own_sentences": patterns,
            **_names(),
        }

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
            "languages": list(languages()),
            "first_language": reasons.first,
            "sitting_gap_hours": viewing_settings().sitting_gap_hours,
        }


def _row_words() -> dict[str, Records]:
    """The kinds of row and their texts, with the changes in force."""
    kinds: Records = [
        {
            "kind": name,
            "per": kind.per,
            "window_days": kind.window_days,
            "is_ranked": bool(rows().orders[kind.order].ranked_by),
        }
        for name, kind in rows().kinds.items()
    ]
    texts: Records = [
        {"kind": name, "language": language, **kind.said_in(language).model_dump(include=TEXTS)}
        for name, kind in rows().kinds.items()
        for language in languages()
    ]
    return {"kinds": kinds, "row_texts": texts}


def _phrases() -> list[dict[str, object]]:
    """What is said of each kind of reason in each language, for 0, for 1 and for more."""
    return [
        {"language": language, "kind": kind, "number": number}
        | {"text": evidence().template(language, kind, number)}
        for language in languages()
        for kind in KINDS
        for number in range(3)
    ]


def _patterns(language: str, key: str) -> set[str]:
    """What may be said of a key in a language, whatever is filled in, as patterns."""
    texts = (evidence().template(language, key, number) for number in range(3))
    return {re.sub(r"\\{(\w+)\\}", lambda word: FILLED[word[1]], re.escape(text)) for text in texts}


def _names() -> dict[str, list[dict[str, object]]]:
    """How genres, eras, days and months are written in each language."""
    names = {language: evidence().names[language] for language in languages()}
    return {
        "genre_names": [
            {"language": language, "genre": genre, "said": said}
            for language, own in names.items()
            for genre, said in own.genres.items()
        ]
        or [{"language": "", "genre": "", "said": ""}],
        "ways": [
            {"language": language, **own.model_dump(include={"era", "genre_era", "day", "months"})}
            for language, own in names.items()
        ],
    }


@cache
def judge_settings() -> JudgeSettings:
    """The settings of `conf/judge.yaml`."""
    return load_yaml(JudgeSettings, ROOT / "conf" / "judge.yaml")
