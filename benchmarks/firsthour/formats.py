"""The formats of the trade, a small directory each, and whether its records land as they were meant.

Every directory says the same of two members and two films, as far as its format can.
"""

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

from jobs.ingest_events import files_to_land, ingest_events
from jobs.io.landing.files import Reading
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.survey import survey
from jobs.io.session import open_session
from jobs.io.tables import arrow as arrow_tables

Write = Callable[[Path], None]
Rows = tuple[dict[str, Any], ...]
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FIRST, SECOND = 881250949, 881254549  # 1997-12-04T15:55:49Z, an hour later
HEADER = "profile_id,title_id,event_at\n"
EVENTS = f"{HEADER}a,1,{FIRST}\nb,2,{SECOND}\n"
TITLES = "title_id,name,genres\n1,Heat,Crime|Drama\n2,Up,\n"
PLAYS: Rows = (
    {"profile_id": "a", "title_id": "1", "event_at": FIRST, "kind": "play"},
    {"profile_id": "b", "title_id": "2", "event_at": SECOND, "kind": "play"},
)
FILMS: Rows = (
    {"title_id": "1", "name": "Heat", "genres": ["Crime", "Drama"]},
    {"title_id": "2", "name": "Up", "genres": None},
)


class Format(NamedTuple):
    """How a directory is written and read, and what its events and titles have to say."""

    write: Write
    events: Rows = PLAYS
    titles: Rows = FILMS
    zone: str = ""
    map_text: str = ""  # a map of one's own
    map_name: str = ""


def files(**bodies: str | bytes) -> Write:
    """Files by name, with __ for a slash and a dot for each other underscore."""

    def write(folder: Path) -> None:
        for name, body in bodies.items():
            path = folder / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body.encode() if isinstance(body, str) else body)

    return write


def with_titles(**bodies: str | bytes) -> Write:
    """The same beside titles.csv."""
    return files(titles_csv=TITLES, **bodies)


def by_delimiter(mark: str) -> Write:
    """Both tables with another mark between fields; where that is a bar, items have a comma."""
    items = "," if mark == "|" else "|"
    titles = TITLES.replace(",", mark).replace("Crime|Drama", f"Crime{items}Drama")
    return files(events_csv=EVENTS.replace(",", mark), titles_csv=titles)


def _records(rows: Rows) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k != "kind"} for row in rows]


def json_lines(rows: Rows) -> str:
    """Rows as JSON lines."""
    return "".join(json.dumps(row) + "\n" for row in _records(rows))


def events_table(**columns: pa.Array) -> pa.Table:
    """The events as Arrow, with some columns of another type."""
    plain = {
        "profile_id": pa.array(["a", "b"]),
        "title_id": pa.array([1, 2], pa.int32()),
        "event_at": pa.array([FIRST, SECOND], pa.int64()),
    }
    return pa.table(plain | columns)


def parquet(table: pa.Table, name: str = "events.parquet", **options: Any) -> Write:
    """A Parquet file beside titles.csv."""

    def write(folder: Path) -> None:
        with_titles()(folder)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, folder / name, **options)

    return write


def _instants(unit: str, zone: str | None = "UTC") -> pa.Array:
    factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    return pa.array([FIRST * factor, SECOND * factor], pa.timestamp(unit, zone))


def _delta(folder: Path) -> None:
    with_titles()(folder)
    write_deltalake(str(folder / "events"), events_table(profile_id=pa.array(["old", "old"])))
    write_deltalake(str(folder / "events"), events_table(), mode="overwrite")


def _parts(folder: Path) -> None:
    bodies = (f"{HEADER}a,1,{FIRST}\n", f"{HEADER}b,2,{SECOND}\n")
    with_titles(
        **{"events__part-0_csv": bodies[0], "events__part-1_csv": bodies[1], "events__.crc": "x"}
    )(folder)
    (folder / "events" / "_SUCCESS").touch()
    (folder / "events" / "_temporary").mkdir()
    (folder / "events" / "_temporary" / "part-2.csv").write_text("half a li")


def _small_files(folder: Path) -> None:
    with_titles()(folder)
    (folder / "events").mkdir()
    lines = EVENTS.splitlines()[1:]
    for number in range(100):
        text = f"{HEADER}{lines[number % 2]}\n" + f"c{number},1,{FIRST + number}\n"
        (folder / "events" / f"part-{number:03d}.csv").write_text(text)


def _netflix_prize(folder: Path) -> None:
    ratings = "1:\na,4.5,1997-12-04\n2:\nb,4.5,1997-12-05\n"
    (folder / "combined_data_1.txt").write_text(ratings)
    (folder / "movie_titles.csv").write_text("1,1995,Heat\n2,2009,Up\n")


def own_map(events: str, titles: str = "{file: titles.csv}") -> str:
    """The text of a map."""
    return f"tables:\n  events: [{events}]\n  titles: [{titles}]\n"


STARS: Rows = tuple(row | {"value": 4.5} for row in PLAYS)
NAMES: Rows = (
    {"title_id": "1", "name": "Heat", "year": 1995},
    {"title_id": "2", "name": "Up", "year": 2009},
)
NAMED_FILMS: Rows = tuple(name | film for name, film in zip(NAMES, FILMS, strict=True))
CRIME = "0|" * 6 + "1|0|1" + "|0" * 10  # the flags of Crime and Drama among those of u.item
NO_FLAG = "|".join("0" * 19)
ISO = ("1997-12-04T15:55:49", "1997-12-04T16:55:49")
LOCAL = ("1997-12-04 16:55:49", "1997-12-04 17:55:49")  # in Berlin
QUOTES = 'title_id,name\n1,"The \\"x\\""\n2,"5\\" disc"\n'
NESTED = pa.table(
    {"user": pa.array([{"id": "a"}, {"id": "b"}]), "title_id": [1, 2], "event_at": [FIRST, SECOND]}
)
WORDS = (
    f"{HEADER[:-1]},kind,device,country\na,1,{FIRST},View,ROKU,usa\nb,2,{SECOND},watched,i-Pad,UK\n"
)
NULLS = f"{HEADER[:-1]},kind,value,device,country\na,1,{FIRST},\\N,\\N,\\N,\\N\nb,2,{SECOND},NULL,,NULL,NULL\n"
EPISODES = f"{HEADER[:-1]},episode\na,1,{FIRST},1x02\nb,2,{SECOND},Season 1 Episode 2\n"
BY_DAY: Rows = (
    {"profile_id": "a", "title_id": "1", "event_at": 881269199, "watched_seconds": 4250},
    {"profile_id": "b", "title_id": "2", "event_at": 881355599, "watched_seconds": 60},
)
SPARK_JSON = {
    f"events__part-0000{n}_json": line for n, line in enumerate(json_lines(PLAYS).splitlines(True))
}

FORMATS: Mapping[str, Format] = {
    "csv": Format(files(events_csv=EVENTS, titles_csv=TITLES)),
    "csv, Windows": Format(with_titles(events_csv="\ufeff" + EVENTS.replace("\n", "\r\n"))),
    "csv, line breaks within quotes": Format(
        files(events_csv=EVENTS, titles_csv='title_id,name\n1,"Heat\nagain"\n2,Up\n'),
        titles=({"title_id": "1", "name": "Heat again"}, {"title_id": "2", "name": "Up"}),
    ),
    "csv, quotes behind a backslash": Format(
        files(events_csv=EVENTS, titles_csv=QUOTES),
        titles=({"title_id": "1", "name": 'The "x"'}, {"title_id": "2", "name": '5" disc'}),
    ),
    "tabs": Format(by_delimiter("\t")),
    "semicolons": Format(by_delimiter(";")),
    "bars": Format(by_delimiter("|")),
    "double colons": Format(by_delimiter("::")),
    "tsv": Format(files(events_tsv=EVENTS.replace(",", "\t"), titles_csv=TITLES)),
    "csv.gz": Format(files(events_csv_gz=gzip.compress(EVENTS.encode()), titles_csv=TITLES)),
    "csv.gz of several members": Format(
        with_titles(
            events_csv_gz=gzip.compress(HEADER.encode())
            + gzip.compress(EVENTS[len(HEADER) :].encode())
        )
    ),
    "csv.zst": Format(
        with_titles(events_csv_zst=pa.Codec("zstd").compress(EVENTS.encode(), asbytes=True))
    ),
    "csv.bz2": Format(with_titles(events_csv_bz2=bz2.compress(EVENTS.encode()))),
    "csv.xz": Format(with_titles(events_csv_xz=lzma.compress(EVENTS.encode()))),
    "jsonl": Format(files(events_jsonl=json_lines(PLAYS), titles_jsonl=json_lines(FILMS))),
    "ndjson": Format(with_titles(events_ndjson=json_lines(PLAYS))),
    "json, one array": Format(with_titles(events_json=json.dumps(_records(PLAYS), indent=1))),
    "jsonl.gz": Format(with_titles(events_jsonl_gz=gzip.compress(json_lines(PLAYS).encode()))),
    "jsonl.zst": Format(
        with_titles(
            events_jsonl_zst=pa.Codec("zstd").compress(json_lines(PLAYS).encode(), asbytes=True)
        )
    ),
    "parts with marks of their writer": Format(_parts),
    "parts ending in .json": Format(with_titles(**SPARK_JSON)),
    "Hive folders": Format(
        with_titles(
            **{
                "events__country=US__day=1__part-0_csv": f"{HEADER}a,1,{FIRST}\n",
                "events__country=GB__day=2__part-0_csv": f"{HEADER}b,2,{SECOND}\n",
            }
        ),
        events=tuple(row | {"country": c} for row, c in zip(PLAYS, ("US", "GB"), strict=True)),
    ),
    "Delta": Format(_delta),
    "many small files": Format(_small_files),
    "parquet": Format(parquet(events_table())),
    "parquet, folder of parts": Format(
        parquet(events_table(), "events.parquet/part-0.snappy.parquet")
    ),
    "parquet, INT96": Format(
        parquet(events_table(event_at=_instants("ns", None)), use_deprecated_int96_timestamps=True)
    ),
    "parquet, nanoseconds": Format(parquet(events_table(event_at=_instants("ns")))),
    "parquet, milliseconds": Format(parquet(events_table(event_at=_instants("ms")))),
    "parquet, without a zone": Format(
        parquet(
            events_table(
                event_at=pa.array([t + 3600 for t in (FIRST, SECOND)]).cast(pa.timestamp("s"))
            )
        ),
        zone="Europe/Berlin",
    ),
    "parquet, dictionary": Format(
        parquet(events_table(profile_id=pa.array(["a", "b"]).dictionary_encode()))
    ),
    "parquet, large texts": Format(
        parquet(events_table(profile_id=pa.array(["a", "b"], pa.large_string())))
    ),
    "parquet, bytes": Format(parquet(events_table(profile_id=pa.array([b"a", b"b"])))),
    "parquet, decimals": Format(
        parquet(events_table(title_id=pa.array([1, 2], pa.decimal128(20, 0))))
    ),
    "parquet, nested": Format(
        parquet(NESTED, "views.parquet"),
        map_text=own_map("{file: views.parquet, names: {user.id: profile_id}}"),
    ),
    "instants without seconds": Format(
        with_titles(events_csv=f"{HEADER}a,1,1997-12-04T15:55Z\nb,2,1997-12-04 16:55 UTC\n"),
        events=tuple(row | {"event_at": row["event_at"] - 49} for row in PLAYS),
    ),
    "instants without a zone": Format(
        with_titles(events_csv=f"{HEADER}a,1,{LOCAL[0]}\nb,2,{LOCAL[1]}\n"), zone="Europe/Berlin"
    ),
    "milliseconds": Format(
        with_titles(views_csv=f"{HEADER}a,1,{FIRST}000\nb,2,{SECOND}000\n"),
        map_text=own_map("{file: views.csv, unit: milliseconds}"),
    ),
    "decimal commas": Format(
        with_titles(stars_csv=f"who;what;when;stars\na;1;{ISO[0]}Z;4,5\nb;2;{ISO[1]}Z;4,5\n"),
        STARS,
        map_text=own_map(
            "{file: stars.csv, decimal: ',', names: {who: profile_id, what: title_id, when: event_at,"
            " stars: value}, constants: {kind: rating}}"
        ),
    ),
    "Latin-1": Format(
        files(events_csv=EVENTS, films_csv="title_id,name\n1,Caf\xe9\n2,Up\n".encode("latin-1")),
        titles=({"title_id": "1", "name": "Café"}, {"title_id": "2", "name": "Up"}),
        map_text=own_map("{file: events.csv}", "{file: films.csv, encoding: latin-1}"),
    ),
    "nulls of databases": Format(
        with_titles(events_csv=NULLS),
        events=tuple(row | {"value": None, "device": None, "country": None} for row in PLAYS),
    ),
    "words of others": Format(
        with_titles(events_csv=WORDS),
        events=(
            PLAYS[0] | {"device": "tv", "country": "US"},
            PLAYS[1] | {"device": "tablet", "country": "GB"},
        ),
    ),
    "episodes": Format(
        with_titles(events_csv=EPISODES), events=tuple(row | {"episode": "S01E02"} for row in PLAYS)
    ),
    "genres that are none": Format(
        files(
            events_csv=EVENTS,
            titles_csv="title_id,name,genres\n1,Heat,Crime|unknown|Drama\n2,Up,(no genres listed)\n",
        )
    ),
    "ratings alone": Format(
        with_titles(
            events_csv=f"{HEADER[:-1]},kind,value\na,1,{FIRST},rating,4.5\nb,2,{SECOND},rating,4.5\n"
        ),
        STARS,
    ),
    "MovieLens, ratings.csv": Format(
        files(
            ratings_csv=f"userId,movieId,rating,timestamp\na,1,4.5,{FIRST}\nb,2,4.5,{SECOND}\n",
            movies_csv="movieId,title,genres\n1,Heat (1995),Crime|Drama\n2,Up (2009),(no genres listed)\n",
            links_csv="movieId,imdbId,tmdbId\n1,0113277,949\n",
        ),
        STARS,
        NAMED_FILMS,
    ),
    "MovieLens, ratings.dat": Format(
        files(
            ratings_dat=f"a::1::4.5::{FIRST}\nb::2::4.5::{SECOND}\n",
            movies_dat="1::Heat (1995)::Crime|Drama\n2::Up (2009)::\n",
            users_dat="a::F::1::10::48067\n",
        ),
        STARS,
        NAMED_FILMS,
    ),
    "MovieLens, u.data": Format(
        files(
            u_data=f"a\t1\t4.5\t{FIRST}\nb\t2\t4.5\t{SECOND}\n",
            u_item=f"1|Heat (1995)|01-Jan-1995||x|{CRIME}\n2|Up (2009)|||x|{NO_FLAG}\n",
        ),
        STARS,
        NAMED_FILMS,
    ),
    "KION": Format(
        files(
            interactions_csv="user_id,item_id,last_watch_dt,total_dur,watched_pct\n"
            "a,1,1997-12-04,4250,72.0\nb,2,1997-12-05,60,\n",
            items_csv="item_id,content_type,title,release_year,genres,age_rating\n"
            '1,film,Heat,1995.0,"Crime, Drama",16.0\n'
            "2,series,Up,2009.0,,0.0\n",
        ),
        BY_DAY,
        NAMED_FILMS,
        map_name="kion",
    ),
    "Netflix Prize": Format(
        _netflix_prize,
        (
            {"profile_id": "a", "title_id": "1", "value": 4.5, "kind": "play"},
            {"profile_id": "b", "title_id": "2"},
        ),
        NAMES,
        map_name="netflix_prize",
    ),
}


def read_right(name: str) -> bool:
    """Whether a format is read as it was meant, by the rules that a landing reads it by. No Spark."""
    with _directory(name) as (folder, reading):
        landings = files_to_land("files", str(folder), lambda _: None, reading)
        with survey(landings, NOW) as database:
            found = {table: _found(database, f"landed_{table}") for table in ("events", "titles")}
    return _meant(FORMATS[name], found, ratings={"play", "rating"})


def landed_right() -> dict[str, bool]:
    """Of each format whether its records stand in the tables as they were meant, in tables of its own."""
    spark = open_session("formats")
    try:
        return {name: _landed_right(spark, name) for name in FORMATS}
    finally:
        spark.stop()


def _landed_right(spark: Any, name: str) -> bool:
    with _directory(name) as (folder, reading):
        landings = files_to_land("files", str(folder), lambda _: None, reading)
        quiet: Callable[[str], None] = lambda _: None  # noqa: E731
        ingest_events(spark, "files", landings, LandingOptions(None, NOW, 0.0), quiet, quiet)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            for table in ("events", "titles"):
                stored = arrow_tables.open_table(table)
                if stored is None:
                    return False
                database.register(table, stored.to_pyarrow_table())
            found = {table: _found(database, table) for table in ("events", "titles")}
    return _meant(FORMATS[name], found, ratings={"play"})


@contextmanager
def _directory(name: str) -> Iterator[tuple[Path, Reading]]:
    """The directory of a format and how it is read, with a home of its own."""
    told = FORMATS[name]
    variables = ("FRONTROW_HOME", "FRONTROW_TABLES")
    before = {variable: os.environ.get(variable) for variable in variables}
    with TemporaryDirectory() as home:
        folder = Path(home) / "in"
        folder.mkdir()
        told.write(folder)
        own = Path(home) / "map.yaml"
        own.write_text(told.map_text)
        os.environ.update(FRONTROW_HOME=f"{home}/var", FRONTROW_TABLES=f"{home}/tables")
        try:
            yield folder, Reading(told.zone, str(own) if told.map_text else told.map_name)
        finally:
            for variable, value in before.items():
                os.environ.pop(variable)
                if value is not None:
                    os.environ[variable] = value


def _found(database: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    rows = database.sql(f"SELECT * FROM {table}").to_arrow_table().to_pylist()
    for row in rows:
        if row.get("event_at"):
            row["event_at"] = row["event_at"].timestamp()
        if "genres" in row:
            row["genres"] = row["genres"] or None
    return rows


def _meant(told: Format, found: Mapping[str, list[dict[str, Any]]], ratings: set[str]) -> bool:
    """Whether each row that has to be there is, and, of a few rows, no other one."""
    for table, wanted in (("events", told.events), ("titles", told.titles)):
        rows = found[table]
        if len(rows) != len(wanted) and told.write is not _small_files:
            return False
        if not all(any(_is(row, want, ratings) for row in rows) for want in wanted):
            return False
    return True


def _is(row: Mapping[str, Any], want: Mapping[str, Any], ratings: set[str]) -> bool:
    for name, value in want.items():
        if name == "kind" and row[name] in ratings:
            continue
        if row.get(name) != value:
            return False
    return True
