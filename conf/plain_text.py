"""Text from outside as one line that a terminal, a log or a spreadsheet shows and never obeys."""

import unicodedata
from datetime import date, datetime
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for a formula
# change the direction of text, or hide in it: marks, embeddings, overrides, isolates, separators
_HIDDEN = frozenset("\u200b\u200e\u200f\u061c\u2028\u2029\ufeff") | {
    chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def one_line(text: object) -> str:
    r"""The text with every control and bidi code written out, so that it stays one plain line.

    >>> one_line("a\x1b[31mb\nc")
    'a\\x1b[31mb\\nc'
    """
    plain = str(text)
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(_written(character) for character in plain)


def cell(text: object) -> str:
    """A cell of a CSV file: one that a spreadsheet would take for a formula begins with an
    apostrophe.

    >>> cell("=1+1"), cell("-5"), cell("Film")
    ("'=1+1", '-5', 'Film')
    """
    plain = str(text)
    if plain.startswith(_FORMULA) and not _is_number(plain):
        return "'" + plain
    return plain


def readable(value: Any) -> str:
    """A value as a person reads it: lists in brackets, structs as key=value, instants in UTC.

    Control characters become blanks, so that no text from outside can steer the terminal.
    """
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        items = [readable(item) for item in value]
        return f"[{', '.join(items)}]"
    if isinstance(value, dict):
        fields = [f"{key}={readable(item)}" for key, item in value.items() if item is not None]
        return f"{{{', '.join(fields)}}}"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else repr(value)
    text = str(plain(value))
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def plain(value: Any) -> Any:
    """A value that JSON and CSV have: instants and days as ISO 8601, bytes as hexadecimal digits."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _written(character: str) -> str:
    if character not in _HIDDEN and unicodedata.category(character) not in ("Cc", "Cs"):
        return character
    if character < "\x7f":
        return character.encode("unicode_escape").decode("ascii")
    return f"\\u{ord(character):04x}"  # as JSON writes it, so that JSON stays what it was


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and not text.startswith(("\t", "\r", "\n"))
