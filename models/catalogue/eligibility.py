"""What a profile may be shown at all: maturity, children, blocked titles, availability. The one place for it."""

import numpy as np
from numpy.typing import NDArray

from conf.days import DAY_S
from conf.pages import pages
from models.catalogue.arrays import Catalogue, Profiles


def allowed(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles that may be shown: suitable for the profile, understood, available in its country."""
    return (
        suitable(catalogue, profiles)
        & understood(catalogue, profiles)
        & available(catalogue, profiles)
    )


REASONS = (
    "",
    "blocked by the profile",
    "above its maturity limit",
    "in no language that it understands",
    "listed twice",
    "not available in its country",
)


def reasons(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.int8]:
    """Why each title may not be shown to each profile (m, n): the place in REASONS of the first that holds, else 0."""
    blocked = np.zeros((profiles.size, catalogue.size), bool)
    for row, titles in enumerate(profiles.blocked):
        blocked[row, titles] = True
    checks = (
        blocked,
        ~suitable(catalogue, profiles),
        ~understood(catalogue, profiles),
        np.broadcast_to(catalogue.doubles, blocked.shape),
        ~available(catalogue, profiles),
    )
    found = np.zeros(blocked.shape, np.int8)
    for place, mask in enumerate(checks, 1):
        found[mask & (found == 0)] = place
    return found


def understood(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles spoken in a language that the profile understands (N-602).

    True where no language is known of the title, or of the profile.
    """
    mask = np.ones((profiles.size, catalogue.size), bool)
    if profiles.understands is None or not catalogue.audio:
        return mask
    unknown = ~np.any(list(catalogue.audio.values()), axis=0)
    nothing = np.zeros(catalogue.size, bool)
    for languages in {known for known in profiles.understands if known}:
        rows = [row for row, known in enumerate(profiles.understands) if known == languages]
        mask[rows] = unknown | np.any(
            [catalogue.audio.get(name, nothing) for name in languages], axis=0
        )
    return mask


def suitable(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles a profile may meet, be it only by name: within its maturity limit, not blocked (N-600).

    A children's profile is held to the children's limit; a title of unknown maturity counts as for adults.
    """
    legality = pages().legality
    age = np.where(catalogue.maturity < 0, legality.unknown_maturity, catalogue.maturity)
    mask = age[None, :] <= limits(profiles)[:, None]
    for row, blocked in enumerate(profiles.blocked):
        mask[row, blocked] = False
    return mask


def limits(profiles: Profiles) -> NDArray[np.int16]:
    """The age in years above which a profile sees nothing, be it a title or a picture (m,)."""
    child = np.minimum(profiles.maturity_limit, pages().legality.kids_maturity_limit)
    return np.where(profiles.kids, child, profiles.maturity_limit).astype(np.int16)


def available(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m, n) of the titles in the country's windows at the as-of (N-601); none before its launch."""
    countries, place = np.unique(countries_of(catalogue, profiles), return_inverse=True)
    masks = np.zeros((len(countries), catalogue.size), bool)
    for row, country in enumerate(countries):
        masks[row] = catalogue.available[country]
    not_yet = catalogue.features["title_launch_age_days"] < 0  # false where no launch is known
    return (masks & ~not_yet & ~catalogue.doubles)[place]


def countries_of(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.str_]:
    """Each profile's country as the catalogue's windows know it (m,), "" where they do not name it."""
    return np.array(
        [country if country in catalogue.available else "" for country in profiles.country],
        dtype=str,
    )


def watched(profiles: Profiles, size: int) -> NDArray[np.bool_]:
    """Mask (m, size) of what each profile played."""
    mask = np.zeros((profiles.size, size), bool)
    mask[profiles.owners, profiles.title] = True
    return mask


def liked(profiles: Profiles) -> NDArray[np.bool_]:
    """For each entry of the flat history: it was rated well, or never rated, and no thumb is down."""
    stars_say_so: NDArray[np.bool_] = np.isnan(profiles.stars) | (
        profiles.stars >= pages().likes.least_stars
    )
    return stars_say_so & ~(profiles.states.thumb < 0)


def showable(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.bool_]:
    """Mask (m,) of the profiles that must have a page: they may see a played title that they did not dislike."""
    disliked = np.zeros((profiles.size, catalogue.size), bool)
    bad = ~liked(profiles)
    disliked[profiles.owners[bad], profiles.title[bad]] = True
    played = catalogue.features["title_plays_count_all"] > 0
    shown: NDArray[np.bool_] = np.any(allowed(catalogue, profiles) & played & ~disliked, axis=1)
    return shown


def continuing(profiles: Profiles, catalogue: Catalogue, days: int) -> NDArray[np.bool_]:
    """For each entry of the flat history: something is left of it, it was played in so many days and not disliked."""
    recent = catalogue.as_of_s - profiles.last_at_s < days * DAY_S
    return profiles.states.to_continue & liked(profiles) & recent
