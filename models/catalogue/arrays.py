"""The catalogue as arrays: titles are columns, small enough to be sent to every worker."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conf.evidence import evidence
from models.artwork.gallery import Gallery
from models.catalogue.credits import Credits
from models.catalogue.facets import Tags, no_tags, tags_of
from models.catalogue.names import repeated_names
from models.catalogue.watch_state import MyLists, Viewing, unknown_viewing
from models.ragged import Ragged

EVERYBODY = "*"  # beside the countries: all plays, wherever they were


@dataclass(frozen=True)
class Catalogue:
    """All n titles known at one moment, with a dense index 0..n-1 in the order of `title_ids`.

    Mappings by country have "" for a profile without one.
    """

    title_ids: NDArray[np.object_]  # (n,) text, sorted
    names: NDArray[np.object_]  # (n,) text
    genres: tuple[str, ...]  # the g genres of the catalogue, sorted
    genre_matrix: NDArray[np.bool_]  # (n, g)
    maturity: NDArray[np.int16]  # (n,) least age in years, -1 where unknown
    features: dict[str, NDArray[np.float32]]  # columns of `title_features` (n,), NaN where null
    available: dict[str, NDArray[np.bool_]]  # (n,) may be shown in the country at `as_of_s`
    ends_s: dict[str, NDArray[np.float64]]  # (n,) end of the window, infinity where it has none
    gallery: Gallery  # the titles' artwork and the policy that chooses it
    as_of_s: float  # epoch seconds UTC
    # (n,) beginning of the window in epoch seconds UTC, NaN for titles without windows
    since_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    # (n,) came back after an absence
    back: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    # by country, and for EVERYBODY: the columns (n,) of `country_plays` of `title_features`
    country_plays: dict[str, dict[str, NDArray[np.float32]]] = field(default_factory=dict)
    facets: dict[str, Tags] = field(default_factory=dict)
    similar: "Neighbours | None" = None  # which titles each can be a reason for
    credits: Credits | None = None  # who made the titles and what they won
    audio: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # (n,) by spoken language

    @property
    def size(self) -> int:
        """Number of titles."""
        return len(self.title_ids)

    @cached_property
    def title_index(self) -> dict[str, int]:
        """The index of each title by its id."""
        return {title_id: index for index, title_id in enumerate(self.title_ids.tolist())}

    @cached_property
    def duplicates(self) -> NDArray[np.bool_]:
        """Mask (n,) of titles listed twice.

        Catalogues carry some (MovieLens-100k has eighteen); on a screen they are the same title.
        """
        years, plays = self.features["title_year_age"], self.features["title_plays_count_all"]
        return repeated_names(list(self.names), years, plays)

    def tags(self, facet: str) -> Tags:
        """The values of a facet; none where the catalogue does not have it."""
        if facet == "genre":
            return self._genre_tags
        return self.facets.get(facet) or no_tags(self.size)

    @cached_property
    def tag_plays(self) -> dict[str, NDArray[np.float64]]:
        """Plays ever of each tag's titles by everybody (t,), by facet."""
        # whole numbers: their sum is exact in any order
        plays = self.features["title_plays_count_all"].astype(np.float64)
        facets = {"genre": self._genre_tags, **self.facets}
        return {facet: plays @ tags.matrix.astype(np.float64) for facet, tags in facets.items()}

    @cached_property
    def _genre_tags(self) -> Tags:
        return tags_of(self.genres, self.genre_matrix)


@dataclass(frozen=True)
class Profiles(Ragged):
    """A batch of m profiles and their histories: for each profile a list, of N entries in all.

    The history of profile i is `title[entries_of(i)]`, newest first, as catalogue indices; titles
    that left the catalogue are not in it.
    """

    profile_ids: NDArray[np.object_]  # (m,) text
    title: NDArray[np.int32]  # (N,)
    last_at_s: NDArray[np.float64]  # (N,) epoch seconds UTC
    plays: NDArray[np.int32]  # (N,)
    stars: NDArray[np.float32]  # (N,) NaN where never rated
    features: dict[str, NDArray[np.float32]]  # columns of `profile_features` (m,), NaN where null
    country: NDArray[np.object_]  # (m,) "" where unknown
    maturity_limit: NDArray[np.int16]  # (m,) years, 99 where there is none
    kids: NDArray[np.bool_]  # (m,)
    blocked: tuple[NDArray[np.int32], ...]  # m arrays of catalogue indices
    viewing: Viewing | None = None  # (N,)
    my_lists: MyLists | None = None
    # (N,) how much each entry with something left is wanted; None without a ranker for it
    wish: NDArray[np.float32] | None = None
    # (m,) probability that the next session continues an entry; None without a ranker for it
    p_continues: NDArray[np.float32] | None = None
    pvr: "RankerScores | None" = None  # of everything; None where that ranker does not serve
    language: NDArray[np.object_] | None = None  # (m,) of the texts that each is shown
    understands: tuple[frozenset[str], ...] | None = None  # m sets, empty where unknown

    @property
    def size(self) -> int:
        """Number of profiles in the batch."""
        return len(self.profile_ids)

    @property
    def text_language(self) -> NDArray[np.object_]:
        """Language of the texts that each profile is shown (m,); the first one where unknown."""
        if self.language is None:
            return np.full(self.size, evidence().first, object)
        return self.language

    def history(self, index: int) -> NDArray[np.int32]:
        """Catalogue indices of what a profile played, newest first."""
        return self.title[self.entries_of(index)]

    @property
    def states(self) -> Viewing:
        """How each entry of the history stands (N,); unknown where nothing was recorded."""
        return unknown_viewing(len(self.title)) if self.viewing is None else self.viewing


@dataclass(frozen=True)
class RankerScores:
    """Scores of the whole catalogue for each profile of a batch, by one ranker."""

    ranker_id: str
    scores: NDArray[np.float32]  # (m, n), -inf where a title may not be shown or was played


@dataclass(frozen=True)
class Neighbours(Ragged):
    """Sparse item-to-item weights: for each title a list of others, strongest first."""

    title: NDArray[np.int32]
    weight: NDArray[np.float32]


def no_neighbours(titles: int) -> Neighbours:
    """Neighbours of a catalogue of `titles` titles that have none."""
    none = np.zeros(0, np.int32)
    return Neighbours(np.zeros(titles + 1, np.int64), none, none.astype(np.float32))
