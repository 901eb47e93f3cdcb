"""A policy: beliefs about what artwork evokes, as a few draws, and their log-odds."""
# Tested by tests/models/artwork/test_choice.py and tests/models/artwork/test_trees.py.

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conf.draws import splitmix64_of
from conf.keys import sha256_text
from models.artwork.pools import LEVELS, ArtworkPools
from models.artwork.profile_features import F32, FeatureFrame

if TYPE_CHECKING:
    from lightgbm import Booster

    from models.rankers.package import Package

F64 = NDArray[np.float64]
KEYS = NDArray[np.uint64]


@dataclass(frozen=True)
class LinearBeliefs:
    """Linear beliefs: representativeness x (weights[theme] @ features + suit x suits[theme]).

    `suits` (m, themes + 1) says how well each theme suits the genres that a profile leans to.
    """

    draws: F32  # (s, themes + 1, f); the last theme stands for all that are unknown
    suit: F32  # (s,)

    def responses(self, features: F32, suits: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s) for profiles with `features` (m, f)."""
        by_theme = np.einsum("mf,stf->mts", features, self.draws, optimize=True)
        by_theme = by_theme + suits[:, :, None] * self.suit
        levels = representativeness_levels()
        return np.ascontiguousarray(by_theme[:, :, None, :] * levels[:, None])


@dataclass(frozen=True)
class TreeBeliefs:
    """Beliefs of trees: a LightGBM model for each draw."""

    packages: "tuple[Package, ...]"  # each with what proves it
    themes: int

    @cached_property
    def boosters(self) -> "tuple[Booster, ...]":
        """The models, loaded after proof; LightGBM takes half a second to import, and most readers
        have none.
        """
        from models.rankers.package import load

        return tuple(load(package) for package in self.packages)

    def responses(self, features: F32, suits: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s); an unknown theme has the mean of the known ones."""
        profiles = len(features)
        levels = representativeness_levels()
        grid = np.array(
            [(theme, level) for theme in range(self.themes) for level in levels], np.float32
        )
        theme = np.tile(grid[:, 0], profiles)
        suit = np.repeat(suits[:, : self.themes], LEVELS, axis=1).ravel()
        level = np.tile(grid[:, 1], profiles)
        rows = np.column_stack([np.repeat(features, len(grid), axis=0), theme, suit, level])
        predictions = [
            np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
            for booster in self.boosters
        ]
        by_draw = np.stack(predictions, axis=1)
        of_themes = by_draw.reshape(profiles, self.themes, LEVELS, -1)
        of_unknown = of_themes.mean(axis=1, keepdims=True)
        return np.concatenate([of_themes, of_unknown], axis=1).astype(np.float32)


class ArtworkEffect(NamedTuple):
    """What an artwork evokes beyond its theme."""

    mean: float  # log-odds
    spread: float  # log-odds, one standard deviation
    impressions: int


@dataclass(frozen=True)
class ArtworkPolicy:
    """Everything that determines a choice, except for chance."""

    frame: FeatureFrame
    themes: tuple[str, ...]
    associations: F32  # (themes + 1, g) of the frame's genres
    beliefs: LinearBeliefs | TreeBeliefs
    effects: dict[str, ArtworkEffect]  # by artwork_id
    unseen_spread: float  # log-odds, of an artwork without impressions
    scale: float = 1.0  # narrows the draws about their mean, to keep to the budget of exploration
    greedy: bool = False  # whether the mean belief decides instead of the draws
    text: str = ""  # as stored

    @property
    def version(self) -> str:
        """Name and first 12 hex digits of the sha256 of the stored text."""
        return f"artwork-{sha256_text(self.text)[:12]}"

    def responses(self, features: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s) of each draw, narrowed by `scale`."""
        by_draw = self.beliefs.responses(features, self.suits(features))
        mean = by_draw.mean(axis=-1, keepdims=True)
        if self.greedy:
            return mean
        return (mean + self.scale * (by_draw - mean)).astype(np.float32)

    def suits(self, features: F32) -> F32:
        """How well each theme suits the genres that each profile leans to (m, themes + 1)."""
        first_genre = features.shape[1] - len(self.frame.genres)
        return np.asarray(features[:, first_genre:] @ self.associations.T, np.float32)

    def narrowed(self, scale: float) -> "ArtworkPolicy":
        """The same beliefs with draws nearer to their mean."""
        return replace(self, scale=scale)

    def theme_indices(self, pools: ArtworkPools) -> NDArray[np.int32]:
        """Index of each artwork's theme among the policy's (p,); the last for unknown ones."""
        if not pools.size:
            return pools.theme
        return theme_indices(pools.themes, self.themes)[pools.theme]

    def artwork_effects(self, pools: ArtworkPools, keys: KEYS, draws: int) -> F32:
        """Log-odds that each draw adds for each artwork (p, s).

        `keys` (p,) are those of the artworks: the same artwork gets the same random numbers in
        every policy.
        """
        unseen = ArtworkEffect(0.0, self.unseen_spread, 0)
        effects = [self.effects.get(artwork_id, unseen) for artwork_id in pools.artwork_ids]
        mean = np.array([effect.mean for effect in effects], np.float64)[:, None]
        spread = np.array([effect.spread for effect in effects], np.float64)[:, None]
        if draws == 1 or not pools.size:
            return np.broadcast_to(mean, (pools.size, draws)).astype(np.float32)
        return (mean + self.scale * spread * standard_normals(keys, draws)).astype(np.float32)

    def impressions(self, pools: ArtworkPools) -> NDArray[np.int64]:
        """Number of impressions of each artwork (p,)."""
        unseen = ArtworkEffect(0.0, 0.0, 0)
        effects = [self.effects.get(artwork_id, unseen) for artwork_id in pools.artwork_ids]
        return np.array([effect.impressions for effect in effects], np.int64)


def theme_indices(names: tuple[str, ...], themes: tuple[str, ...]) -> NDArray[np.int32]:
    """Index of each name in `themes`, the number of themes for a name that is not among them."""
    index = {theme: number for number, theme in enumerate(themes)}
    return np.array([index.get(name, len(themes)) for name in names], np.int32)


def representativeness_levels() -> F32:
    """Representativeness at each level (LEVELS,), from 0 to 1."""
    return np.linspace(0, 1, LEVELS, dtype=np.float32)


def standard_normals(keys: KEYS, draws: int) -> F64:
    """Standard normal numbers (k, draws) by key and draw alone (Box and Muller, 1958)."""
    counter = np.arange(2 * draws, dtype=np.uint64)
    bits = splitmix64_of(keys[:, None] ^ splitmix64_of(counter + np.uint64(1)))
    uniform = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    radius = np.sqrt(-2 * np.log(uniform[:, :draws]))
    angle = 2 * np.pi * uniform[:, draws:]
    normals: F64 = radius * np.cos(angle)
    return normals
