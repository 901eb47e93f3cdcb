"""A profile by its settings alone, as eligibility needs it: without its history.

A setting that is not there, or null, says nothing. One that cannot be read may be stricter than
any other: who has it is held to the children's limit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from typing import Any, TypeGuard

import numpy as np

from conf.contracts import contract
from conf.evidence import evidence
from conf.pages import pages
from models.catalogue.arrays import Profiles
from models.catalogue.availability import EVERYWHERE
from models.catalogue.from_arrow import NO_LIMIT, main_language

NO_COMMON_LANGUAGE = "none"  # of a profile whose settings name languages of which none is in all
Settings = Mapping[str, Any]  # columns of `profiles`


def by_settings(profile_id: str, settings: Settings, index: Mapping[str, int]) -> Profiles:
    """One profile with its `settings`, columns of `profiles`; a setting that is null forbids
    nothing.

    `index` is that of each title in the catalogue; blocked titles that are not in it are left out.
    """
    sound = readable(settings)
    blocked = [index[title_id] for title_id in sound["blocked_titles"] if title_id in index]
    limit = sound["maturity_limit"]
    profile = without_history(
        [profile_id],
        [sound["country"] or ""],
        [NO_LIMIT if limit is None else limit],
        [bool(sound["kids"])],
    )
    languages = sound["languages"]
    return replace(
        profile,
        blocked=(np.array(blocked, np.int32),),
        understands=(frozenset(map(main_language, languages)),),
        language=np.array([evidence().language_of(languages)], object),
    )


def stricter(one: Settings, other: Settings) -> dict[str, Any]:
    """The settings that keep to both, field by field; of two countries it is that of `other`.

    The lower limit, a child if either says so, what either blocks, and the languages that are in
    both. A field that one of them does not have is the other's.
    """
    first, second = readable(one), readable(other)
    limits = [
        limit for limit in (first["maturity_limit"], second["maturity_limit"]) if limit is not None
    ]
    return {
        "country": second["country"] or first["country"],
        "languages": _common_languages(first["languages"], second["languages"]),
        "maturity_limit": min(limits, default=None),
        "kids": _either(first["kids"], second["kids"]),
        "blocked_titles": sorted({*first["blocked_titles"], *second["blocked_titles"]}),
    }


def readable(settings: Settings) -> dict[str, Any]:
    """The settings with the types that their columns have, lists empty where nothing is said.

    Where a value is of another type, or a name is no column of `profiles`, the limit is the
    children's at most.
    """
    if not isinstance(settings, Mapping):
        settings = {"": settings}
    country, limit, kids = (settings.get(name) for name in ("country", "maturity_limit", "kids"))
    languages, blocked = settings.get("languages"), settings.get("blocked_titles")
    is_sound = (
        contract("profiles").columns.keys() >= settings.keys()
        and (country is None or _is_country(country))
        and (limit is None or _is_age(limit))
        and (kids is None or isinstance(kids, bool | np.bool_))
        and all(names is None or _are_names(names) for names in (languages, blocked))
    )
    age = min(int(limit), NO_LIMIT) if _is_age(limit) else None
    if not is_sound:
        child = pages().legality.kids_maturity_limit
        age = child if age is None else min(age, child)
    return {
        "country": country if _is_country(country) else None,
        "languages": list(languages) if _are_names(languages) else [],
        "maturity_limit": age,
        "kids": bool(kids) if isinstance(kids, bool | np.bool_) else None,
        "blocked_titles": list(blocked) if _are_names(blocked) else [],
    }


def _is_country(value: Any) -> bool:
    return isinstance(value, str) and value != EVERYWHERE


def _is_age(value: Any) -> TypeGuard[float]:
    """Whether a value is a number of years."""
    return isinstance(value, Real) and not isinstance(value, bool) and 0 <= float(value) < np.inf


def _are_names(value: Any) -> TypeGuard[Iterable[str]]:
    """Whether a value is a list of texts."""
    is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
    return is_list and all(isinstance(name, str) for name in value)


def _either(one: bool | None, other: bool | None) -> bool | None:
    return None if one is None and other is None else bool(one) or bool(other)


def _common_languages(one: list[str], other: list[str]) -> list[str]:
    """The languages of `other` that are also in `one`; where one of them names none, the other's."""
    if not one or not other:
        return one or other
    known = set(map(main_language, one))
    return [tag for tag in other if main_language(tag) in known] or [NO_COMMON_LANGUAGE]


def without_history(
    profile_ids: Sequence[str],
    country: Sequence[str],
    maturity_limit: Sequence[int],
    kids: Sequence[bool],
) -> Profiles:
    """Profiles of which nothing but these settings is known."""
    size = len(profile_ids)
    nothing = np.zeros(0, np.int32)
    return Profiles(
        profile_ids=np.array(profile_ids, object),
        offsets=np.zeros(size + 1, np.int64),
        title=nothing,
        last_at_s=np.zeros(0),
        plays=nothing,
        stars=np.zeros(0, np.float32),
        features={},
        country=np.array(country, object),
        maturity_limit=np.array(maturity_limit, np.int16),
        kids=np.array(kids, bool),
        blocked=(nothing,) * size,
    )
