"""What a row can be about: the whole profile, a liked play of its own, or a value of a facet such
as a genre.
"""
# Tested by tests/models/page/layout/test_template.py.

from typing import NamedTuple

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


class Subjects(NamedTuple):
    """What rows of a kind could be about, sorted by profile and then by preference."""

    owner: INTS  # (k,) index of the profile
    subject: INTS  # (k,) index of the anchor or tag, NO_SUBJECT for the whole profile


def subjects(
    kind: RowKind, catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours
) -> Subjects:
    """What rows of a kind could be about, for each profile of a batch."""
    if kind.per == "anchor":
        about = anchors(catalogue, profiles, neighbours, SPARE_ANCHORS * kind.most_rows)
    elif kind.by_tag:
        about = most_played_tags(kind, catalogue, profiles)
    else:
        nothing = np.full(profiles.size, NO_SUBJECT, np.int64)
        about = Subjects(np.arange(profiles.size), nothing)
    if not kind.needs_history:
        return about
    has_history = (profiles.counts > 0)[about.owner]
    return Subjects(about.owner[has_history], about.subject[has_history])


def anchors(
    catalogue: Catalogue, profiles: Profiles, neighbours: Neighbours, most: int
) -> Subjects:
    """The newest liked plays of each profile that it may still meet and that speak for other
    titles.
    """
    owner, title = profiles.owners, profiles.title
    may_meet = suitable(catalogue, profiles)[owner, title]
    has_neighbours = neighbours.counts[title] > 0
    is_anchor = liked(profiles) & may_meet & has_neighbours
    owner, subject = owner[is_anchor], title[is_anchor].astype(np.int64)
    is_newest = Ragged.from_runs(owner).index_within < most
    return Subjects(owner[is_newest], subject[is_newest])


def most_played_tags(kind: RowKind, catalogue: Catalogue, profiles: Profiles) -> Subjects:
    """The tags each profile played most titles of, then those that everybody plays most; only tags
    that were played.

    Where the kind asks for `least_played`, only tags that so many titles of the profile's own
    history have.
    """
    tags = catalogue.tags(kind.per)
    own_counts, plays = tag_counts(tags, profiles), tag_plays(tags, catalogue)
    tag_count = len(tags.names)
    by_plays = np.lexsort((np.arange(tag_count), -plays))
    popularity = np.empty(tag_count, np.int64)
    popularity[by_plays] = np.arange(tag_count)[::-1]
    key = own_counts * tag_count + popularity  # distinct, so that the best are always the same
    most = min(kind.most_rows, tag_count)
    best = np.zeros((profiles.size, 0), np.int64)
    if most:
        best = np.argpartition(-key, range(most), axis=1)[:, :most]
    owner = np.repeat(np.arange(profiles.size), most)
    subject = best.ravel().astype(np.int64)
    own_count = own_counts[owner, subject]
    was_played = (own_count > 0) | (plays[subject] > 0)
    is_subject = (own_count >= kind.least_played) & was_played
    return Subjects(owner[is_subject], subject[is_subject])


def tag_counts(tags: Tags, profiles: Profiles) -> INTS:
    """How many titles of each tag each profile played (m, t)."""
    ones = np.ones(len(profiles.title), np.float32)
    shape = (profiles.size, len(tags.marks))
    histories = sparse.csr_matrix((ones, profiles.title, profiles.offsets), shape=shape)
    return np.asarray(histories @ tags.marks.astype(np.float32)).astype(np.int64)


def tag_plays(tags: Tags, catalogue: Catalogue) -> NDArray[np.float64]:
    """Plays ever of each tag's titles by everybody (t,)."""
    # whole numbers: their sum is exact in any order
    plays = catalogue.features["title_plays_count_all"].astype(np.float64)
    return np.asarray(plays @ tags.marks.astype(np.float64), np.float64)
