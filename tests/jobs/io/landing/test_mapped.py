"""Files in the formats of the trade, and what they are read as. No Spark: the records before they are judged."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from conf.errors import UserMistake
from conf.maps import landing_map, map_names
from jobs.ingest_events import files_to_land
from jobs.io.landing.files import Reading, strangers
from jobs.io.landing.prepared import form
from jobs.io.landing.records import read_records

HEADER = "profile_id,title_id,event_at"
TITLES = "title_id,name\n1,Heat\n"


def write(folder: Path, **files: str | bytes) -> Path:
    """Files by name, with __ for a slash and _ for a dot; titles.csv unless there are others."""
    names = {name.replace("__", "/").replace("_", "."): body for name, body in files.items()}
    if not any("titles" in name for name in names):
        names["titles.csv"] = TITLES
    for name, body in names.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body.encode() if isinstance(body, str) else body)
    return folder


def read(folder: Path, table: str = "events", zone: str = "", how: str = "") -> list[dict]:
    """The records of one table of a directory: every value that is there, and faults."""
    landings = files_to_land("files", str(folder), lambda _: None, Reading(zone, how))
    rows = [
        row
        for landing in landings
        if landing.table == table
        for batch in read_records([*landing.chunks])
        for row in batch.to_pylist()
    ]
    origin = ("landing_id", "file", "line", "raw", "given")
    return [
        {k: v for k, v in row.items() if k not in origin and v not in (None, "")} for row in rows
    ]


ONE = [{"profile_id": "a", "title_id": "1", "event_at": "881250949"}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "::"])
@pytest.mark.parametrize("kind", ["csv", "tsv", "txt"])
def test_a_header_tells_the_mark_between_fields(lake, tmp_path, delimiter, kind):
    lines = [HEADER, "a,1,881250949"]
    text = "".join(line.replace(",", delimiter) + "\n" for line in lines)
    assert read(write(tmp_path / "in", **{f"events_{kind}": text})) == ONE


def test_packed_files_are_landed_as_what_is_in_them(lake, tmp_path):
    text = f"{HEADER}\na,1,881250949\n".encode()
    lines = b'{"profile_id": "a", "title_id": 1, "event_at": 881250949}\n'
    plain = write(tmp_path / "plain", events_csv=text)
    wanted = files_to_land("files", str(plain))[0].landing_id
    zst = pa.Codec("zstd").compress(text, asbytes=True)
    bodies = {"events_csv_gz": gzip.compress(text), "events_csv_zst": zst}
    for name, body in bodies.items():
        folder = write(tmp_path / name, **{name: body})
        assert read(folder) == ONE and strangers(folder) == []
        assert files_to_land("files", str(folder))[0].landing_id == wanted
    twice = gzip.compress(text) + gzip.compress(b"b,1,881250949\n")
    assert len(read(write(tmp_path / "twice", events_csv_gz=twice))) == 2
    for name in ("events_jsonl_gz", "events_json_gz", "events_ndjson_gz"):
        assert read(write(tmp_path / name, **{name: gzip.compress(lines)})) == ONE
    cut_short = gzip.compress(text * 100)[:-20]
    with pytest.raises(UserMistake, match=r"events.csv.gz: cannot be unpacked as gz"):
        read(write(tmp_path / "cut", events_csv_gz=cut_short))
    with pytest.raises(UserMistake, match=r"events.csv.zst: cannot be unpacked as zst"):
        read(write(tmp_path / "none", events_csv_zst=b"no zst"))


def test_json_comes_by_line_or_as_one_array(lake, tmp_path):
    record = {"profile_id": "a", "title_id": 1, "event_at": 881250949}
    assert read(write(tmp_path / "lines", events_json=json.dumps(record) + "\n")) == ONE
    array = json.dumps([record, record], indent=2)
    assert read(write(tmp_path / "array", events_json=array)) == ONE * 2
    with pytest.raises(UserMistake, match=r"events.json: is not a whole JSON array"):
        read(write(tmp_path / "cut", events_json=array[:-5]))


def test_a_directory_of_parts_may_be_partitioned_and_hold_marks_of_its_writer(lake, tmp_path):
    part = f"{HEADER}\na,1,881250949\n"
    folder = write(tmp_path / "in")
    null = "country=__HIVE_DEFAULT_PARTITION__"
    for place in (
        *("country=US/ds=1997-12-04/part-0.csv", "country=GB/part-0.csv", f"{null}/part-0.csv"),
        *("_temporary/part-8.csv", ".hidden/part-9.csv", "country=US/.part-0.csv.crc"),
    ):
        path = folder / "events" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part)
    (folder / "events" / "_SUCCESS").touch()
    rows = read(folder)
    assert sorted(row.get("country", "") for row in rows) == ["", "GB", "US"]
    assert {row["profile_id"] for row in rows} == {"a"}


def test_a_delta_table_is_read_as_its_newest_version(lake, tmp_path):
    folder = write(tmp_path / "in")
    rows = pa.table({"profile_id": ["old"], "title_id": ["1"], "event_at": [881250949]})
    write_deltalake(str(folder / "events"), rows)
    new = rows.set_column(0, "profile_id", pa.array(["a"]))
    write_deltalake(str(folder / "events"), new, mode="overwrite")
    assert read(folder) == ONE


def test_quotes_that_spark_escapes_with_a_backslash_are_quotes(lake, tmp_path):
    lines = ['1,"The \\"x\\""', '2,"5\\" disc"', '3,"a, \\"b\\""', '4,"the ""y"""', "5,back\\slash"]
    titles = "title_id,name\n" + "\n".join(lines) + "\n"
    folder = write(tmp_path / "in", events_csv=f"{HEADER}\na,1,9\n", titles_csv=titles)
    names = [row.get("name") for row in read(folder, "titles")]
    assert names == ['The "x"', '5" disc', 'a, "b"', 'the "y"', "back\\slash"]


def parquet(folder: Path, **columns: pa.Array) -> Path:
    write(folder)
    sound = {
        "profile_id": pa.array(["a"]),
        "title_id": pa.array([1], pa.int32()),
        "event_at": pa.array([881250949], pa.int64()),
    }
    table = pa.table({**sound, **columns})
    int96 = "int96" in folder.name
    pq.write_table(table, folder / "events.parquet", use_deprecated_int96_timestamps=int96)
    return folder


INSTANT = 881250949_123456
NO_ZONE = pa.array([INSTANT * 1000], pa.timestamp("ns"))


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (
            {"event_at": pa.array([INSTANT * 1000], pa.timestamp("ns", "UTC"))},
            "1997-12-04T15:55:49.123456Z",
        ),
        (
            {"event_at": pa.array([INSTANT], pa.timestamp("us", "Europe/Berlin"))},
            "1997-12-04T15:55:49.123456Z",
        ),
        (
            {"event_at": pa.array([INSTANT // 1000], pa.timestamp("ms", "UTC"))},
            "1997-12-04T15:55:49.123000Z",
        ),
        ({"profile_id": pa.array(["a"]).dictionary_encode()}, None),
        ({"profile_id": pa.array(["a"], pa.large_string())}, None),
        ({"profile_id": pa.array([b"a"], pa.binary())}, None),
        ({"title_id": pa.array([1], pa.decimal128(12, 0))}, None),
        ({"title_id": pa.array([1], pa.uint64())}, None),
    ],
)
def test_parquet_of_every_usual_type_is_read(lake, tmp_path, columns, wanted):
    rows = read(parquet(tmp_path / "in", **columns))
    assert rows[0]["profile_id"] == "a" and rows[0]["title_id"] == "1"
    if wanted:
        assert rows[0]["event_at"].startswith(wanted[:23])


def test_int96_is_utc_and_an_instant_without_a_zone_needs_one(lake, tmp_path):
    int96 = parquet(tmp_path / "int96", event_at=NO_ZONE)
    assert read(int96)[0]["event_at"].startswith("1997-12-04T15:55:49.123456")
    assert read(int96)[0]["event_at"].endswith("Z")
    plain = parquet(tmp_path / "plain", event_at=NO_ZONE)
    with pytest.raises(UserMistake, match="is a timestamp without a zone; say which with --zone"):
        read(plain)
    assert read(plain, zone="Europe/Berlin")[0]["event_at"] == "1997-12-04T14:55:49.123456Z"


def test_nested_parquet_has_columns_by_path_which_a_map_names(lake, tmp_path):
    user = pa.array([{"id": "a", "at": {"s": 881250949}}])
    table = pa.table({"user": user, "title_id": [1]})
    folder = write(tmp_path / "in")
    pq.write_table(table, folder / "views.parquet")
    how = tmp_path / "how.yaml"
    how.write_text(
        "tables:\n  events: [{file: views.parquet, names: {user.id: profile_id, user.at.s: event_at}}]\n"
        "  titles: [{file: titles.csv}]\n"
    )
    assert read(folder, how=str(how)) == ONE


RATED = {
    "profile_id": "7",
    "title_id": "1",
    "value": "4.5",
    "event_at": "881250949",
    "kind": "rating",
}
HEAT = {"title_id": "1", "name": "Heat", "year": "1995", "kind": "film"}


@pytest.mark.parametrize(
    ("files", "genres"),
    [
        (
            {
                "ratings_csv": "userId,movieId,rating,timestamp\n7,1,4.5,881250949\n",
                "movies_csv": "movieId,title,genres\n1,Heat (1995),Action|Crime\n",
                "tags_csv": "userId,movieId,tag,timestamp\n7,1,x,881250949\n",
            },
            ["Action", "Crime"],
        ),
        (
            {
                "ratings_dat": "7::1::4.5::881250949\n",
                "movies_dat": "1::Heat (1995)::Action|Crime\n",
                "users_dat": "7::F::1::10::48067\n",
            },
            ["Action", "Crime"],
        ),
        (
            {
                "u_data": "7\t1\t4.5\t881250949\n",
                "u_item": "1|Heat (1995)|01-Jan-1995||http://x|0|1|0|0|0|0|1" + "|0" * 12 + "\n",
            },
            ["Action", "Crime"],
        ),
    ],
)
def test_movielens_is_read_as_it_is_unpacked(lake, tmp_path, files, genres):
    folder = write(tmp_path / "in", titles_unused="", **files)
    assert read(folder) == [RATED]
    assert read(folder, "titles") == [{**HEAT, "genres": genres}]
    assert read(folder, how="movielens") == [RATED]


def test_movielens_writes_the_article_behind_a_name(lake, tmp_path):
    movies = 'movieId,title,genres\n1,"Fugitive, The (1993)",Thriller\n'
    folder = write(
        tmp_path / "in",
        ratings_csv="userId,movieId,rating,timestamp\n7,1,4.5,881250949\n",
        movies_csv=movies,
        titles_unused="",
    )
    (title,) = read(folder, "titles")
    assert (title["name"], title["year"]) == ("The Fugitive", "1993")


def test_kion_is_read_by_its_map(lake, tmp_path):
    folder = write(
        tmp_path / "in",
        interactions_csv="user_id,item_id,last_watch_dt,total_dur,watched_pct\n7,1,2021-05-11,4250,72.0\n",
        items_csv="item_id,content_type,title,title_orig,release_year,genres,countries,for_kids,"
        'age_rating,studios,directors,actors,description,keywords\n1,series,Город,,2002.0,"драмы, зарубежные"'
        ',Испания,,16.0,,Педро,"А, Б",x,"Он, она"\n',
        titles_unused="",
    )
    event = {"profile_id": "7", "title_id": "1", "watched_seconds": "4250"}
    assert read(folder, how="kion") == [{**event, "event_at": "2021-05-11T20:59:59Z"}]
    (title,) = read(folder, "titles", how="kion")
    assert [item.strip() for item in title["genres"]] == ["драмы", "зарубежные"]
    assert (title["kind"], title["maturity"], title["name"]) == ("series", "16.0", "Город")


VIEWING = """\
Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device Type,Bookmark,Country
Anna,2025-03-01 20:15:03,00:45:10,,Dark: Season 1: Secrets,,Sony PS4,00:45:10,DE (Germany)
"""


def test_a_members_own_history_of_netflix_is_read_by_its_map(lake, tmp_path):
    folder = write(tmp_path / "in", ViewingActivity_csv=VIEWING, titles=b"not read")
    (folder / "titles").unlink()
    name = "Dark: Season 1: Secrets"
    assert read(folder) == [
        {
            "profile_id": "Anna",
            "title_id": name,
            "event_at": "2025-03-01T20:15:03Z",
            "watched_seconds": "2710",
            "country": "DE",
        }
    ]
    assert read(folder, "titles") == [{"title_id": name, "name": name}]


HISTORY = [
    {
        "watched_at": "2025-03-01T20:15:03.000Z",
        "type": "episode",
        "episode": {"season": 1, "number": 2, "title": "Lies", "ids": {"trakt": 73641}},
        "show": {"title": "Dark", "year": 2017, "ids": {"trakt": 1, "imdb": "tt5753856"}},
    },
    {
        "watched_at": "2025-03-02T20:15:03.000Z",
        "type": "movie",
        "movie": {"title": "Heat", "year": 1995, "ids": {"trakt": 1, "imdb": "tt0113277"}},
        "show": None,
    },
]


def test_a_members_own_history_of_trakt_is_read_by_its_map(lake, tmp_path):
    folder = write(tmp_path / "in", history_json=json.dumps(HISTORY), titles=b"not read")
    (folder / "titles").unlink()
    mine = {"profile_id": "me", "kind": "play"}
    assert read(folder) == [
        {
            **mine,
            "title_id": "tt5753856",
            "event_at": "2025-03-01T20:15:03.000Z",
            "episode": "S01E02",
        },
        {**mine, "title_id": "tt0113277", "event_at": "2025-03-02T20:15:03.000Z"},
    ]
    assert read(folder, "titles") == [
        {"title_id": "tt5753856", "name": "Dark", "kind": "series", "year": "2017"},
        {"title_id": "tt0113277", "name": "Heat", "kind": "film", "year": "1995"},
    ]


def test_fields_of_records_within_json_are_told_by_path_and_lists_of_named_records_by_name(
    lake, tmp_path
):
    titles = {
        "title": {"id": 1, "label": {"en": "Heat"}},
        "genres": [{"id": 8, "name": "Crime"}, "Drama"],
    }
    how = tmp_path / "map.yaml"
    how.write_text(
        "tables:\n  titles:\n    - {file: t.json, names: {title.id: title_id, title.label.en: name}}\n"
        "  events:\n    - {file: e.csv}\n"
    )
    folder = write(
        tmp_path / "in", t_json=json.dumps(titles), e_csv=f"{HEADER}\na,1,9\n", titles=b""
    )
    (folder / "titles").unlink()
    assert read(folder, "titles", how=str(how)) == [
        {"title_id": "1", "name": "Heat", "genres": ["Crime", "Drama"]}
    ]


def test_floats_that_pandas_made_of_ids_are_refused_with_what_to_do(lake, tmp_path):
    folder = write(tmp_path / "in")
    ids = pa.array([1.0, None])
    pq.write_table(
        pa.table({"profile_id": ids, "title_id": ["1", "1"], "event_at": [9, 9]}),
        folder / "events.parquet",
    )
    with pytest.raises(UserMistake, match="type double; .* pandas makes floats .* as Int64"):
        read(folder)


def test_netflix_prize_is_read_by_its_map(lake, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "combined_data_1.txt").write_text(
        "1:\n7,4,2005-09-06\n8,3,2005-09-07\n2:\n7,5,2005-12-31\n"
    )
    (folder / "movie_titles.csv").write_bytes(
        "1,2003,Caf\xe9, The\n2,NULL,Heat\n".encode("latin-1")
    )
    rows = read(folder, how="netflix_prize")
    assert [(r["profile_id"], r["title_id"], r["value"]) for r in rows] == [
        ("7", "1", "4"),
        ("8", "1", "3"),
        ("7", "2", "5"),
    ]
    assert rows[0]["event_at"] == "2005-09-07T06:59:59Z"
    assert [(r["name"], r.get("year")) for r in read(folder, "titles", how="netflix_prize")] == [
        ("Café, The", "2003"),
        ("Heat", None),
    ]


def test_a_map_of_ones_own_is_checked_and_its_mistakes_are_named(lake, tmp_path):
    folder = write(tmp_path / "in", views_csv="who;what;when;stars\na;1;1743294600000;3,5\n")
    how = tmp_path / "how.yaml"
    entry = (
        "{file: views.csv, names: {who: profile_id, what: title_id, when: event_at, stars: value}"
    )
    tail = ", unit: milliseconds, decimal: ',', constants: {kind: rating}}"
    how.write_text(f"tables:\n  events: [{entry}{tail}]\n  titles: [{{file: titles.csv}}]\n")
    row = {"profile_id": "a", "title_id": "1", "value": "3.5", "kind": "rating"}
    assert read(folder, how=str(how)) == [{**row, "event_at": "2025-03-30T00:30:00Z"}]
    for wrong, said in (
        (f"{entry}, zone: Mars}}", "is no time zone"),
        ("{file: x, names: {a: user_id}}", "user_id is no column of events; it has profile_id"),
        ("{file: x, colour: red}", "Extra inputs are not permitted"),
    ):
        how.write_text(f"tables:\n  events: [{wrong}]\n")
        with pytest.raises(UserMistake, match=said) as raised:
            read(folder, how=str(how))
        assert "\n" not in str(raised.value)
    with pytest.raises(
        UserMistake,
        match="give a file, or one of: kion, movielens, netflix_history, netflix_prize, trakt",
    ):
        read(folder, how="nowhere")
    with pytest.raises(UserMistake, match="has none of the files of --map kion; it has"):
        read(folder, how="kion")


def test_every_map_that_comes_with_us_is_sound_and_names_its_terms():
    for name in map_names():
        assert landing_map(name).about and landing_map(name).terms


def test_a_directory_without_any_table_is_a_mistake(lake, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(
        UserMistake, match=r"holds no table to land; give events.csv.* it has no file"
    ):
        read(folder)
    (folder / "plays.csv").write_text("x\n")
    with pytest.raises(UserMistake, match=r"holds no table to land.* it has plays.csv"):
        read(folder)


def test_a_name_tells_format_and_compression():
    assert form(Path("part-0.snappy.parquet")) == ("parquet", "")
    assert form(Path("EVENTS.CSV.GZ")) == ("csv", "gz")
    assert form(Path("notes")) is None
