"""Text of a field -> its value, and whether a rule is broken, as SQL: the rules of
features/sources/typed.py for every text, where a landing is looked at without Spark.
"""
# Tested by tests/features/sources/test_exact.py.

from conf.contracts import Column, columns
from conf.landing import EARLIEST, ID_LENGTH, TEXT_LENGTH, required_columns
from conf.vocabularies import SEPARATORS, vocabularies
from features.sources import sound
from features.sources.typed import FALSE, TRUE, is_id
from features.sql_text import quoted

CONTROL = r"[\x00-\x1f\x7f]"
BLANK = r"[\s\p{Z}\p{Cf}]*"
NUMBER = r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*"
WHOLE = r"\s*[+-]?\d{1,18}(\.0*)?\s*"
AGE_AND_UP = r"\s*(\d{1,2})\s*\+\s*"
ISO = (
    r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?"
    r" ?([Zz]|UTC|[+-](0\d|1[0-8])(:?[0-5]\d)?)"
)
EPOCH = r"-?\d{1,12}(\.\d{1,9})?([eE]\+?\d{1,2})?"
MOST_SECONDS = 250_000_000_000


def value(table: str, name: str, separator: str) -> str:
    """The value of the text column `name`; null where it is blank or does not read as its type."""
    column, text = columns()[name], f'"{name}"'
    if column.type.startswith("array"):
        return sound.value(table, name, separator).replace(text, _without_breaks(text), 1)
    if column.vocabulary == "ratings":
        return _age(text)
    reading = _reading(
        table, name, column, _without_breaks(text) if column.type == "string" else text
    )
    return f"CASE WHEN NOT {_is_blank(text)} THEN {reading} END"


def _reading(table: str, name: str, column: Column, text: str) -> str:
    if column.vocabulary == "countries":
        return sound.value(table, name, "")
    if table in column.words:
        return f"lower(trim({text}, ' '))"
    if column.type == "timestamp":
        return _instant(f"trim({text}, ' ')")
    if column.type == "boolean":
        lower = f"lower(trim({text}, ' '))"
        return f"CASE WHEN {lower} IN {TRUE} THEN true WHEN {lower} IN {FALSE} THEN false END"
    if column.type in ("int", "bigint"):
        digits = f"ltrim(regexp_replace(trim({text}, ' '), '\\.0*$', ''), '+')"
        return _where(text, WHOLE, f"try_cast({digits} AS {column.type})")
    if column.type == "double":
        return _where(text, NUMBER, f"try_cast(trim({text}, ' ') AS DOUBLE)")
    return text


def _instant(text: str) -> str:
    whole = f"regexp_replace({text}, ' ?(UTC|z)$', 'Z')"
    whole = f"regexp_replace(replace(replace({whole}, ' +', '+'), ' -', '-'), '([+-]\\d\\d)(\\d\\d)$', '\\1:\\2')"
    whole = f"regexp_replace({whole}, '(:\\d\\d(?:\\.\\d+)?[+-]\\d\\d)$', '\\1:00')"
    whole = f"regexp_replace({whole}, '(\\.\\d{{6}})\\d+', '\\1')"
    seconds = f"try_cast(try_cast({text} AS DOUBLE) AS DECIMAL(30,9))"
    exact = f"coalesce(try_cast({text} AS DECIMAL(30,9)), {seconds})"
    return (
        f"CASE WHEN regexp_full_match({text}, '{ISO}') THEN try_cast({whole} AS TIMESTAMPTZ)"
        f" WHEN regexp_full_match({text}, '{EPOCH}') AND abs({exact}) < {MOST_SECONDS}"
        f" THEN make_timestamptz(floor({exact} * 1000000)::BIGINT) END"
    )


def _age(text: str) -> str:
    """An age in years, or that of a rating."""
    rating = f"regexp_replace(upper(trim({text}, ' ')), '{SEPARATORS}', '', 'g')"
    cases = " ".join(f"WHEN {quoted(name)} THEN {age}" for name, age in vocabularies().ages.items())
    whole = f"ltrim(regexp_replace(trim({text}, ' '), '\\.0*$', ''), '+')"
    number = _where(text, WHOLE, f"try_cast({whole} AS INT)")
    and_up = _where(text, AGE_AND_UP, f"try_cast(regexp_extract({text}, '\\d+') AS INT)")
    return f"coalesce({number}, {and_up}, CASE {rating} {cases} END)"


def is_right(table: str, name: str) -> str:
    """The condition under which the text column `name` and its `value`, named _name, break no rule."""
    column, text = columns()[name], f'"{name}"'
    if is_id(name):
        rule = f"NOT regexp_matches({text}, '{CONTROL}') AND length({text}) <= {ID_LENGTH}"
        return (
            f"({text} IS NOT NULL AND NOT {_is_blank(text)} AND {rule})"
            if name in required_columns(table)
            else f"({text} IS NULL OR ({rule}))"
        )
    if column.type.startswith("array"):
        items = _without_breaks(f"replace({text}, chr(31), '')")
        return f"({text} IS NULL OR (length({items}) <= {TEXT_LENGTH} AND NOT regexp_matches({items}, '{CONTROL}')))"
    rule = " AND ".join([f'"_{name}" IS NOT NULL', *_rules(table, name, column, text)])
    nothing = f"{text} IS NULL OR {_is_blank(text)}"
    return f"({rule})" if name in required_columns(table) else f"({nothing} OR ({rule}))"


def _rules(table: str, name: str, column: Column, text: str) -> list[str]:
    typed = f'"_{name}"'
    if column.type == "timestamp":
        return [f"{typed} >= TIMESTAMPTZ '{EARLIEST.isoformat()}'"]
    rules = [] if column.minimum is None else [f"{typed} >= {column.minimum}"]
    rules += [] if column.maximum is None else [f"{typed} <= {column.maximum}"]
    if column.type == "double":
        rules.append(f"isfinite({typed})")
    if column.type != "string":
        return rules
    whole = _without_breaks(text)
    rules.append(f"NOT regexp_matches({whole}, '{CONTROL}') AND length({text}) <= {TEXT_LENGTH}")
    if column.vocabulary == "countries":
        return [*rules, *sound.one_of(text, typed, vocabularies().countries.codes)]
    if table in column.words:
        return [*rules, *sound.one_of(text, typed, column.words[table])]
    return rules


def _without_breaks(text: str) -> str:
    """A text with blanks for tabs and ends of lines, which are no fault outside identifiers."""
    return f"translate({text}, chr(9) || chr(10) || chr(13), '   ')"


def _is_blank(text: str) -> str:
    return f"regexp_full_match({text}, '{BLANK}')"


def _where(text: str, pattern: str, sql: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '{pattern}') THEN {sql} END"
