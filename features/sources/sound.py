"""Text of a field -> its value, as SQL for fields that are plainly sound: the quick way of a landing.

What is sound here is sound by features/sources/typed.py too, with the same value; the reverse does
not hold. A text that is not plainly sound says nothing: whoever meets one asks the rules of `typed`.
Strict on purpose: no blanks around numbers, no instants without seconds or in rare forms.
"""
# Tested by tests/features/sources/test_sound.py.

from collections.abc import Sequence
from datetime import datetime

from conf.contracts import Column, columns, contract
from conf.landing import (
    DEFAULT_KIND,
    EARLIEST,
    FACT_TIMES,
    ID_LENGTH,
    TEXT_LENGTH,
    content_columns,
    required_columns,
)
from conf.vocabularies import vocabularies
from features.sources.identity import BETWEEN, WITHIN
from features.sources.typed import FALSE, TRUE, is_id
from features.sql_text import quoted

TEXT = r"[^\x00-\x1f\x7f]*[!-~\p{L}\p{N}][^\x00-\x1f\x7f]*"
ISO = (
    r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
    r"(Z|[+-](0\d|1[0-3]):[0-5]\d)"
)
EPOCH = r"\d{1,11}"
WHOLE = r"-?\d{1,18}(\.0*)?"
# a number that Java and DuckDB write alike: no exponent, no more digits than a double holds
NUMBER = r"-?\d{1,6}(\.\d{1,3})?"
# of a table whose ids are not kept: any number, since both sides of a comparison are written alike
ANY_NUMBER = r"-?\d{1,15}(\.\d{1,20})?([eE]-?\d{1,2})?"


def value(table: str, name: str, separator: str) -> str:
    """The value of the text column `name`; null where the text is blank or no such value."""
    column, text = columns()[name], f'"{name}"'
    if column.vocabulary == "countries":
        return _country(text)
    if table in column.words:
        return f"nullif(lower(trim({text})), '')"
    if column.type == "timestamp":
        return (
            f"CASE WHEN regexp_full_match({text}, '{EPOCH}')"
            f" THEN make_timestamptz({text}::BIGINT * 1000000)"
            f" ELSE try_cast({text} AS TIMESTAMPTZ) END"
        )
    if column.type == "boolean":
        lower = f"lower({text})"
        return f"CASE WHEN {lower} IN {TRUE} THEN true WHEN {lower} IN {FALSE} THEN false END"
    if column.type in ("int", "bigint"):
        return f"try_cast(regexp_replace({text}, '\\.0*$', '') AS {column.type})"
    if column.type == "double":
        return f"try_cast({text} AS DOUBLE)"
    if column.type.startswith("array"):
        items = f"list_transform(string_split({text}, '{separator}'), lambda item: trim(item, ' '))"
        return f"nullif(list_filter({items}, lambda item: item <> ''), [])"
    return f"CASE WHEN trim({text}) <> '' THEN {text} END"


def _country(text: str) -> str:
    code = f"upper(trim({text}))"
    aliases = vocabularies().countries.aliases.items()
    cases = " ".join(
        f"WHEN {code} = {quoted(alias)} THEN {quoted(meant)}" for alias, meant in aliases
    )
    return f"nullif(CASE {cases} ELSE {code} END, '')"


def is_sound(table: str, name: str) -> str:
    """The condition under which the text column `name` and its `value`, named _name, are sound."""
    column, text, typed = columns()[name], f'"{name}"', f'"_{name}"'
    nothing = f"({text} IS NULL OR {text} = '')"
    rule = " AND ".join(_rules(table, name, column, text, typed))
    if name in required_columns(table):
        return f"({typed} IS NOT NULL AND {rule})"
    return f"({nothing} OR ({typed} IS NOT NULL AND {rule}))"


def _rules(table: str, name: str, column: Column, text: str, typed: str) -> list[str]:
    if column.vocabulary == "countries":
        return one_of(text, typed, vocabularies().countries.codes)
    if table in column.words:
        return one_of(text, typed, column.words[table])
    if column.type == "timestamp":
        form = f"(regexp_full_match({text}, '{EPOCH}') OR regexp_full_match({text}, '{ISO}'))"
        return [form, f"{typed} >= TIMESTAMPTZ '{EARLIEST.isoformat()}'"]
    if column.type == "boolean":
        return ["true"]
    if column.type in ("int", "bigint"):
        return [f"regexp_full_match({text}, '{WHOLE}')", *_range(column, typed)]
    if column.type == "double":
        form = NUMBER if "event_id" in contract(table).columns else ANY_NUMBER
        return [f"regexp_full_match({text}, '{form}')", *_range(column, typed)]
    length = ID_LENGTH if is_id(name) else TEXT_LENGTH
    return [f"length({text}) <= {length}", f"regexp_full_match({text}, '{TEXT}')"]


def one_of(text: str, typed: str, words: Sequence[str]) -> list[str]:
    """The rules of a value that is one of some words of ASCII letters."""
    return [f"strlen({text}) = length({text})", f"{typed} IN ({', '.join(map(quoted, words))})"]


def _range(column: Column, typed: str) -> list[str]:
    rules = [] if column.minimum is None else [f"{typed} >= {column.minimum}"]
    return rules if column.maximum is None else [*rules, f"{typed} <= {column.maximum}"]


def values(table: str, names: Sequence[str], separator: str) -> str:
    """A SELECT list of every text column and of its value as _name."""
    return ", ".join(f'"{name}", {value(table, name, separator)} AS "_{name}"' for name in names)


def all_sound(table: str, names: Sequence[str], latest: datetime) -> str:
    """The condition under which a record of these columns is plainly sound."""
    happened, known_at = f'"_{FACT_TIMES[table]}"', known(table, names)
    latest_sql = f"TIMESTAMPTZ '{latest.isoformat()}'"
    times = [
        f"{happened} <= {latest_sql}",
        f"{known_at} <= {latest_sql}",
        f"{known_at} >= {happened}",
    ]
    return " AND ".join([*(is_sound(table, name) for name in names), *times])


def known(table: str, names: Sequence[str]) -> str:
    """When a fact was learned: when it happened, unless the file says otherwise."""
    happened = f'"_{FACT_TIMES[table]}"'
    return f'coalesce("_known_at", {happened})' if "known_at" in names else happened


def kind(names: Sequence[str]) -> str:
    """The kind of an event."""
    default = f"'{DEFAULT_KIND}'"
    return f'coalesce("_kind", {default})' if "kind" in names else default


def content_id(table: str, value_of: dict[str, str]) -> str:
    """The id that features/sources/identity.py gives a fact, from the SQL of its values by name."""
    pairs = [
        f"'{name}=' || {_canonical(name, value_of[name])}"
        for name in content_columns(table)
        if name in value_of
    ]
    return f"sha256(concat_ws('{BETWEEN}', {', '.join(pairs)}))"


def _canonical(name: str, sql: str) -> str:
    kind_of = columns()[name].type
    if kind_of.startswith("array"):
        return f"array_to_string({sql}, '{WITHIN}')"
    if kind_of == "timestamp":
        return f"epoch_us({sql})::VARCHAR"
    if kind_of == "double":
        return f"({sql} + 0.0::DOUBLE)::VARCHAR"
    return f"{sql}::VARCHAR"
