"""Text from outside cannot steer a terminal, turn a line around or become a formula."""

import json

import pytest

from conf.plain_text import cell, one_line

CODES = ["\x00", "\x07", "\x1b[2J", "\r", "\n", "\x7f", "\x9b31m", "\u202e", "\u2066", "\u200f"]


@pytest.mark.parametrize("code", [*CODES, "\u2028", "\ufeff", "\ud800", "\u200b"])
def test_code_is_written_out(code: str) -> None:
    plain = one_line(f"a{code}b")
    assert plain.isprintable() and "\\" in plain and code[0] not in plain


def test_text_of_every_language_stays_as_it_is() -> None:
    for text in ("Amélie", "千と千尋", "שלום", "👩‍👩‍👧", "a\\b"):
        assert one_line(text) == text


@pytest.mark.parametrize("code", CODES)
def test_json_stays_what_it_was(code: str) -> None:
    value = {"name": f"a{code}b"}
    assert json.loads(one_line(json.dumps(value, ensure_ascii=False))) == value


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1"])
def test_cell_is_no_formula(text: str) -> None:
    assert cell(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Film", "-5", "+1.5e3", "3=3", "a@b"])
def test_cell_that_is_none_stays_as_it_is(text: str) -> None:
    assert cell(text) == text
