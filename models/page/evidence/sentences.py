"""The sentence that each order, or a row's tag, says of the titles in its cells, in the profile's
language; every one is true.

A sentence is named beside its order in `models.page.rows.orders`.
"""
# Tested by tests/models/page/evidence/test_row_reasons.py.

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.evidence import evidence
from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Profiles
from models.page.rows.country_orders import age_days, back_days, open_days, plays_in
from models.page.rows.subjects import genre_counts
from models.ragged import INTS

TAG_TEXTS = {"genre": "genre", "cast": "with", "director": "by"}  # by facet; others are said alone


@dataclass(frozen=True)
class CellsOfKind:
    """The cells (c,) of all rows of one kind, and what their sentences can speak of."""

    kind: RowKind
    catalogue: Catalogue
    profiles: Profiles
    owner: INTS  # (c,) index of the profile
    subject: INTS  # (c,) of the row
    title: INTS  # (c,)


class Sentences(NamedTuple):
    """The sentences of cells, each text once, however many cells have it."""

    text_index: INTS  # (c,) of each cell's sentence among the texts
    texts: list[str]


CellSentence = Callable[[CellsOfKind], Sentences]
Sentence = Callable[[int, str], str]  # of a key, in a language


def popularity_sentence(cells: CellsOfKind) -> Sentences:
    """Plays by everybody in the window that the row speaks of, else ever."""
    features, days = cells.catalogue.features, cells.kind.window_days
    recent = features[f"title_plays_count_{days}d"].astype(np.int64).tolist()
    ever = features["title_plays_count_all"].astype(np.int64).tolist()

    def _sentence(title: int, language: str) -> str:
        if recent[title]:
            return say(language, "popular", count=recent[title], days=days)
        return say(language, "ever", count=ever[title])

    return once_each(cells, cells.title, _sentence)


def taste_sentence(cells: CellsOfKind) -> Sentences:
    """The genre of the title that the profile played most titles of."""
    genres = cells.catalogue.genres

    def _sentence(key: int, language: str) -> str:
        count, index = divmod(key, max(len(genres), 1))
        name = evidence().names[language].name("genre", genres[index]) if count else ""
        return say(language, "taste", count=count, subject=name)

    if not genres:
        return once_each(cells, np.zeros(len(cells.title), np.int64), _sentence)
    own_counts = genre_counts(cells.catalogue, cells.profiles)
    counts = own_counts[cells.owner] * cells.catalogue.genre_matrix[cells.title]
    genre, most = counts.argmax(axis=1), counts.max(axis=1)
    return once_each(cells, most * len(genres) + genre * (most > 0), _sentence)


def similar_sentence(cells: CellsOfKind) -> Sentences:
    """The anchor that the title is like."""
    names = cells.catalogue.names

    def _sentence(anchor: int, language: str) -> str:
        return say(language, "alike", subject=names[anchor])

    return once_each(cells, cells.subject, _sentence)


def replay_sentence(cells: CellsOfKind) -> Sentences:
    """How often the profile itself played the title."""
    plays = cells.profiles.plays.tolist()

    def _sentence(entry: int, language: str) -> str:
        return say(language, "again", count=plays[entry])

    return once_each(cells, _history_entries(cells), _sentence)


def resume_sentence(cells: CellsOfKind) -> Sentences:
    """Where the film or episode goes on, or which episode comes next."""
    states = cells.profiles.states
    is_begun = states.begun.tolist()
    minute = np.nan_to_num(states.resume_s // 60).astype(np.int64).tolist()

    def _sentence(entry: int, language: str) -> str:
        episode = states.episode[entry]
        if not is_begun[entry]:
            return say(language, "next_episode", subject=states.next_episode[entry])
        if episode:
            return say(language, "resume_episode", count=minute[entry], subject=episode)
        return say(language, "resume", count=minute[entry])

    return once_each(cells, _history_entries(cells), _sentence)


def list_sentence(cells: CellsOfKind) -> Sentences:
    """Since when the title has been on the profile's list."""
    lists = cells.profiles.my_lists
    assert lists is not None  # a row of a list is made from it
    size, at_s = cells.catalogue.size, lists.at_s
    list_keys = lists.owners * size + lists.title
    entries = _index_of(list_keys, cells.owner * size + cells.title)

    def _sentence(entry: int, language: str) -> str:
        return say(language, "listed", day=utc_day(at_s[entry], language))

    return once_each(cells, entries, _sentence)


def trend_sentence(cells: CellsOfKind) -> Sentences:
    """Plays in the profile's own country, in the window that the row speaks of."""
    catalogue, days = cells.catalogue, cells.kind.window_days

    def _sentence(country: str, title: int, language: str) -> str:
        plays = int(plays_in(catalogue, country)[f"plays_{days}d"][title])
        here = "trending_in" if country and country in catalogue.country_plays else "trending"
        return say(language, here, count=plays, days=days, country=country)

    return once_each_in_country(cells, _sentence)


def arrival_sentence(cells: CellsOfKind) -> Sentences:
    """When the title came to the service in the profile's country, or was first played."""
    catalogue = cells.catalogue
    has_launch = ~np.isnan(catalogue.features["title_launch_age_days"])
    ages_in = cache(partial(age_days, catalogue))
    back_in = cache(partial(back_days, catalogue))
    open_in = cache(partial(open_days, catalogue))

    def _sentence(country: str, title: int, language: str) -> str:
        is_back = back_in(country)[title] >= 0
        is_first_window = open_in(country)[title] >= 0 and not is_back
        came = "new" if has_launch[title] or is_first_window else "first_played"
        return say(language, came, days=int(ages_in(country)[title]))

    return once_each_in_country(cells, _sentence)


def return_sentence(cells: CellsOfKind) -> Sentences:
    """When the title came back to the profile's country."""
    back_in = cache(partial(back_days, cells.catalogue))

    def _sentence(country: str, title: int, language: str) -> str:
        return say(language, "back", days=int(back_in(country)[title]))

    return once_each_in_country(cells, _sentence)


def season_sentence(cells: CellsOfKind) -> Sentences:
    """How many of the plays of earlier years fell in this time of the year."""

    def _sentence(country: str, title: int, language: str) -> str:
        plays = plays_in(cells.catalogue, country)
        seasonal, earlier = int(plays["season_plays"][title]), int(plays["earlier_plays"][title])
        return say(language, "season", count=seasonal, total=earlier)

    return once_each_in_country(cells, _sentence)


def acclaim_sentence(cells: CellsOfKind) -> Sentences:
    """How often the title was rated and played."""
    features = cells.catalogue.features
    ratings = features["title_stars_count"].astype(np.int64).tolist()
    plays = features["title_plays_count_all"].astype(np.int64).tolist()

    def _sentence(title: int, language: str) -> str:
        return say(language, "acclaim", count=ratings[title], total=plays[title])

    return once_each(cells, cells.title, _sentence)


def tag_sentence(cells: CellsOfKind) -> Sentences:
    """The tag that a row by facet is about."""
    facet = cells.kind.per
    names = cells.catalogue.tags(facet).names

    def _sentence(tag: int, language: str) -> str:
        name = evidence().names[language].name(facet, names[tag])
        return say(language, TAG_TEXTS.get(facet, "tag"), subject=name)

    return once_each(cells, cells.subject, _sentence)


def say(language: str, key: str, **words: Any) -> str:
    """What conf/evidence.yaml says of a key in a language, with count, days and other words filled in."""
    return evidence().sentence(language, key, **words)


def utc_day(at_s: float, language: str) -> str:
    """The UTC day of an instant, in a language's words."""
    return evidence().names[language].written_day(datetime.fromtimestamp(at_s, UTC).date())


def once_each(cells: CellsOfKind, keys: NDArray[np.integer], sentence: Sentence) -> Sentences:
    """The sentence of each distinct key in each language; `keys` (c,) are those of the cells."""
    spoken = cells.profiles.text_language.astype(str)
    languages, language = np.unique(spoken, return_inverse=True)
    size = len(languages)
    encoded = pa.array(keys.astype(np.int64) * size + language[cells.owner]).dictionary_encode()
    texts = [
        sentence(key // size, str(languages[key % size])) for key in encoded.dictionary.to_pylist()
    ]
    return Sentences(encoded.indices.to_numpy().astype(np.int64), texts)


def once_each_in_country(cells: CellsOfKind, sentence: Callable[[str, int, str], str]) -> Sentences:
    """The sentence of each distinct country of a profile, title and language."""
    names = cells.profiles.country.astype(str)
    countries, country_index = np.unique(names, return_inverse=True)
    size = cells.catalogue.size

    def _sentence_of_key(key: int, language: str) -> str:
        country, title = divmod(key, size)
        return sentence(str(countries[country]), title, language)

    return once_each(cells, country_index[cells.owner] * size + cells.title, _sentence_of_key)


def _history_entries(cells: CellsOfKind) -> INTS:
    """(c,) the entry of the flat history about each cell's profile and title."""
    size, profiles = cells.catalogue.size, cells.profiles
    history_keys = profiles.owners * size + profiles.title
    return _index_of(history_keys, cells.owner * size + cells.title)


def _index_of(keys: INTS, wanted: INTS) -> INTS:
    """The index among the keys of each wanted key, all of which are there."""
    order = np.argsort(keys)
    return order[np.searchsorted(keys[order], wanted)]
