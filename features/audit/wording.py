"""Sentences rebuilt in SQL from the words of `conf` and from what the tables say.

Nothing of the code that wrote the sentences is used.
"""
# Tested by tests/features/audit/test_evidence.py.

from collections.abc import Mapping
from string import Formatter

import pyarrow as pa

from conf.evidence import KINDS, evidence
from features.audit.tables import table_of
from features.sql_text import quoted, quoted_list

TOLERANCE = 1e-4  # days: ages are float32 where pages are made
MANY = 2  # from this number on there is one form of a sentence
TEXT = {"language": pa.string(), "said_kind": pa.string(), "form": pa.int64(), "said": pa.string()}


def filled(template: str, words: Mapping[str, str]) -> str:
    """A template with its words in braces filled in; null where one of them is null."""
    parts = ["''"]
    for text, name, _, _ in Formatter().parse(template):
        parts.append(quoted(text))
        if name is not None:
            parts.append(f"({words[name]})::VARCHAR")
    return f"({' || '.join(parts)})"


def plays_text(count: str) -> str:
    """So many plays, in words."""
    return f"(CASE WHEN {count} = 1 THEN '1 play' ELSE ({count})::BIGINT || ' plays' END)"


def days_ago_texts(before: str, days: str) -> str:
    """The sentences that say how many days ago something was: two where rounding decides."""
    return f"[{', '.join(_days_ago(before, f'{days} + {s}') for s in (-TOLERANCE, TOLERANCE))}]"


def _days_ago(before: str, days: str) -> str:
    whole = f"CASE WHEN {days} < 0 THEN 0 ELSE floor({days})::BIGINT END"
    return (
        f"{quoted(before)} || CASE {whole} WHEN 0 THEN 'today' WHEN 1 THEN 'yesterday'"
        f" ELSE ({whole}) || ' days ago' END"
    )


def reader_language(languages: str) -> str:
    """The first language of a profile that has texts, else the first of all texts."""
    spoken = quoted_list(list(evidence().texts))
    own = f"list_filter({languages}, lambda tag: list_contains({spoken}, tag))[1]"
    return f"coalesce({own}, {quoted(evidence().first)})"


def reason_texts() -> pa.Table:
    """What is said of each kind of reason and number, in each language; words still in braces."""
    return table_of(
        [
            {"language": language, "said_kind": kind, "form": number}
            | {"said": _template(language, kind, number)}
            for language in evidence().texts
            for kind in KINDS
            for number in range(MANY + 1)
        ],
        TEXT,
    )


def _template(language: str, kind: str, number: int) -> str:
    """What is said of a kind of reason and a number: in the language, else in the first one."""
    form = {0: f"{kind}_none", 1: f"{kind}_one"}.get(number, kind)
    for texts in (evidence().texts[language], evidence().texts[evidence().first]):
        for key in (form, kind):
            if key in texts:
                return texts[key]
    return ""
