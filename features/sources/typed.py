"""Text of one field -> its value, and the rule that the text breaks. Spark expressions only, total:
nothing raises.
"""
# Tested by tests/jobs/test_ingest_events.py.

from datetime import datetime

from pyspark.sql import Column
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.errors import Reason
from conf.landing import EARLIEST, ID_LENGTH, TEXT_LENGTH, required_columns
from conf.vocabularies import SEPARATORS, vocabularies

NUMBER = r"^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*$"
WHOLE = r"^\s*[+-]?\d{1,18}(\.0*)?\s*$"
AGE_AND_UP = r"^\s*(\d{1,2})\s*\+\s*$"  # 16+
NOT_FINITE = r"(?i)^\s*[+-]?(nan|inf(inity)?)\s*$"
ISO = (
    r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
    r" ?([Zz]|UTC|[+-]\d{2}(:?\d{2})?)$"
)
EPOCH = r"^-?\d{1,12}(\.\d{1,9})?([eE]\+?\d{1,2})?$"
CONTROL = r"[\x00-\x1f\x7f]"
BLANK = r"^[\s\p{Z}\p{Cf}]*$"
BREAKS = "\t\r\n"
TRUE, FALSE = ("true", "1", "yes"), ("false", "0", "no")


def is_id(name: str) -> bool:
    """Whether a column is an identifier: kept exactly as it came."""
    return name.endswith("_id")


def given(name: str) -> Column:
    """A field's text; null where nothing was given. Outside identifiers, blank is nothing, a line
    break a blank.
    """
    text = F.col(name)
    if columns()[name].type.startswith("array"):
        items = F.filter(
            F.transform(text, lambda t: F.trim(F.translate(t, BREAKS, "   "))), lambda t: t != ""
        )
        return F.when(F.size(items) > 0, items)
    if is_id(name):
        return text
    return F.when(
        ~text.rlike(BLANK),
        F.translate(text, BREAKS, "   ") if columns()[name].type == "string" else text,
    )


def typed(table: str, name: str, text: Column) -> Column:
    """The value of a field's text; null where the text does not read as the column's type."""
    column = columns()[name]
    kind = column.type
    if column.vocabulary == "countries":
        return _country(text)
    if table in column.words:
        return F.lower(F.trim(text))
    if kind == "timestamp":
        return _instant(text)
    if kind == "boolean":
        lower = F.lower(F.trim(text))
        return F.when(lower.isin(*TRUE), F.lit(True)).when(lower.isin(*FALSE), F.lit(False))
    if kind in ("int", "bigint"):
        whole = F.regexp_replace(F.trim(text), r"\.0*$", "")
        number = F.when(text.rlike(WHOLE), whole.try_cast(kind))
        return number.otherwise(_age(text).cast(kind)) if column.vocabulary == "ratings" else number
    if kind == "double":
        return F.when(text.rlike(NUMBER), F.trim(text).try_cast("double"))
    if is_id(name):
        return F.when(~text.rlike(BLANK), text)  # an optional identifier may be left blank
    return text


def _country(text: Column) -> Column:
    """The country's code in capital letters; null where no country has it."""
    countries = vocabularies().countries
    code = F.upper(F.trim(text))
    country = F.when(code.isin(*countries.codes), code)
    for alias, meant in countries.aliases.items():
        country = country.when(code == alias, F.lit(meant))
    return country


def _age(text: Column) -> Column:
    """The age in years that a rating stands for; null for one that nobody knows."""
    rating = F.upper(F.regexp_replace(F.trim(text), SEPARATORS, ""))
    ages = F.create_map(*(F.lit(part) for pair in vocabularies().ages.items() for part in pair))
    number = F.regexp_extract(text, AGE_AND_UP, 1)
    return F.when(text.rlike(AGE_AND_UP), number.try_cast("int")).otherwise(
        F.try_element_at(ages, rating)
    )


def _instant(text: Column) -> Column:
    trimmed = F.trim(text)
    iso = F.regexp_replace(
        F.regexp_replace(trimmed, r" ?(UTC|z)$", "Z"), r"([+-]\d{2})(\d{2})$", "$1:$2"
    )
    iso = F.regexp_replace(
        F.regexp_replace(iso, r" ([+-])", "$1"),
        r"([T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?[+-]\d{2})$",
        "$1:00",
    )
    micros = F.floor(trimmed.try_cast("decimal(30,9)") * 1_000_000)
    seconds = F.when(
        trimmed.rlike(EPOCH) & (F.abs(micros) < 250_000_000_000 * 1_000_000), micros.cast("bigint")
    )
    return F.when(trimmed.rlike(ISO), iso.try_cast("timestamp")).otherwise(
        F.timestamp_micros(seconds)
    )


def broken(table: str, name: str, text: Column, value: Column) -> list[tuple[Column, Reason]]:
    """The rules of one field as (condition, reason), the most telling first. `text` and `value` as
    above.
    """
    column = columns()[name]
    required = name in required_columns(table)
    rules: list[tuple[Column, Reason]] = [(text.isNull(), Reason.MISSING_FIELD)] if required else []
    if is_id(name):
        blank = [(text.rlike(BLANK), Reason.BLANK_ID)] if required else []
        return [
            *rules,
            (text.rlike(CONTROL), Reason.CONTROL_CHARACTER),
            *blank,
            (F.length(text) > ID_LENGTH, Reason.ID_TOO_LONG),
        ]
    if column.type.startswith("array"):
        return [*rules, *_text_rules(F.array_join(text, ""))]
    if column.type == "string":
        return [*rules, *_text_rules(text), *_vocabulary_rules(table, name, text, value)]
    unread = text.isNotNull() & value.isNull()
    if column.type == "timestamp":
        return [
            *rules,
            (unread, Reason.BAD_INSTANT),
            (value < F.lit(EARLIEST), Reason.BEFORE_SERVICE),
        ]
    number = text.rlike(NUMBER) & value.isNull()
    whole = (
        [(text.rlike(WHOLE) & value.isNull(), Reason.OUT_OF_RANGE)]
        if column.type in ("int", "bigint")
        else []
    )
    return [
        *rules,
        (text.rlike(NOT_FINITE), Reason.NOT_FINITE),
        *whole,
        *_infinite(column.type, number, value),
        (unread, Reason.WRONG_TYPE),
        *_range(name, value),
    ]


def _vocabulary_rules(
    table: str, name: str, text: Column, value: Column
) -> list[tuple[Column, Reason]]:
    column = columns()[name]
    if column.vocabulary:
        return [(text.isNotNull() & value.isNull(), Reason.OUT_OF_RANGE)]
    words = column.words.get(table, ())
    return [(~value.isin(*words), Reason.OUT_OF_RANGE)] if words else []


def _infinite(kind: str, number: Column, value: Column) -> list[tuple[Column, Reason]]:
    return (
        [(number | (F.abs(value) == F.lit(float("inf"))), Reason.OUT_OF_RANGE)]
        if kind == "double"
        else []
    )


def _text_rules(text: Column) -> list[tuple[Column, Reason]]:
    return [
        (text.rlike(CONTROL), Reason.CONTROL_CHARACTER),
        (F.length(text) > TEXT_LENGTH, Reason.TOO_LONG),
    ]


def _range(name: str, value: Column) -> list[tuple[Column, Reason]]:
    column = columns()[name]
    rules = []
    if column.minimum is not None:
        rules.append((value < column.minimum, Reason.OUT_OF_RANGE))
    if column.maximum is not None:
        rules.append((value > column.maximum, Reason.OUT_OF_RANGE))
    return rules


def two_times(happened: str, latest: datetime) -> list[tuple[Column, Reason, str]]:
    """The rules between the two times of a fact, both already typed: it is learned after it
    happened, and neither lies after `latest`.
    """
    future = F.lit(latest)
    return [
        (F.col(happened) > future, Reason.FROM_THE_FUTURE, happened),
        (F.col("known_at") > future, Reason.FROM_THE_FUTURE, "known_at"),
        (F.col("known_at") < F.col(happened), Reason.LEARNED_BEFORE_HAPPENED, "known_at"),
    ]
