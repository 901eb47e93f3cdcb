"""What a row can be about: the whole profile, a liked play of its own, or a value of a facet such as a genre."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from conf.rows import RowKind
from models.catalogue.arrays import Catalogue, Neighbours, Profiles
from models.catalogue.eligibility import liked, suitable
from models.catalogue.facets import Tags
from models.ragged import INTS, Ragged

NO_SUBJECT = -1
SPARE_ANCHORS = 2  # anchors tried for each row there may be: some have too few similar titles left


def subjects(
    kind: RowKind, catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours
) -> tuple[INTS, INTS]:
    """What rows of a kind could be about: (profile, subject), sorted by profile and then by preference."""
    has_history = profiles.counts > 0
    if kind.per == "anchor":
        owner, subject = anchors(catalogue, profiles, neighbours, SPARE_ANCHORS * kind.most_rows)
    elif kind.by_tag:
        owner, subject = by_tag(kind, catalogue, profiles)
    else:
        owner, subject = np.arange(profiles.size), np.full(profiles.size, NO_SUBJECT, np.int64)
    keep = has_history[owner] if kind.needs_history else np.ones(len(owner), bool)
    return owner[keep], subject[keep]


def anchors(
    catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours, most: int
) -> tuple[INTS, INTS]:
    """The newest liked plays of each profile that it may still meet and that speak for other titles (N-606)."""
    owner, title = profiles.owners, profiles.title
    keep = (
        liked(profiles)
        & suitable(catalogue, profiles)[owner, title]
        & (neighbours.counts[title] > 0)
    )
    owner, subject = owner[keep], title[keep].astype(np.int64)
    first = Ragged.from_runs(owner).index_within < most
    return owner[first], subject[first]


def by_tag(kind: RowKind, catalogue: Catalogue, profiles: Profiles) -> tuple[INTS, INTS]:
    """The tags each profile played most titles of, then those that everybody plays most; only tags that were played.

    Where the kind asks for `least_played`, only tags that so many titles of the profile's own history have.
    """
    tags = catalogue.tags(kind.per)
    own, everybody = tag_counts(tags, profiles), tag_plays(tags, catalogue)
    count = len(tags.names)
    standing = np.empty(count, np.int64)
    standing[np.lexsort((np.arange(count), -everybody))] = np.arange(count)[::-1]
    key = own * count + standing  # distinct, so that the best are the same whatever finds them
    most = min(kind.most_rows, count)
    best = (
        np.argpartition(-key, range(most), axis=1)[:, :most]
        if most
        else np.zeros((profiles.size, 0), np.int64)
    )
    owner, subject = np.repeat(np.arange(profiles.size), most), best.ravel().astype(np.int64)
    played = own[owner, subject]
    keep = (played >= kind.least_played) & ((played > 0) | (everybody[subject] > 0))
    return owner[keep], subject[keep]


def tag_counts(tags: Tags, profiles: Profiles) -> INTS:
    """How many titles of each tag each profile played (m, t)."""
    ones = np.ones(len(profiles.title), np.float32)
    histories = sparse.csr_matrix(
        (ones, profiles.title, profiles.offsets), shape=(profiles.size, len(tags.marks))
    )
    return np.asarray(histories @ tags.marks.astype(np.float32)).astype(np.int64)


def tag_plays(tags: Tags, catalogue: Catalogue) -> NDArray[np.float64]:
    """Plays ever of each tag's titles by everybody (t,)."""
    plays = catalogue.features["title_plays_count_all"].astype(
        np.float64
    )  # whole numbers: exact in any order
    return np.asarray(plays @ tags.marks.astype(np.float64), np.float64)
