"""Names by their beginnings, for a search box: of titles, of the people in them, and of genres.

The index is one small sorted table, made once for all; it knows nothing of who asks. Whoever shows what it finds asks
the law first which of the titles may be seen.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from models.catalogue.names import name_key

INDEX = pa.schema(
    [
        ("key", pa.string()),  # a name from one of its words on, as it is compared
        ("word", pa.int32()),  # which word that is; 0 the first
        ("kind", pa.string()),
        ("name", pa.string()),
        ("title_ids", pa.list_(pa.string())),
    ]
)
PEOPLE, GENRES = ("cast", "directors"), ("genres",)
LONGEST = 100  # letters that are compared
LAST_CHARACTER = "\U0010ffff"


class Named(NamedTuple):
    """A title, person or genre that was found, and the titles that it stands for."""

    kind: str  # title, person or genre
    name: str
    title_ids: list[str]


def search_key(text: str) -> str:
    """A text as it is compared: without case, accents, signs and what is not seen; signs alone stay.

    >>> search_key("  AM\u00c9LIE (2001)")
    'amelie 2001'
    """
    apart = unicodedata.normalize("NFD", name_key(text))
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in plain).split()
    return " ".join(words or plain.split())[:LONGEST].rstrip()


def name_index(titles: pa.Table) -> pa.Table:
    """The index of the newest versions of titles, sorted; equal titles give equal tables."""
    rows = sorted(
        (key, word, kind, name, title_ids)
        for kind, name, title_ids in _names(titles.sort_by("title_id"))
        for word, key in enumerate(_beginnings(name))
    )
    columns = list(zip(*rows, strict=True)) or [()] * len(INDEX)
    return pa.table([list(column) for column in columns], schema=INDEX)


def found(index: pa.Table, text: str) -> Iterator[Named]:
    """What begins with a text, or has a word that does: those whose first word does come first, of
    equal ones those with most titles, then by name.
    """
    wanted = search_key(text)
    if not wanted:
        return
    keys = index["key"]
    first = bisect_left(range(len(keys)), wanted, key=lambda row: keys[row].as_py())
    end = bisect_left(range(len(keys)), wanted + LAST_CHARACTER, key=lambda row: keys[row].as_py())
    rows = index.slice(first, end - first).to_pylist()
    rows.sort(key=lambda row: (row["word"] > 0, -len(row["title_ids"]), row["key"], row["name"]))
    seen = set()
    for row in rows:
        same = (row["kind"], row["name"], *row["title_ids"])
        if same not in seen:
            seen.add(same)
            yield Named(row["kind"], row["name"], row["title_ids"])


def lawful(names: Iterable[Named], seen: Sequence[str] | set[str], most: int) -> list[Named]:
    """At most so many of them, each with those of its titles that may be seen; a person or a genre
    without any is left out as a title is.
    """
    kept = (Named(n.kind, n.name, [each for each in n.title_ids if each in seen]) for n in names)
    return list(islice((each for each in kept if each.title_ids), most))


def _names(titles: pa.Table) -> Iterator[Named]:
    """Each title, and each person and genre with all of its titles."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for row in titles.select(["title_id", "name", *PEOPLE, *GENRES]).to_pylist():
        yield Named("title", row["name"] or row["title_id"], [row["title_id"]])
        people = dict.fromkeys(name for column in PEOPLE for name in row[column] or () if name)
        named = [("person", name) for name in people]
        named += [("genre", name) for name in dict.fromkeys(row["genres"] or ()) if name]
        for key in named:
            by_name.setdefault(key, []).append(row["title_id"])
    for (kind, name), title_ids in by_name.items():
        yield Named(kind, name, title_ids)


def _beginnings(name: str) -> Iterator[str]:
    """A name as it is compared, from each of its words on."""
    words = search_key(name).split()
    for first in range(len(words)):
        yield " ".join(words[first:])
