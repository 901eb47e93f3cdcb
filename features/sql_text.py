"""Texts as SQL has them."""

from collections.abc import Sequence


def quoted(text: str) -> str:
    """A text as SQL has it.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def quoted_list(texts: Sequence[str]) -> str:
    """Some texts as a list in SQL."""
    return f"[{', '.join(map(quoted, texts))}]::VARCHAR[]"
