"""What a row can be about: the whole profile, a liked play of its own, or a genre."""

import numpy as np
from numpy.typing import NDArray

from conf.rows import RowKind
from models.catalogue import Catalogue, Neighbours, Profiles
from models.page.rules import liked, owners, suitable

INTS = NDArray[np.int64]
NO_SUBJECT = -1
SPARE_ANCHORS = 2  # anchors tried for each row there may be: some have too few similar titles left


def subjects(kind: RowKind, catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours) -> tuple[INTS, INTS]:
    """What rows of a kind could be about: (profile, subject), sorted by profile and then by preference."""
    has_history = np.diff(profiles.offsets) > 0
    if kind.per == "anchor":
        owner, subject = anchors(catalogue, profiles, neighbours, SPARE_ANCHORS * kind.most_rows)
    elif kind.per == "genre":
        owner, subject = genres(catalogue, profiles, kind.most_rows)
    else:
        owner, subject = np.arange(profiles.size), np.full(profiles.size, NO_SUBJECT, np.int64)
    keep = has_history[owner] if kind.needs_history else np.ones(len(owner), bool)
    return owner[keep], subject[keep]


def anchors(catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours, most: int) -> tuple[INTS, INTS]:
    """The newest liked plays of each profile that it may still meet and that speak for other titles (N-606)."""
    owner, title = owners(profiles), profiles.title
    keep = liked(profiles) & suitable(catalogue, profiles)[owner, title] & (np.diff(neighbours.offsets)[title] > 0)
    owner, subject = owner[keep], title[keep].astype(np.int64)
    first = place_within(owner) < most
    return owner[first], subject[first]


def genres(catalogue: Catalogue, profiles: Profiles, most: int) -> tuple[INTS, INTS]:
    """The genres each profile played most, then those that everybody plays most; only genres that were played."""
    own, everybody = genre_counts(catalogue, profiles), genre_plays(catalogue)
    best = np.lexsort((np.broadcast_to(-everybody, own.shape), -own), axis=1)[:, :most]
    owner = np.repeat(np.arange(profiles.size), best.shape[1])
    subject = best.ravel().astype(np.int64)
    keep = (own[owner, subject] > 0) | (everybody[subject] > 0)
    return owner[keep], subject[keep]


def genre_counts(catalogue: Catalogue, profiles: Profiles) -> INTS:
    """How many titles of each genre each profile played (m, g)."""
    owner = owners(profiles)
    counts = np.zeros((profiles.size, len(catalogue.genres)), np.int64)
    for genre in range(len(catalogue.genres)):
        has_it = catalogue.genre_matrix[profiles.title, genre]
        counts[:, genre] = np.bincount(owner[has_it], minlength=profiles.size)
    return counts


def genre_plays(catalogue: Catalogue) -> NDArray[np.float64]:
    """Plays ever of each genre's titles by everybody (g,)."""
    plays = catalogue.features["title_plays_count_all"].astype(np.float64)  # whole numbers: exact in any order
    return np.asarray(plays @ catalogue.genre_matrix.astype(np.float64), np.float64)


def place_within(sorted_owner: INTS) -> INTS:
    """0, 1, 2 ... within each run of equal owners."""
    first = np.flatnonzero(np.diff(sorted_owner, prepend=-1))
    return np.arange(len(sorted_owner)) - np.repeat(first, np.diff(first, append=len(sorted_owner)))
