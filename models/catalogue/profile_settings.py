"""A profile by its settings alone, as rules ask for it: what it played is not in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from models.catalogue.arrays import Profiles
from models.catalogue.from_arrow import NO_LIMIT, main_language


def by_settings(profile_id: str, settings: Mapping[str, Any], at: Mapping[str, int]) -> Profiles:
    """One profile with its `settings`, columns of `profiles`; one that is null forbids nothing.

    `at` is the place of each title in the catalogue; blocked titles that it does not have are left out.
    """
    blocked = [at[title] for title in settings.get("blocked_titles") or () if title in at]
    limit = settings.get("maturity_limit")
    found = without_history(
        [profile_id],
        [settings.get("country") or ""],
        [NO_LIMIT if limit is None else limit],
        [bool(settings.get("kids"))],
    )
    understands = frozenset(map(main_language, settings.get("languages") or ()))
    return replace(found, blocked=(np.array(blocked, np.int32),), understands=(understands,))


def without_history(
    profile_ids: Sequence[str], country: Sequence[str], limit: Sequence[int], kids: Sequence[bool]
) -> Profiles:
    """Profiles of which nothing but these settings is known."""
    size = len(profile_ids)
    return Profiles(
        profile_ids=np.array(profile_ids, object),
        offsets=np.zeros(size + 1, np.int64),
        title=np.zeros(0, np.int32),
        last_at_s=np.zeros(0),
        plays=np.zeros(0, np.int32),
        stars=np.zeros(0, np.float32),
        features={},
        country=np.array(country, object),
        maturity_limit=np.array(limit, np.int16),
        kids=np.array(kids, bool),
        blocked=(np.zeros(0, np.int32),) * size,
    )
