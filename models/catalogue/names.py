"""Names of titles as they are compared; what is shown stays as it came."""

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def name_key(name: str) -> str:
    """A name without what different systems write differently: composition of accents, case,
    blanks, and characters that are not seen.

    >>> name_key("AM\u00c9LIE ") == name_key("Ame\u0301lie")
    True
    """
    seen = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", "".join(seen).casefold()).split())


def repeated_names(
    names: Sequence[str], years: NDArray[np.float32], plays: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Mask (n,) of titles listed twice: one of the same name and year was played as often.

    Of equal plays the first stays. A title of an unknown year has no duplicate, since NaN equals
    nothing.
    """
    mask, keys = np.zeros(len(names), bool), set()
    for title in np.lexsort((np.arange(len(names)), -plays)):
        key = (name_key(names[title]), float(years[title]))
        mask[title] = key in keys
        keys.add(key)
    return mask
