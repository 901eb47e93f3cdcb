"""Ways to part a log into what a model may learn from and what it is judged on."""

import numpy as np
from numpy.typing import NDArray


def title_split(title: NDArray[np.integer], share: float, seed: int) -> NDArray[np.bool_]:
    """Mask (N,) of the training rows: of each title's rows, in random order, the first round(share x rows).

    The `python_stratified_split` of Microsoft Recommenders by item. The random order comes from NumPy's legacy
    generator, `np.random.seed(seed)` and one `rand` for each row, as there; halves are rounded to even.
    """
    random = np.random.RandomState(seed).rand(len(title))
    order = np.lexsort((random, title))
    counts = np.bincount(title)
    place = np.empty(len(title), np.int64)
    place[order] = np.arange(len(title)) - np.repeat(np.cumsum(counts) - counts, counts)
    return place < np.round(share * counts)[title]
