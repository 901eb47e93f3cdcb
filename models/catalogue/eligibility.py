"""What a profile may be shown at all: maturity, children, blocked titles, languages, availability."""

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.pages import pages
from models.catalogue.arrays import Catalogue, Profiles


def allowed(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles that may be shown: suitable, understood, available in the country."""
    return (
        suitable(catalogue, profiles)
        & understood(catalogue, profiles)
        & available(catalogue, profiles)
    )


EXCLUSION_REASONS = (
    "",
    "blocked by the profile",
    "above its maturity limit",
    "in no language that it understands",
    "listed twice",
    "not available in its country",
)


def exclusion_reasons(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.int8]:
    """Why each title may not be shown to each profile (m, n): an index into EXCLUSION_REASONS.

    Of several reasons the first counts; 0 where there is none.
    """
    blocked = np.zeros((profiles.size, catalogue.size), bool)
    for row, titles in enumerate(profiles.blocked):
        blocked[row, titles] = True
    checks = (
        blocked,
        ~suitable(catalogue, profiles),
        ~understood(catalogue, profiles),
        np.broadcast_to(catalogue.duplicates, blocked.shape),
        ~available(catalogue, profiles),
    )
    reasons = np.zeros(blocked.shape, np.int8)
    for index, is_excluded in enumerate(checks, 1):
        reasons[is_excluded & (reasons == 0)] = index
    return reasons


def understood(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles spoken in a language that the profile understands (N-602).

    True where no language is known of the title, or of the profile.
    """
    mask = np.ones((profiles.size, catalogue.size), bool)
    if profiles.understands is None or not catalogue.audio:
        return mask
    without_language = ~np.any(list(catalogue.audio.values()), axis=0)
    nothing = np.zeros(catalogue.size, bool)
    for languages in set(profiles.understands) - {frozenset()}:
        spoken = [catalogue.audio.get(language, nothing) for language in languages]
        rows = [row for row, own in enumerate(profiles.understands) if own == languages]
        mask[rows] = without_language | np.any(spoken, axis=0)
    return mask


def suitable(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles a profile may meet, if only by name: within its limit, not blocked
    (N-600).

    A children's profile is held to the children's limit; a title of unknown maturity counts as for
    adults.
    """
    legality = pages().legality
    age = np.where(catalogue.maturity < 0, legality.unknown_maturity, catalogue.maturity)
    mask = age[None, :] <= limits(profiles)[:, None]
    for row, blocked in enumerate(profiles.blocked):
        mask[row, blocked] = False
    return mask


def limits(profiles: Profiles) -> NDArray[np.int16]:
    """Age in years above which a profile sees nothing (m,), be it a title or an artwork."""
    child = np.minimum(profiles.maturity_limit, pages().legality.kids_maturity_limit)
    return np.where(profiles.kids, child, profiles.maturity_limit).astype(np.int16)


def available(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles in the country's windows at the as-of (N-601).

    None before its launch.
    """
    countries, index = np.unique(countries_of(catalogue, profiles), return_inverse=True)
    in_window = np.zeros((len(countries), catalogue.size), bool)
    for row, country in enumerate(countries):
        in_window[row] = catalogue.available[country]
    not_launched = catalogue.features["title_launch_age_days"] < 0  # false for unknown launches
    return (in_window & ~not_launched & ~catalogue.duplicates)[index]


def countries_of(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.str_]:
    """Each profile's country (m,), "" where the catalogue's windows do not name it."""
    countries = [country if country in catalogue.available else "" for country in profiles.country]
    return np.array(countries, dtype=str)


def played_mask(profiles: Profiles, size: int) -> NDArray[np.bool_]:
    """Mask (m, size) of the titles that each profile played."""
    mask = np.zeros((profiles.size, size), bool)
    mask[profiles.owners, profiles.title] = True
    return mask


def liked(profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (N,) of the entries of histories that were rated well, or never rated, without thumbs
    down.
    """
    least_stars = pages().likes.least_stars
    has_good_stars: NDArray[np.bool_] = profiles.stars >= least_stars
    is_thumb_down = profiles.states.thumb < 0
    return (np.isnan(profiles.stars) | has_good_stars) & ~is_thumb_down


def showable(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m,) of the profiles that must have a page.

    They may see a title that somebody played and that they did not dislike.
    """
    disliked = np.zeros((profiles.size, catalogue.size), bool)
    is_disliked = ~liked(profiles)
    disliked[profiles.owners[is_disliked], profiles.title[is_disliked]] = True
    has_plays = catalogue.features["title_plays_count_all"] > 0
    candidates = allowed(catalogue, profiles) & has_plays & ~disliked
    must_have_page: NDArray[np.bool_] = np.any(candidates, axis=1)
    return must_have_page


def continuing(profiles: Profiles, catalogue: Catalogue, days: int) -> NDArray[np.bool_]:
    """Mask (N,) of the entries of histories that can be continued.

    Something is left of them, they were played in the last `days` days, and they were not disliked.
    """
    is_recent = catalogue.as_of_s - profiles.last_at_s < days * DAY_S
    return profiles.states.to_continue & liked(profiles) & is_recent
