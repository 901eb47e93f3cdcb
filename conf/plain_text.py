"""Text from outside as one line that a terminal, a log or a spreadsheet shows and never obeys."""

import unicodedata

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
