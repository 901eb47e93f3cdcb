"""The sentence that each order, or a row's tag, says of the titles in its cells; every one is true.

A sentence is named beside its order in `models.page.rows.orders`.
"""
# Tested by tests/models/page/evidence/test_row_reasons.py.

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import RowKind
from models.candidates.because_you_watched import too_new
from models.catalogue.arrays import Catalogue, Profiles
from models.page.rows.country_orders import age_days, back_days, open_days, plays_in
from models.page.rows.subjects import genre_counts
from models.ragged import INTS

FACETS_BY_WEIGHT = ("genre", "director", "cast", "keyword", "genre_era", "era")
TAG_SENTENCES = {"genre": "Genre: {}", "cast": "With {}", "director": "Directed by {}"}
FITS = "Fits what you played"


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


def popularity_sentence(cells: CellsOfKind) -> Sentences:
    """Plays by everybody in the window that the row speaks of, else ever."""
    features, days = cells.catalogue.features, cells.kind.window_days
    recent = features[f"title_plays_count_{days}d"].astype(np.int64).tolist()
    ever = features["title_plays_count_all"].astype(np.int64).tolist()

    def _sentence(title: int) -> str:
        if recent[title]:
            return f"{plays_text(recent[title])} in the last {days} days"
        return f"{plays_text(ever[title])} in all"

    return once_each(cells.title, _sentence)


def taste_sentence(cells: CellsOfKind) -> Sentences:
    """The genre of the title that the profile played most titles of."""
    genres = cells.catalogue.genres
    if not genres:
        return Sentences(np.zeros(len(cells.title), np.int64), [FITS])
    own_counts = genre_counts(cells.catalogue, cells.profiles)
    counts = own_counts[cells.owner] * cells.catalogue.genre_matrix[cells.title]
    genre, most = counts.argmax(axis=1), counts.max(axis=1)

    def _sentence(key: int) -> str:
        count, index = divmod(key, len(genres))
        return f"{genres[index]}, like {count} of what you played" if count else FITS

    return once_each(most * len(genres) + genre * (most > 0), _sentence)


def similar_sentence(cells: CellsOfKind) -> Sentences:
    """Co-watching with the anchor, or what both have in common where one of them is too new for
    that.
    """
    catalogue = cells.catalogue
    is_new, size = too_new(cells.kind, catalogue), catalogue.size
    by_content = is_new[cells.subject] | is_new[cells.title]
    other_title = np.where(by_content, cells.title, cells.subject)

    def _sentence(key: int) -> str:
        anchor, other = divmod(key, size)
        alike = common_tags(catalogue, anchor, other) if other != anchor else ""
        name = catalogue.names[anchor]
        if alike:
            return f"{alike}, like {name}"
        # a title that has nothing in common with the anchor can only have come by co-watching
        return f"Often played by those who played {name}"

    return once_each(cells.subject * size + other_title, _sentence)


def replay_sentence(cells: CellsOfKind) -> Sentences:
    """What the profile itself did with the title."""
    stars, plays = cells.profiles.stars.tolist(), cells.profiles.plays.tolist()

    def _sentence(entry: int) -> str:
        times = {1: "once", 2: "twice"}.get(plays[entry], f"{plays[entry]} times")
        is_rated = stars[entry] == stars[entry]  # NaN where it was never rated
        rating = f" and gave it {stars[entry]:g}" if is_rated else ""
        return f"You played it {times}{rating}"

    return once_each(_history_entries(cells), _sentence)


def resume_sentence(cells: CellsOfKind) -> Sentences:
    """Where the film or episode goes on, or which episode comes next."""
    states = cells.profiles.states
    is_begun = states.begun.tolist()
    minute = np.nan_to_num(states.resume_s // 60).astype(np.int64).tolist()

    def _sentence(entry: int) -> str:
        if not is_begun[entry]:
            return f"Next episode: {states.next_episode[entry]}"
        if states.episode[entry]:
            return f"Resume {states.episode[entry]} at {minute[entry]} min"
        return f"Resume at {minute[entry]} min"

    return once_each(_history_entries(cells), _sentence)


def list_sentence(cells: CellsOfKind) -> Sentences:
    """Since when the title has been on the profile's list."""
    lists = cells.profiles.my_lists
    assert lists is not None  # a row of a list is made from it
    size = cells.catalogue.size
    list_keys = lists.owners * size + lists.title
    entries = _index_of(list_keys, cells.owner * size + cells.title)
    return once_each(entries, lambda entry: f"On your list since {utc_day(lists.at_s[entry])}")


def trend_sentence(cells: CellsOfKind) -> Sentences:
    """Plays in the profile's own country, in the window that the row speaks of."""
    catalogue, days = cells.catalogue, cells.kind.window_days

    def _sentence(country: str, title: int) -> str:
        plays = int(plays_in(catalogue, country)[f"plays_{days}d"][title])
        where = f" in {country}" if country and country in catalogue.country_plays else ""
        return f"{plays_text(plays)}{where} in the last {days} days, more than before"

    return once_each_in_country(cells, _sentence)


def arrival_sentence(cells: CellsOfKind) -> Sentences:
    """When the title came to the service in the profile's country, or was first played."""
    catalogue = cells.catalogue
    has_launch = ~np.isnan(catalogue.features["title_launch_age_days"])

    def _sentence(country: str, title: int) -> str:
        is_back = back_days(catalogue, country)[title] >= 0
        is_first_window = open_days(catalogue, country)[title] >= 0 and not is_back
        came = has_launch[title] or is_first_window
        days = int(age_days(catalogue, country)[title])
        return f"{'Came' if came else 'First played'} {days_ago_text(days)}"

    return once_each_in_country(cells, _sentence)


def return_sentence(cells: CellsOfKind) -> Sentences:
    """When the title came back to the profile's country."""

    def _sentence(country: str, title: int) -> str:
        return f"Back {days_ago_text(int(back_days(cells.catalogue, country)[title]))}"

    return once_each_in_country(cells, _sentence)


def season_sentence(cells: CellsOfKind) -> Sentences:
    """How many of the plays of earlier years fell in this time of the year."""

    def _sentence(country: str, title: int) -> str:
        plays = plays_in(cells.catalogue, country)
        seasonal, earlier = int(plays["season_plays"][title]), int(plays["earlier_plays"][title])
        share = f"{seasonal} of {plays_text(earlier)}"
        return f"{share} in earlier years were at this time of the year"

    return once_each_in_country(cells, _sentence)


def acclaim_sentence(cells: CellsOfKind) -> Sentences:
    """How often the title was rated and played."""
    features = cells.catalogue.features
    ratings = features["title_stars_count"].astype(np.int64).tolist()
    plays = features["title_plays_count_all"].astype(np.int64).tolist()

    def _sentence(title: int) -> str:
        rated = f"{ratings[title]} ratings, better than most titles"
        return f"{rated}; {plays_text(plays[title])} in all"

    return once_each(cells.title, _sentence)


def tag_sentence(cells: CellsOfKind) -> Sentences:
    """The tag that a row by facet is about."""
    text = TAG_SENTENCES.get(cells.kind.per, "{}")
    names = cells.catalogue.tags(cells.kind.per).names
    return once_each(cells.subject, lambda tag: text.format(names[tag]))


def common_tags(catalogue: Catalogue, one: int, other: int) -> str:
    """What two titles have in common, up to two tags of the first facet that has any; "" for
    nothing.
    """
    for facet in FACETS_BY_WEIGHT:
        tags = catalogue.tags(facet)
        in_both = np.intersect1d(tags.tag[tags.entries_of(one)], tags.tag[tags.entries_of(other)])
        if len(in_both):
            return " and ".join(tags.names[tag] for tag in in_both[:2])
    return ""


def utc_day(at_s: float) -> str:
    """The UTC day of an instant, as text."""
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()


def plays_text(count: int) -> str:
    """So many plays, in words."""
    return "1 play" if count == 1 else f"{count} plays"


def days_ago_text(days: int) -> str:
    """So many days ago, in words."""
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def once_each(keys: NDArray[np.integer], sentence: Callable[[int], str]) -> Sentences:
    """The sentence of each distinct key; `keys` (c,) are those of the cells."""
    encoded = pa.array(keys.astype(np.int64)).dictionary_encode()
    texts = [sentence(key) for key in encoded.dictionary.to_pylist()]
    return Sentences(encoded.indices.to_numpy().astype(np.int64), texts)


def once_each_in_country(cells: CellsOfKind, sentence: Callable[[str, int], str]) -> Sentences:
    """The sentence of each distinct pair of the profile's country and the title."""
    names = cells.profiles.country.astype(str)
    countries, country_index = np.unique(names, return_inverse=True)
    size = cells.catalogue.size

    def _sentence_of_key(key: int) -> str:
        country, title = divmod(key, size)
        return sentence(str(countries[country]), title)

    return once_each(country_index[cells.owner] * size + cells.title, _sentence_of_key)


def _history_entries(cells: CellsOfKind) -> INTS:
    """(c,) the entry of the flat history about each cell's profile and title."""
    size, profiles = cells.catalogue.size, cells.profiles
    history_keys = profiles.owners * size + profiles.title
    return _index_of(history_keys, cells.owner * size + cells.title)


def _index_of(keys: INTS, wanted: INTS) -> INTS:
    """The index among the keys of each wanted key, all of which are there."""
    order = np.argsort(keys)
    return order[np.searchsorted(keys[order], wanted)]
