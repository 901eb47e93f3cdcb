"""Texts of landed fields as people write them -> as the rules of a field read them. Pure Arrow.

Both ways of a landing read texts through here, so that they agree. What is not plainly one of the
spellings of conf/vocabularies.yaml stays as it came, for the rules to judge.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from conf.contracts import columns
from conf.landing import FACT_TIMES, RESTRICTING
from conf.vocabularies import plain_key, spellings, vocabularies
from features.sources.layout import Layout, is_list

Texts: TypeAlias = Any  # an array of Arrow, in one piece or in chunks
Reading = Callable[[str], str | None]
# what the rules read as it is: most texts, which nobody has to look at
DATABASE_NULL = "\\N"
NO_ID = r"^\s*\\N\s*$"
PLAIN_NUMBER = r"^[+-]?[0-9]*\.?[0-9]*$"
PLAIN_INSTANT = (
    r"^([0-9]{1,11}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2}))?$"
)
INSTANT = re.compile(
    r"(?P<year>\d{4})(?P<mark>[-/.]?)(?P<month>\d{2})(?P=mark)(?P<day>\d{2})"
    r"(?:(?:T|\s+)(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,12}))?)?)?"
    r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/+-]+\])?",
    re.IGNORECASE,
)
EPOCH_DIGITS = {"milliseconds": 3, "microseconds": 6, "nanoseconds": 9}
DECIMAL_COMMA = re.compile(r"\s*[+-]?\d{1,3}(?:(?:\.\d{3})+|\d*),\d+\s*")
CODE_AND_NAME = re.compile(r"(?P<code>[A-Z]{2})\s*\([^()]+\)")
CLOCK = re.compile(r"(?P<h>\d{1,3}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)(?:[.,]\d+)?")
WORDS = re.compile(
    r"(?:PT)?(?:(?P<h>\d{1,3})\s*h(?:ours?)?)?\s*(?:(?P<m>\d{1,4})\s*m(?:in(?:ute)?s?)?\.?)?"
    r"\s*(?:(?P<s>\d{1,6})(?:\.\d+)?\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)
NUMBERS = ("int", "bigint", "double")
NAME_THEN_ARTICLE = r"^([^()]*[^\s()]), ({})(\s*\(.*)?$"
IN_BRACKETS = r"\(([^()]*[^\s()]), ({})\)"
YEAR_IN_NAME = r"^(?P<name>.*\S)\s*\((?P<year>[0-9]{4})(?:[-–][0-9]{0,4})?\)\s*$"


def as_read(table: str, records: pa.Table, layout: Layout, names: Sequence[str]) -> pa.Table:
    """Records of a table with the texts of the columns `names` as the rules read them."""
    if layout.year_in_name and {"name", "year"} <= set(names):
        records = _with_year(records)
    if layout.article_last and "name" in names:
        index = records.schema.get_field_index("name")
        records = records.set_column(index, "name", articles_first(records["name"]))
    for name in names:
        came = texts = records[name]
        constant = layout.constants.get(name)
        if constant is not None and not is_list(name):
            texts = pc.fill_null(texts, constant)
        if name in layout.copies:
            texts = pc.coalesce(texts, records[layout.copies[name]])
        read = _items(name, texts) if is_list(name) else _texts(table, name, texts, layout)
        if read is not came:
            records = records.set_column(records.schema.get_field_index(name), name, read)
    return records


def _texts(table: str, name: str, texts: Texts, layout: Layout) -> Texts:
    """The texts of one column; where all are plain, the same ones."""
    if name == "name" or _all_plain(name, texts, layout):
        return texts
    distinct = pc.unique(texts)
    reading = reading_of(table, name, layout)
    read = [None if text is None else reading(text) for text in distinct.to_pylist()]
    if read == distinct.to_pylist():
        return texts
    return pc.take(pa.array(read, pa.string()), pc.index_in(texts, value_set=distinct))


def _all_plain(name: str, texts: Texts, layout: Layout) -> bool:
    """Whether no reading changes any of the texts, as one look at all of them tells."""
    kind = columns()[name].type
    if name.endswith("_id"):
        return not pc.any(pc.match_substring_regex(texts, NO_ID)).as_py()
    if kind == "timestamp" and not layout.unit:
        return bool(pc.all(pc.match_substring_regex(texts, PLAIN_INSTANT)).as_py())
    if kind in NUMBERS and not columns()[name].vocabulary:
        return bool(pc.all(pc.match_substring_regex(texts, PLAIN_NUMBER)).as_py())
    return False


def reading_of(table: str, name: str, layout: Layout) -> Reading:
    """How a text of a column is read: without what says nothing, in our words."""
    silent = _silent(table, name, layout)
    reading = _reading(table, name, layout)

    def read(text: str) -> str | None:
        return "" if text.strip() in silent else reading(text)

    return read


def _silent(table: str, name: str, layout: Layout) -> frozenset[str]:
    """The texts of a column that say nothing."""
    missing = vocabularies().missing
    if name.endswith("_id"):
        return frozenset((DATABASE_NULL,))
    words = {*missing.database, *layout.missing}
    is_title = table in ("titles", "artwork")
    if is_title or name not in RESTRICTING.get(table, ()):
        words |= set(missing.reports) - ({"NA"} if name == "country" else set())
    return frozenset(words)


def _reading(table: str, name: str, layout: Layout) -> Reading:
    column = columns()[name]
    if column.type == "timestamp":
        return lambda text: instant(text, layout, ends=name in (*FACT_TIMES.values(), "known_at"))
    if column.vocabulary == "ratings":
        return _age(table)
    if column.unit == "s":
        return lambda text: duration(text, layout)
    if column.type in NUMBERS:
        return _number if layout.decimal == "," else _as_it_is
    if name == "episode":
        return episode
    if column.vocabulary == "countries":
        return country
    words = spellings(name)
    return (lambda text: words.get(plain_key(text), text)) if words else _as_it_is


def _as_it_is(text: str) -> str:
    return text


def _age(table: str) -> Reading:
    unrated = (
        {plain_key(text) for text in vocabularies().missing.ages} if table != "profiles" else set()
    )
    return lambda text: "" if plain_key(text) in unrated else text


def _number(text: str) -> str:
    """A number with a decimal comma, and dots between thousands, as one with a decimal dot."""
    if not DECIMAL_COMMA.fullmatch(text):
        return text
    return text.replace(".", "").replace(",", ".")


def country(text: str) -> str:
    """A country's code, of its name or with its name behind it in brackets.

    >>> country("Germany"), country("DE (Germany)"), country("Atlantis")
    ('DE', 'DE', 'Atlantis')
    """
    code = CODE_AND_NAME.fullmatch(text.strip())
    return spellings("country").get(plain_key(text), code["code"] if code else text)


def duration(text: str, layout: Layout) -> str:
    """How long, in seconds; what is no clock's h:mm:ss, no ISO 8601 duration, nor so many minutes
    stays as it came.

    >>> duration("1:30:05", Layout()), duration("PT1H30M", Layout()), duration("95 min", Layout())
    ('5405', '5400', '5700')
    """
    match = CLOCK.fullmatch(text.strip()) or WORDS.fullmatch(text.strip())
    if not match or not any(match.groups()):
        return _number(text) if layout.decimal == "," else text
    hours, minutes, seconds = (int(match[part] or 0) for part in ("h", "m", "s"))
    return str(hours * 3600 + minutes * 60 + seconds)


def episode(label: str) -> str:
    """An episode's label as S01E02, or as its number where nothing tells the season.

    >>> episode("1x02"), episode("Season 1 Episode 2"), episode("S01E01-E02"), episode("Pilot")
    ('S01E02', 'S01E02', 'S01E02', 'Pilot')
    """
    for pattern in _episode_patterns():
        match = pattern.fullmatch(label.strip())
        if match:
            number = int(match["last"] or match["episode"])
            if match["season"] is None:
                return str(number)
            return f"S{int(match['season']):02d}E{number:02d}"
    return label


@cache
def _episode_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.IGNORECASE) for text in vocabularies().episodes)


def instant(text: str, layout: Layout, ends: bool = True) -> str:
    """An instant as ISO 8601 in UTC; what is none stays as it came.

    Where nothing tells the zone, that of the layout is meant. Of a day alone it is the last second
    where it `ends` one (something happened, and nobody knew before), else the first.
    """
    trimmed = text.strip()
    if layout.unit and trimmed.isdigit():
        return _of_number(trimmed, layout.unit)
    match = INSTANT.fullmatch(trimmed)
    if not match or not (match["offset"] or layout.zone):
        return text
    try:
        at = _local(match, ends)
        if match["offset"]:
            at -= _offset(match["offset"])
        else:
            zoned = at.replace(tzinfo=ZoneInfo(layout.zone))
            at -= zoned.utcoffset() or timedelta()
    except (ValueError, OverflowError):
        return text
    return at.isoformat() + "Z"


def _local(match: re.Match[str], ends: bool) -> datetime:
    day = datetime(int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        return datetime.combine(day, time(23, 59, 59) if ends else time())
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    is_midnight = (hour, minute, second) == (24, 0, 0)
    if (hour > 23 and not is_midnight) or minute > 59 or second > 60:
        raise ValueError("no time of day")
    micros = int((match["fraction"] or "0").ljust(6, "0")[:6])
    return day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _offset(text: str) -> timedelta:
    if not text[1:2].isdigit():
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 18 or minutes > 59:
        raise ValueError("no zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if text[0] == "-" else offset


def _of_number(text: str, unit: str) -> str:
    digits = EPOCH_DIGITS.get(unit, 0)
    if not digits:
        return text
    whole, fraction = text[:-digits] or "0", text[-digits:].rjust(digits, "0")[:6].ljust(6, "0")
    at = datetime(1970, 1, 1) + timedelta(seconds=int(whole), microseconds=int(fraction))
    return at.isoformat() + "Z"


def _items(name: str, lists: Texts) -> Texts:
    """Lists without the items that say nothing."""
    silent = set(vocabularies().missing.items)
    if name in ("experiment_cells", "blocked_titles"):
        return lists
    distinct = pc.unique(pc.list_flatten(lists)).to_pylist()
    if not any(item is not None and item.strip().lower() in silent for item in distinct):
        return lists
    kept = [
        items and [item for item in items if item is None or item.strip().lower() not in silent]
        for items in lists.to_pylist()
    ]
    return pa.array(kept, pa.list_(pa.string()))


def _with_year(records: pa.Table) -> pa.Table:
    """Names without the year in brackets at their end, which is the year where there is no other."""
    parts = pc.extract_regex(records["name"], pattern=YEAR_IN_NAME)
    name = pc.coalesce(pc.struct_field(parts, "name"), records["name"])
    year = pc.coalesce(records["year"], pc.struct_field(parts, "year"))
    records = records.set_column(records.schema.get_field_index("name"), "name", name)
    return records.set_column(records.schema.get_field_index("year"), "year", year)


def articles_first(names: Texts) -> Texts:
    """Names with the article before them, and so in brackets: The Hate (La Haine)."""
    articles = vocabularies().articles
    elided = [word for word in articles if word.endswith("'")]  # L'Enfer
    for words, blank in ((set(articles) - set(elided), " "), (elided, "")):
        article = "|".join(sorted(map(re.escape, words)))
        for pattern, order in ((NAME_THEN_ARTICLE, r"\2{}\1\3"), (IN_BRACKETS, r"(\2{}\1)")):
            names = pc.replace_substring_regex(names, pattern.format(article), order.format(blank))
    return names


def batch_as_read(
    table: str, batch: pa.RecordBatch, layout: Layout, names: Sequence[str]
) -> pa.RecordBatch:
    """The same for one batch of records, of which it keeps the schema."""
    read = as_read(table, pa.Table.from_batches([batch]), layout, names)
    arrays = [column.combine_chunks() for column in read.columns]
    flat = [a.chunk(0) if isinstance(a, pa.ChunkedArray) else a for a in arrays]
    return pa.RecordBatch.from_arrays(flat, schema=batch.schema)
