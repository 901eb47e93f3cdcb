"""A profile by its settings alone, as eligibility needs it: without its history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.catalogue.arrays import Profiles
from models.catalogue.from_arrow import NO_LIMIT, main_language


def by_settings(profile_id: str, settings: Mapping[str, Any], index: Mapping[str, int]) -> Profiles:
    """One profile with its `settings`, columns of `profiles`; a setting that is null forbids
    nothing.

    `index` is that of each title in the catalogue; blocked titles that are not in it are left out.
    """
    blocked_titles = settings.get("blocked_titles") or ()
    blocked = [index[title_id] for title_id in blocked_titles if title_id in index]
    limit = settings.get("maturity_limit")
    profile = without_history(
        [profile_id],
        [settings.get("country") or ""],
        [NO_LIMIT if limit is None else limit],
        [bool(settings.get("kids"))],
    )
    understands = frozenset(map(main_language, settings.get("languages") or ()))
    return replace(profile, blocked=(np.array(blocked, np.int32),), understands=(understands,))


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
