"""The artwork of the catalogue's titles as arrays: one pool for each title."""
# Tested by tests/models/artwork/test_gallery.py.

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.ragged import INTS, Ragged

LEVELS = 11  # of representativeness: tenths, as editors judge it


@dataclass(frozen=True)
class ArtworkPools(Ragged):
    """All p artworks by title and artwork_id; title t has offsets[t]:offsets[t + 1].

    `theme` is an index into `themes`; an artwork without a theme has the theme "".
    """

    artwork_ids: NDArray[np.object_]  # (p,) text
    themes: tuple[str, ...]
    theme: NDArray[np.int32]  # (p,)
    level: NDArray[np.int32]  # (p,) tenths of representativeness
    maturity: NDArray[np.int16]  # (p,) least age in years, -1 where it is the title's

    @property
    def size(self) -> int:
        """Number of artworks."""
        return len(self.artwork_ids)

    @property
    def sizes(self) -> INTS:
        """Number of artworks of each title (n,)."""
        return self.counts

    @property
    def title(self) -> INTS:
        """Title index of each artwork (p,)."""
        return self.owners

    def least_ages(self, title_ages: NDArray[np.integer]) -> NDArray[np.int16]:
        """Least age in years of each artwork (p,): its own, or else that of `title_ages` (n,)."""
        ages = np.where(self.maturity < 0, title_ages[self.title], self.maturity)
        return ages.astype(np.int16)


def empty_pools(titles: int) -> ArtworkPools:
    """Pools of a catalogue of `titles` titles that have no artwork."""
    none = np.zeros(0, np.int32)
    return ArtworkPools(
        offsets=np.zeros(titles + 1, np.int64),
        artwork_ids=np.array([], object),
        themes=(),
        theme=none,
        level=none,
        maturity=none.astype(np.int16),
    )
