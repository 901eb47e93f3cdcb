"""Features of a profile that a policy may use; the same function serves learning and choosing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


@dataclass(frozen=True)
class FeatureFrame:
    """The population that a profile is compared with: genre shares of all plays, countries."""

    genres: tuple[str, ...]
    shares: tuple[float, ...]  # of titles played that have the genre; a title may have several
    countries: tuple[str, ...]
    prior: float  # titles of the population's mix that are added to a profile's history

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each feature, in the order of the columns."""
        countries = (f"country {country}" for country in self.countries)
        genres = (f"genre {genre}" for genre in self.genres)
        return ("always", "kids", *countries, *genres)

    @property
    def first_genre(self) -> int:
        """Column of the first genre feature; the genres are the last columns."""
        return len(self.names) - len(self.genres)


def feature_frame(
    genres: Sequence[str],
    genre_counts: NDArray[np.integer],
    played: NDArray[np.integer],
    countries: Sequence[str],
    prior: float,
) -> FeatureFrame:
    """The frame of a population of m profiles.

    `genre_counts` (m, g) counts the titles of each genre that each played, `played` (m,) all titles
    it played.
    """
    total = max(int(played.sum()), 1)
    shares = np.maximum(genre_counts.sum(axis=0), 0.5) / total
    countries_with_name = sorted(set(countries) - {""})
    return FeatureFrame(
        tuple(genres), tuple(float(share) for share in shares), tuple(countries_with_name), prior
    )


def profile_features(
    frame: FeatureFrame,
    genre_counts: NDArray[np.integer],
    played: NDArray[np.integer],
    kids: NDArray[np.bool_],
    country: NDArray[np.object_],
) -> F32:
    """Features (m, f) of m profiles, in the order of `frame.names`.

    The feature of a genre is log((c + k s) / ((n + k) s)): c of the n titles played have it, s is
    the population's share, k the prior. It says by how much the profile plays the genre more than
    others do; 0 without any plays.
    """
    share, prior = np.array(frame.shares), frame.prior
    smoothed_count = genre_counts + prior * share
    expected_count = (played[:, None] + prior) * share
    leaning = np.log(smoothed_count / expected_count)
    is_country = np.array([[name == other for other in frame.countries] for name in country], bool)
    is_country = is_country.reshape(len(genre_counts), len(frame.countries))
    always = np.ones(len(genre_counts))
    return np.column_stack([always, kids, is_country, leaning]).astype(np.float32)


def theme_associations(
    themes: Sequence[str],
    artwork_theme: NDArray[np.integer],
    theme_names: Sequence[str],
    genres: NDArray[np.bool_],
    prior: float,
) -> F32:
    """What each genre adds to how often a theme is seen (themes + 1, g), from the catalogue alone.

    The coefficients of a ridge regression of [the artwork has the theme] on the genres of its
    title, over the theme's share of artworks. So a genre has nothing of a theme that only comes
    with it as it comes with another genre. `prior` counts artworks. The last row, of unknown
    themes, is 0. `artwork_theme` (p,) are indices into `theme_names`, `genres` (p, g) marks the
    genres of each artwork's title.
    """
    associations = np.zeros((len(themes) + 1, genres.shape[1]), np.float32)
    if not len(genres):
        return associations
    centred = genres - genres.mean(axis=0)
    inverse = np.linalg.inv(centred.T @ centred + prior * np.eye(genres.shape[1]))
    for row, theme in enumerate(themes):
        has_theme = artwork_theme == list(theme_names).index(theme)
        associations[row] = (
            inverse @ (centred.T @ has_theme) / max(has_theme.mean(), 1 / len(genres))
        )
    return associations
