"""Ratings as flat arrays, and the matrices that the first stage is fitted on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class Ratings:
    """N ratings of m profiles and n titles; a rating is a play, whatever its stars."""

    profile: NDArray[np.int64]  # (N,) 0..m-1
    title: NDArray[np.int64]  # (N,) 0..n-1
    stars: NDArray[np.float64]  # (N,)
    at_s: NDArray[np.float64]  # (N,) epoch seconds UTC
    shape: tuple[int, int]  # (m, n)

    def __len__(self) -> int:
        """Number of ratings."""
        return len(self.profile)

    def where(self, keep: NDArray[np.bool_]) -> "Ratings":
        """The ratings that a mask (N,) keeps, in the same order, of the same profiles and titles."""
        return Ratings(
            self.profile[keep], self.title[keep], self.stars[keep], self.at_s[keep], self.shape
        )

    def rows(self, first: int, end: int) -> "Ratings":
        """The ratings from row `first` up to row `end`, of the same profiles and titles."""
        part = slice(first, end)
        return Ratings(
            self.profile[part], self.title[part], self.stars[part], self.at_s[part], self.shape
        )

    def matrix(self, weights: NDArray[np.floating] | None = None) -> sparse.csr_matrix:
        """The matrix (m, n) with a weight (N,) for each rating; 1 if none are given."""
        values = np.ones(len(self)) if weights is None else weights
        return sparse.csr_matrix((values, (self.profile, self.title)), shape=self.shape)

    @property
    def binary(self) -> sparse.csr_matrix:
        """The matrix (m, n) with 1 for each pair, however often it was played."""
        return self.matrix().sign()

    @property
    def played(self) -> NDArray[np.bool_]:
        """Which profile rated which title (m, n)."""
        return self.matrix().toarray() > 0
