"""A policy: beliefs about what pictures evoke, as a few draws; and what each draw says of a member and a picture."""

from dataclasses import dataclass, replace
from functools import cached_property

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from conf.keys import sha256_text
from models.artwork.pictures import LEVELS, Pictures
from models.artwork.profile_features import F32, Frame

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Linear beliefs, one set for each draw: representativeness x (weights[theme] @ traits + suit x suits[theme]).

    `suits` (m, themes + 1) says how well each theme suits the genres that a member leans to.
    """

    draws: F32  # (s, themes + 1, f); the last theme stands for all that are unknown
    suit: F32  # (s,)

    def responses(self, members: F32, suits: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s)."""
        told = (
            np.einsum("mf,stf->mts", members, self.draws, optimize=True)
            + suits[:, :, None] * self.suit
        )
        return np.ascontiguousarray(told[:, :, None, :] * levels()[:, None])


@dataclass(frozen=True)
class Forest:
    """Beliefs of trees: a LightGBM model as text for each draw, on traits, theme, suit and representativeness."""

    models: tuple[str, ...]
    themes: int

    @cached_property
    def boosters(self) -> tuple[lgb.Booster, ...]:
        """The models, loaded."""
        return tuple(lgb.Booster(model_str=text) for text in self.models)

    def responses(self, members: F32, suits: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s); an unknown theme is believed to be the mean of the known ones."""
        size, grid = (
            len(members),
            np.array([(t, r) for t in range(self.themes) for r in levels()], np.float32),
        )
        theme = np.tile(grid[:, 0], size)
        suit = np.repeat(suits[:, : self.themes], LEVELS, axis=1).ravel()
        rows = np.column_stack(
            [np.repeat(members, len(grid), axis=0), theme, suit, np.tile(grid[:, 1], size)]
        )
        told = np.stack(
            [np.asarray(b.predict(rows, raw_score=True, num_threads=1)) for b in self.boosters],
            axis=1,
        )
        known = told.reshape(size, self.themes, LEVELS, -1)
        return np.concatenate([known, known.mean(axis=1, keepdims=True)], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Policy:
    """Everything that makes a choice but chance. `effects` maps artwork_id to what the picture has of its own."""

    frame: Frame
    themes: tuple[str, ...]
    associations: F32  # (themes + 1, g) of the frame's genres
    beliefs: Weights | Forest
    effects: dict[
        str, tuple[float, float, int]
    ]  # artwork_id: mean and spread in log-odds, impressions
    unseen_spread: float  # of a picture that was never shown
    scale: float = (
        1.0  # by which draws are narrowed about their mean, to keep to the budget of exploration
    )
    greedy: bool = False  # the mean belief alone decides, but for the shares of chance
    text: str = ""  # as it was kept

    @property
    def version(self) -> str:
        """Name and first 12 hex digits of the sha256 of what was kept."""
        return f"artwork-{sha256_text(self.text)[:12]}"

    def responses(self, members: F32) -> F32:
        """Log-odds (m, themes + 1, LEVELS, s) of each draw, narrowed."""
        told = self.beliefs.responses(members, self.suits(members))
        mean = told.mean(axis=-1, keepdims=True)
        return mean if self.greedy else (mean + self.scale * (told - mean)).astype(np.float32)

    def suits(self, members: F32) -> F32:
        """(m, themes + 1) how well each theme suits the genres that each member leans to."""
        return np.asarray(
            members[:, members.shape[1] - len(self.frame.genres) :] @ self.associations.T,
            np.float32,
        )

    def narrowed(self, scale: float) -> "Policy":
        """The same beliefs with draws nearer to their mean."""
        return replace(self, scale=scale)

    def known_themes(self, pictures: Pictures) -> NDArray[np.int32]:
        """(p,) the theme of each picture among the policy's, the last place for one it does not know."""
        at = {theme: place for place, theme in enumerate(self.themes)}
        by_theme = np.array(
            [at.get(theme, len(self.themes)) for theme in pictures.themes], np.int32
        )
        return by_theme[pictures.theme] if pictures.size else pictures.theme

    def picture_effects(self, pictures: Pictures, keys: NDArray[np.uint64], draws: int) -> F32:
        """(p, s) what each draw believes of each picture; the same picture has the same luck in every version."""
        told = [
            self.effects.get(name, (0.0, self.unseen_spread, 0)) for name in pictures.artwork_ids
        ]
        mean, spread = (
            np.array([entry[place] for entry in told], np.float64)[:, None] for place in (0, 1)
        )
        if draws == 1 or not pictures.size:
            return np.broadcast_to(mean, (pictures.size, draws)).astype(np.float32)
        return (mean + self.scale * spread * normals(keys, draws)).astype(np.float32)

    def impressions(self, pictures: Pictures) -> NDArray[np.int64]:
        """(p,) how often each picture was shown."""
        return np.array(
            [self.effects.get(name, (0.0, 0.0, 0))[2] for name in pictures.artwork_ids], np.int64
        )


def levels() -> F32:
    """Representativeness at each level."""
    return np.linspace(0, 1, LEVELS, dtype=np.float32)


def normals(keys: NDArray[np.uint64], draws: int) -> F64:
    """(k, draws) standard normals that depend on the key and the draw alone, by Box and Muller (1958)."""
    at = np.arange(2 * draws, dtype=np.uint64)
    with np.errstate(over="ignore"):
        mixed = mix(keys[:, None] ^ mix(at + np.uint64(1)))
    uniform = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    told: F64 = np.sqrt(-2 * np.log(uniform[:, :draws])) * np.cos(2 * np.pi * uniform[:, draws:])
    return told


def mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014), on arrays."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
