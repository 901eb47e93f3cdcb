"""What a row can be about: the whole profile, a liked play of its own, or a value of a facet such
as a genre.
"""
# Tested by tests/models/page/layout/test_template.py.

from typing import NamedTuple

import numpy as np
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
    if not tags.names:
        return Subjects(np.zeros(0, np.int64), np.zeros(0, np.int64))
    plays = catalogue.tag_plays[kind.per]
    tag_count = len(tags.names)
    by_plays = np.lexsort((np.arange(tag_count), -plays))
    popularity = np.empty(tag_count, np.int64)  # distinct, so that the best are always the same
    popularity[by_plays] = np.arange(tag_count)[::-1]
    own_counts = tag_counts(tags, profiles)
    if kind.least_played > 0:
        entries = own_counts.tocoo()
        is_subject = entries.data >= kind.least_played
        owner, subject = (index[is_subject].astype(np.int64) for index in entries.coords)
        own_count = entries.data[is_subject]
    else:
        counts = own_counts.toarray()
        owner, subject = np.nonzero((counts > 0) | (plays > 0))
        own_count = counts[owner, subject]
    order = np.lexsort((-popularity[subject], -own_count, owner))
    owner, subject = owner[order], subject[order]
    is_best = Ragged.from_runs(owner).index_within < kind.most_rows
    return Subjects(owner[is_best], subject[is_best])


def tag_counts(tags: Tags, profiles: Profiles) -> sparse.csr_matrix:
    """How many titles of each tag each profile played (m, t)."""
    ones = np.ones(len(profiles.title), np.float32)
    shape = (profiles.size, tags.list_count)
    histories = sparse.csr_matrix((ones, profiles.title, profiles.offsets), shape=shape)
    return histories @ tags.matrix


def genre_counts(catalogue: Catalogue, profiles: Profiles) -> INTS:
    """How many titles of each genre each profile played (m, g)."""
    counts: INTS = tag_counts(catalogue.tags("genre"), profiles).toarray().astype(np.int64)
    return counts
