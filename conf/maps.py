"""Maps: how files that are not of the landing contract are read, `conf/maps/*.yaml` or a file of
your own.
"""
# Tested by tests/jobs/io/landing/test_mapped.py.

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from conf.contracts import columns
from conf.errors import UserMistake
from conf.landing import file_columns, landed_tables
from conf.settings import ROOT, Frozen, load_yaml

FOLDER = ROOT / "conf" / "maps"
FLAG = ": "  # of a column that says with 1 whether a list has an item: "genres: Drama"


class FileMap(Frozen):
    """Files of one table. `file` is a pattern of names below the input directory.

    `columns` are the contract's names of the columns of a file without a header, "" for those that
    are left out; `names` translates a header, or the fields of JSON (`show.ids.imdb`). Where a
    record says nothing, `constants` say it, and of `copies` the column that it is as; `joined` are
    columns made of several fields of JSON, as 1x02 is. With `section` a line like `17:` tells the value of
    that column for the lines after it. With `rest_in_last` the last column may hold delimiters.
    """

    file: str
    delimiter: str = ""  # by the header, unless told
    quoted: bool = True
    encoding: Literal["utf-8", "latin-1", "cp1252"] = "utf-8"
    columns: tuple[str, ...] = ()
    names: dict[str, str] = Field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    constants: dict[str, str] = Field(default_factory=dict)
    copies: dict[str, str] = Field(default_factory=dict)
    section: str = ""
    rest_in_last: bool = False
    separator: str = "|"
    missing: tuple[str, ...] = ()
    zone: str = ""
    unit: Literal["", "seconds", "milliseconds", "microseconds", "nanoseconds"] = ""
    decimal: Literal[".", ","] = "."
    year_in_name: bool = False
    article_last: bool = False

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str) -> str:
        return checked_zone(zone)

    @property
    def is_rewritten(self) -> bool:
        """Whether the lines of a file have to be written anew before they are records."""
        flags = any(FLAG in name for name in self.columns)
        wide = len(self.delimiter) > 1
        return bool(self.encoding != "utf-8" or self.section or self.rest_in_last or flags or wide)


class LandingMap(Frozen):
    """How the files of a directory are read: of each table the first entry whose files are there."""

    about: str = ""
    terms: str = ""
    tables: dict[str, tuple[FileMap, ...]] = Field(min_length=1)

    @model_validator(mode="after")
    def _columns_are_of_the_contract(self) -> "LandingMap":
        for table, entries in self.tables.items():
            if table not in landed_tables():
                raise ValueError(
                    f"{table} is no table that files feed: {', '.join(landed_tables())}"
                )
            for entry in entries:
                of_file = {name.partition(FLAG)[0] for name in entry.columns} - {""}
                section = {entry.section} if entry.section else set()
                added = {*entry.constants, *entry.copies, *entry.copies.values(), *entry.joined}
                named = {*of_file, *entry.names.values(), *added, *section}
                unknown = sorted(named - set(file_columns(table)))
                if unknown:
                    raise ValueError(
                        f"{unknown[0]} is no column of {table}; it has {', '.join(file_columns(table))}"
                    )
                lists = [n for n in entry.constants if columns()[n].type.startswith("array")]
                if lists:
                    raise ValueError(f"constants: {lists[0]} is a list, and cannot be a constant")
        return self


def checked_zone(zone: str) -> str:
    """A time zone's name, if there is one of it."""
    if zone:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"{zone!r} is no time zone; write one as Europe/Berlin or UTC"
            ) from None
    return zone


def map_names() -> tuple[str, ...]:
    """The maps that come with the project."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def landing_map(name: str) -> LandingMap:
    """A map by its name, or by the path of a file of one's own."""
    own = Path(name)
    path = FOLDER / f"{name}.yaml" if name in map_names() else own
    if not path.is_file():
        raise UserMistake(
            f"--map {name}: there is no such file; give a file, or one of: {', '.join(map_names())}"
        )
    try:
        return load_yaml(LandingMap, path)
    except UnicodeDecodeError:
        raise UserMistake(f"--map {name}: is not UTF-8") from None
