"""Sentences rebuilt as columns from the words of `conf` and from what the tables say.

Nothing of the code that wrote the sentences is used.
"""
# Tested by tests/features/audit/test_evidence.py.

from collections.abc import Mapping
from string import Formatter

from pyspark.sql import Column
from pyspark.sql import functions as F

from conf.evidence import KINDS, evidence

TOLERANCE = 1e-4  # days: ages are float32 where pages are made
MANY = 2  # from this number on there is one form of a sentence


def filled(template: str, words: Mapping[str, Column]) -> Column:
    """A template with its words in braces filled in; null where one of them is null."""
    parts = [F.lit("")]
    for text, name, _, _ in Formatter().parse(template):
        parts.append(F.lit(text))
        if name is not None:
            parts.append(words[name].cast("string"))
    return F.concat(*parts)


def plays_text(count: Column) -> Column:
    """So many plays, in words."""
    number = count.cast("bigint").cast("string")
    return F.when(count == 1, F.lit("1 play")).otherwise(F.concat(number, F.lit(" plays")))


def days_ago_texts(before: str, days: Column) -> Column:
    """The sentences that say how many days ago something was: two where rounding decides."""
    return F.array_distinct(
        F.array(*(_days_ago(before, days + shift) for shift in (-TOLERANCE, TOLERANCE)))
    )


def _days_ago(before: str, days: Column) -> Column:
    whole = F.greatest(F.floor(days), F.lit(0))
    text = F.when(whole == 0, F.lit("today")).when(whole == 1, F.lit("yesterday"))
    return F.concat(
        F.lit(before), text.otherwise(F.concat(whole.cast("string"), F.lit(" days ago")))
    )


def reader_language(languages: str) -> Column:
    """The first language of a profile that has texts, else the first of all texts."""
    names = list(evidence().texts)
    spoken = F.get(F.filter(languages, lambda tag: tag.isin(names)), F.lit(0))
    return F.coalesce(spoken, F.lit(evidence().first))


def reason_text(subject: Column) -> Column:
    """The sentence of a reason in `language`, from `kind`, `count`, `days` and its subject's name."""
    templates = []
    for language in evidence().texts:
        for kind in KINDS:
            for number in range(MANY + 1):
                key = f"{language} {kind} {number}"
                templates += [F.lit(key), F.lit(_template(language, kind, number))]
    days = F.col("days").cast("bigint")
    said_number = F.when(F.col("kind") == "new", days).otherwise(F.col("count"))
    form = F.least(said_number, F.lit(MANY)).cast("string")
    text = F.element_at(F.create_map(*templates), F.concat_ws(" ", "language", "kind", form))
    for word, value in {
        "count": F.col("count").cast("string"),
        "days": F.col("days").cast("string"),
        "subject": F.coalesce(subject, F.lit("")),
    }.items():
        text = F.replace(text, F.lit(f"{{{word}}}"), value)
    return text


def _template(language: str, kind: str, number: int) -> str:
    """What is said of a kind of reason and a number: in the language, else in the first one."""
    form = {0: f"{kind}_none", 1: f"{kind}_one"}.get(number, kind)
    for texts in (evidence().texts[language], evidence().texts[evidence().first]):
        for key in (form, kind):
            if key in texts:
                return texts[key]
    return ""
