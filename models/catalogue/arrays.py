"""The catalogue as arrays: titles are columns, small enough to be sent to every worker."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from conf.evidence import evidence
from models.artwork.gallery import Gallery
from models.catalogue.credits import Credits
from models.catalogue.facets import Tags, no_tags
from models.catalogue.watch_state import Listed, Viewing, unknown
from models.ragged import Ragged

EVERYBODY = "*"  # beside the countries: all plays, wherever they were


@dataclass(frozen=True)
class Catalogue:
    """All titles known at one moment, aligned by a dense index 0..n-1 in the order of `title_ids`.

    `features` holds the columns of `title_features` as float32 (n,), NaN where null. `available` maps a country to
    a mask (n,) of the titles that may be shown there at `as_of_s`, "" being the mask for a profile without a country;
    `ends_s` maps it to the end of each title's window (n,), infinity where it has none, `since_s` to its beginning (NaN
    for titles without windows), `back` to a mask of what had been gone before. `country_plays` maps each country, and
    EVERYBODY, to the columns of that name of `title_features`, each (n,).
    """

    title_ids: NDArray[np.object_]  # (n,) text, sorted
    names: NDArray[np.object_]  # (n,) text
    genres: tuple[str, ...]  # the g genres of the catalogue, sorted
    genre_matrix: NDArray[np.bool_]  # (n, g)
    maturity: NDArray[np.int16]  # (n,) least age in years, -1 where unknown
    features: dict[str, NDArray[np.float32]]
    available: dict[str, NDArray[np.bool_]]
    ends_s: dict[str, NDArray[np.float64]]  # epoch seconds UTC
    gallery: Gallery  # the titles' pictures and who chooses among them
    as_of_s: float  # epoch seconds UTC
    since_s: dict[str, NDArray[np.float64]] = field(default_factory=dict)  # epoch seconds UTC
    back: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    country_plays: dict[str, dict[str, NDArray[np.float32]]] = field(default_factory=dict)
    facets: dict[str, Tags] = field(default_factory=dict)
    similar: "Neighbours | None" = (
        None  # what each title speaks for, where reasons are to tell of it
    )
    credits: Credits | None = None  # who made the titles and what they won
    audio: dict[str, NDArray[np.bool_]] = field(
        default_factory=dict
    )  # language -> (n,) titles that are spoken in it

    @property
    def size(self) -> int:
        """Number of titles."""
        return len(self.title_ids)

    @cached_property
    def doubles(self) -> NDArray[np.bool_]:
        """Mask (n,) of the titles listed twice: another one of the same name and year was played at least as often.

        Catalogues carry some (MovieLens-100k has eighteen); on a screen they are the same title twice.
        """
        years, plays = self.features["title_year_age"], self.features["title_plays_count_all"]
        mask, seen = np.zeros(self.size, bool), set()
        for title in np.lexsort((np.arange(self.size), -plays)):
            key = (self.names[title], float(years[title]))
            mask[title] = (
                key in seen
            )  # a title without a year is never another one: NaN equals nothing
            seen.add(key)
        return mask

    def tags(self, facet: str) -> Tags:
        """The values of a facet; none where the catalogue does not have it."""
        if facet == "genre":
            return Tags(self.genres, self.genre_matrix)
        return self.facets.get(facet, no_tags(self.size))


@dataclass(frozen=True)
class Profiles(Ragged):
    """A batch of m profiles and their histories, one list of entries for each profile.

    The history of profile i is `title[entries_of(i)]`, newest first, as catalogue indices; titles that
    left the catalogue are not in it. `features` holds the numeric columns of `profile_features`, NaN where null.
    `wish` is how much each entry that can be gone on with is wanted, `p_continues` the probability that the profile's
    next session goes on with one of them; None where no ranker says so. `pvr` is the order of all that each may be
    shown, None where that ranker does not serve.
    """

    profile_ids: NDArray[np.object_]  # (m,) text
    title: NDArray[np.int32]  # (sum of histories,)
    last_at_s: NDArray[np.float64]  # epoch seconds UTC
    plays: NDArray[np.int32]
    stars: NDArray[np.float32]  # NaN where never rated
    features: dict[str, NDArray[np.float32]]  # each (m,)
    country: NDArray[np.object_]  # (m,) "" where unknown
    maturity_limit: NDArray[np.int16]  # (m,) years, 99 where there is none
    kids: NDArray[np.bool_]  # (m,)
    blocked: tuple[NDArray[np.int32], ...]  # m arrays of catalogue indices
    viewing: Viewing | None = None  # of each entry of the history
    listed: Listed | None = None  # what is on the profiles' lists
    wish: NDArray[np.float32] | None = None  # (sum of histories,)
    p_continues: NDArray[np.float32] | None = None  # (m,)
    pvr: "Ordered | None" = None
    language: NDArray[np.object_] | None = (
        None  # (m,) the language that each is spoken to in, one with texts
    )
    understands: tuple[frozenset[str], ...] | None = (
        None  # m sets of languages, empty where none is known
    )

    @property
    def size(self) -> int:
        """Number of profiles in the batch."""
        return len(self.profile_ids)

    @property
    def spoken(self) -> NDArray[np.object_]:
        """(m,) the language of each; the first one where it is not known."""
        return (
            np.full(self.size, evidence().first, object) if self.language is None else self.language
        )

    def history(self, i: int) -> NDArray[np.int32]:
        """Catalogue indices of what profile i played, newest first."""
        return self.title[self.entries_of(i)]

    @property
    def states(self) -> Viewing:
        """How each entry of the history stands; unknown where nothing tells."""
        return unknown(len(self.title)) if self.viewing is None else self.viewing


@dataclass(frozen=True)
class Ordered:
    """The whole catalogue as a ranker orders it for each profile."""

    ranker_id: str
    scores: NDArray[np.float32]  # (m, n), -inf where a title may not be shown or was played


@dataclass(frozen=True)
class Neighbours(Ragged):
    """Sparse item-to-item weights: for each title a list of others, strongest first."""

    title: NDArray[np.int32]
    weight: NDArray[np.float32]


def no_neighbours(titles: int) -> Neighbours:
    """So many titles that speak for nothing."""
    return Neighbours(
        np.zeros(titles + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32)
    )
