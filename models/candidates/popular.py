"""What everybody plays: the same for each profile."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True)
class Popular:
    """Play counts (n,) as scores."""

    counts: NDArray[np.floating]

    def scores(self, histories: sparse.csr_matrix) -> NDArray[np.float32]:
        """The counts (m, n), one line for each profile; a view that may not be written to."""
        return np.broadcast_to(
            self.counts.astype(np.float32), (histories.shape[0], len(self.counts))
        )
