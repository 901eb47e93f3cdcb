"""True sentences for the cells of rows that depend on the country, on the profile's own state or on a row's tag."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Profiles
from models.page.rows.country_orders import age_days, back_days, open_days, plays_in
from models.ragged import INTS

Codes = tuple[NDArray[np.int64], list[str]]  # for each cell the place of its text, and the texts


def resume(
    _k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """Where the film or episode goes on, or which episode comes next."""
    entry, states = entries(catalogue, profiles, owner, title), profiles.states
    begun, minute = (
        states.begun.tolist(),
        np.nan_to_num(states.resume_s // 60).astype(np.int64).tolist(),
    )

    def say(e: int) -> str:
        if not begun[e]:
            return f"Next episode: {states.next_episode[e]}"
        return (
            f"Resume {states.episode[e]} at {minute[e]} min"
            if states.episode[e]
            else f"Resume at {minute[e]} min"
        )

    return spoken(entry, say)


def listed(
    _k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """Since when it has been on the profile's list."""
    found = profiles.my_lists
    assert found is not None  # a row of a list is made from it
    of = found.owners
    entry = _places(of * catalogue.size + found.title, owner * catalogue.size + title)
    return spoken(entry, lambda e: f"On your list since {day_of(found.at_s[e])}")


def trending(
    kind: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """Plays in the profile's own country, in the window that the row speaks of."""
    days = kind.window_days

    def say(country: str, t: int) -> str:
        plays = times(int(plays_in(catalogue, country)[f"plays_{days}d"][t]))
        where = f" in {country}" if country and country in catalogue.country_plays else ""
        return f"{plays}{where} in the last {days} days, more than before"

    return _by_country(catalogue, profiles, owner, title, say)


def arrived(
    kind: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """When it came to the service in the profile's country, was first played, or came back."""
    launched = ~np.isnan(catalogue.features["title_launch_age_days"])

    def say(country: str, t: int) -> str:
        if kind.order == "return":
            return f"Back {ago(int(back_days(catalogue, country)[t]))}"
        came = launched[t] or bool(open_days(catalogue, country)[t] >= 0)
        return f"{'Came' if came else 'First played'} {ago(int(age_days(catalogue, country)[t]))}"

    return _by_country(catalogue, profiles, owner, title, say)


def season(
    _k: RowKind, catalogue: Catalogue, profiles: Profiles, owner: INTS, _s: INTS, title: INTS
) -> Codes:
    """How many of the plays of earlier years fell in this time of the year."""

    def say(country: str, t: int) -> str:
        plays = plays_in(catalogue, country)
        share = f"{int(plays['season_plays'][t])} of {times(int(plays['earlier_plays'][t]))}"
        return f"{share} in earlier years were at this time of the year"

    return _by_country(catalogue, profiles, owner, title, say)


def acclaim(
    _k: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, _s: INTS, title: INTS
) -> Codes:
    """How often it was rated and played."""
    rated = catalogue.features["title_stars_count"].astype(np.int64).tolist()
    played = catalogue.features["title_plays_count_all"].astype(np.int64).tolist()
    return spoken(
        title, lambda t: f"{rated[t]} ratings, better than most titles; {times(played[t])} in all"
    )


def tagged(
    kind: RowKind, catalogue: Catalogue, _p: Profiles, _o: INTS, subject: INTS, _t: INTS
) -> Codes:
    """The tag that the row is about."""
    said = {"cast": "With {}", "director": "Directed by {}"}.get(kind.per, "{}")
    names = catalogue.tags(kind.per).names if kind.by_tag else ()  # type: ignore[arg-type]
    return spoken(subject, lambda tag: said.format(names[tag]))


def shared(catalogue: Catalogue, one: int, other: int) -> str:
    """What two titles that are alike in content have in common: genres, else people, else keywords; "" for nothing."""
    for facet in ("genre", "director", "cast", "keyword", "genre_era", "era"):
        tags = catalogue.tags(facet)
        both = np.flatnonzero(tags.marks[one] & tags.marks[other])
        if len(both):
            return " and ".join(tags.names[tag] for tag in both[:2])
    return ""


def entries(catalogue: Catalogue, profiles: Profiles, owner: INTS, title: INTS) -> INTS:
    """The entry of the flat history that tells of each (profile, title)."""
    return _places(
        profiles.owners * catalogue.size + profiles.title, owner * catalogue.size + title
    )


def spoken(key: NDArray[np.integer], say: Callable[[int], str]) -> Codes:
    """Each distinct key said once, however many cells have it."""
    encoded = pa.array(key.astype(np.int64)).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), [
        say(k) for k in encoded.dictionary.to_pylist()
    ]


def day_of(at_s: float) -> str:
    """The UTC day of an instant, as text."""
    return datetime.fromtimestamp(at_s, UTC).date().isoformat()


def times(count: int) -> str:
    """So many plays, in words."""
    return "1 play" if count == 1 else f"{count} plays"


def ago(days: int) -> str:
    """So many days ago, in words."""
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _by_country(
    catalogue: Catalogue,
    profiles: Profiles,
    owner: INTS,
    title: INTS,
    say: Callable[[str, int], str],
) -> Codes:
    countries, place = np.unique(profiles.country.astype(str), return_inverse=True)
    size = catalogue.size
    return spoken(
        place[owner] * size + title, lambda key: say(str(countries[key // size]), key % size)
    )


def _places(keys: INTS, wanted: INTS) -> INTS:
    order = np.argsort(keys)
    return order[np.searchsorted(keys[order], wanted)]
