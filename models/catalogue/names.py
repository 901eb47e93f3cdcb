"""Names of titles as they are compared; what is shown stays as it came."""

import unicodedata


def name_key(name: str) -> str:
    """A name without what different systems write differently: composition of accents, case,
    blanks, and characters that are not seen.

    >>> name_key("AM\u00c9LIE ") == name_key("Ame\u0301lie")
    True
    """
    seen = (c for c in unicodedata.normalize("NFKC", name) if unicodedata.category(c) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", "".join(seen).casefold()).split())
