"""What a request asks for, read from its address: every text is checked before it is used."""
# Tested by tests/studio/test_views.py.

from datetime import date, datetime
from functools import cached_property

from starlette.requests import Request

from conf.days import parse_day, parse_instant
from conf.errors import UserMistake
from conf.pages import pages

LONGEST = 1_000  # characters of one text of an address


class Asked:
    """The parameters of a request; what is missing is None, what is wrong a UserMistake."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def text(self, name: str) -> str | None:
        """A text as it stands in the address; an empty one counts as missing."""
        value = self.request.query_params.get(name)
        if value and len(value) > LONGEST:
            raise UserMistake(f"{name} is longer than {LONGEST} characters")
        return value or None

    def required(self, name: str) -> str:
        """A text that has to be there."""
        value = self.text(name)
        if value is None:
            raise UserMistake(f"the address lacks {name}=; begin at the start page")
        return value

    def number(self, name: str, default: int, most: int = 1_000_000) -> int:
        """A whole number from 1 to `most`."""
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdecimal() and 1 <= int(value) <= most):
            raise UserMistake(f"{name} {value!r} is not a number from 1 to {most:,}")
        return int(value)

    @cached_property
    def ds(self) -> date | None:
        """The day."""
        value = self.text("ds")
        return parse_day(value) if value else None

    @cached_property
    def at(self) -> datetime | None:
        """The moment at which a page is looked at."""
        value = self.text("at")
        return parse_instant(value, "at") if value else None

    @cached_property
    def device(self) -> str:
        """The device, tv where none is named."""
        value = self.text("device") or "tv"
        pages().device(value)  # says which there are
        return value

    @cached_property
    def version(self) -> int | None:
        """A version of the published table."""
        return self.number("version", 0) if self.text("version") else None
