"""A profile by its settings alone, as rules ask for it: what it played is not in it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.arrays import NO_LIMIT, main_language
from models.catalogue import Profiles

SETTINGS = ("country", "languages", "maturity_limit", "kids", "blocked_titles")


def by_settings(profile_id: str, settings: Mapping[str, Any], at: Mapping[str, int]) -> Profiles:
    """One profile with its `settings`, columns of `profiles`; one that is null forbids nothing.

    `at` is the place of each title in the catalogue; blocked titles that it does not have are left out.
    """
    blocked = [at[title] for title in settings.get("blocked_titles") or () if title in at]
    limit = settings.get("maturity_limit")
    return Profiles(
        profile_ids=np.array([profile_id], object), offsets=np.zeros(2, np.int64), title=np.zeros(0, np.int32),
        last_at_s=np.zeros(0), plays=np.zeros(0, np.int32), stars=np.zeros(0, np.float32), features={},
        country=np.array([settings.get("country") or ""], object),
        maturity_limit=np.array([NO_LIMIT if limit is None else limit], np.int16),
        kids=np.array([bool(settings.get("kids"))]), blocked=(np.array(blocked, np.int32),),
        understands=(frozenset(map(main_language, settings.get("languages") or ())),),
    )  # fmt: skip
