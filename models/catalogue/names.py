"""Names of titles as they are compared; what is shown stays as it came."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e", '"')
)


@lru_cache(maxsize=32_768)  # a process that answers many times asks for the same names each time
def name_key(name: str) -> str:
    """A name without what different systems write differently: composition of accents, case,
    blanks, the forms of dashes and quotes, and characters that are not seen.

    >>> name_key("AM\u00c9LIE ") == name_key("Ame\u0301lie")
    True
    """
    name = name.translate(QUOTES)
    if name.isascii():  # most are, and have only case and blanks that differ
        return " ".join(name.casefold().split())
    kinds = ((c, unicodedata.category(c)) for c in unicodedata.normalize("NFKC", name))
    seen = ("-" if kind == "Pd" else c for c, kind in kinds if kind != "Cf")
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
