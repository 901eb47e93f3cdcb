"""The pictures of the catalogue's titles as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVELS = 11  # of representativeness: tenths, as editors judge it
INTS = NDArray[np.int64]


@dataclass(frozen=True)
class Pictures:
    """All pictures, sorted by title and artwork_id: those of title t are offsets[t]:offsets[t + 1].

    `theme` is an index into `themes`; a picture whose theme nobody named has the theme "".
    """

    offsets: INTS  # (n + 1,)
    artwork_ids: NDArray[np.object_]  # (p,) text
    themes: tuple[str, ...]
    theme: NDArray[np.int32]  # (p,)
    level: NDArray[np.int32]  # (p,) tenths of representativeness
    maturity: NDArray[np.int16]  # (p,) least age in years, -1 where it is the title's

    @property
    def size(self) -> int:
        """Number of pictures."""
        return len(self.artwork_ids)

    @property
    def title(self) -> INTS:
        """(p,) the title of each."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    def ages(self, titles: NDArray[np.integer]) -> NDArray[np.int16]:
        """Least age of each picture (p,), from its own or else its title's; `titles` (n,) are the titles' ages."""
        return np.where(self.maturity < 0, titles[self.title], self.maturity).astype(np.int16)


def no_pictures(titles: int) -> Pictures:
    """Empty pools for so many titles."""
    none = np.zeros(0, np.int32)
    return Pictures(
        np.zeros(titles + 1, np.int64), np.array([], object), (), none, none, none.astype(np.int16)
    )
