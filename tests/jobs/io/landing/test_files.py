"""Files that are wrong as a whole: one line that names file, field and rule, before any table is touched."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conf.errors import UserMistake
from jobs.ingest_events import files_to_land
from jobs.io.landing import text_files
from jobs.io.landing.records import packed, read_chunk
from jobs.io.tables import arrow as arrow_tables

EVENTS = b"profile_id,title_id,event_at\n1,1,881250949\n"
TITLES = b"title_id,name\n1,Heat\n"


def _folder(root: Path, **files: bytes) -> Path:
    for name, body in {"events_csv": EVENTS, "titles_csv": TITLES, **files}.items():
        if body:
            (root / name.replace("_", ".")).write_bytes(body)
    return root


def _parquet(path: Path, **columns: pa.Array) -> bytes:
    pq.write_table(pa.table(columns), path)
    body = path.read_bytes()
    path.unlink()
    return body


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"events_csv": b""}, "has no events; give events.csv"),
        ({"titles_csv": b"title,name\n1,x\n"}, "titles.csv:1: column title_id is missing"),
        (
            {"titles_csv": b"Title Id,name\n1,x\n"},
            "'Title Id' looks like it: rename it; --map reads",
        ),
        ({"titles_csv": b"title_id,name,name\n1,x,y\n"}, "titles.csv:1: column 'name' comes twice"),
        ({"titles_csv": b'title_id,"name\n1,x\n'}, "titles.csv:1: the header cannot be read"),
        (
            {"titles_csv": "title_id,name,ann\xe9e\n1,x,2\n".encode("latin-1")},
            "titles.csv:1: the header is not UTF-8",
        ),
        (
            {"titles_csv": "title_id,name\n1,x\n".encode("utf-16")},
            "titles.csv: is UTF-16; write it as UTF-8",
        ),
        ({"titles_csv": b"title_id,name\n"}, "titles.csv: has a header and no record"),
        ({"events_jsonl": b'{"profile_id": 1}\n'}, "has events.csv and events.jsonl; keep one"),
        ({"profiles_parquet": b"PAR1 cut short"}, "profiles.parquet: is not a whole Parquet file"),
    ],
)
def test_a_wrong_file_is_named_with_its_rule(lake, tmp_path, files, said):
    with pytest.raises(UserMistake, match=said) as raised:
        files_to_land("files", str(_folder(tmp_path, **files)))
    assert "\n" not in str(raised.value)
    assert arrow_tables.written_tables() == []


def test_an_empty_file_a_directory_and_a_file_as_input_are_refused(lake, tmp_path):
    _folder(tmp_path)
    (tmp_path / "artwork.csv").touch()
    with pytest.raises(UserMistake, match=r"artwork.csv: is empty"):
        files_to_land("files", str(tmp_path))
    (tmp_path / "artwork.csv").unlink()
    with pytest.raises(UserMistake, match="is a file; give the directory"):
        files_to_land("files", str(tmp_path / "events.csv"))
    with pytest.raises(UserMistake, match="there is no such directory"):
        files_to_land("files", str(tmp_path / "nowhere"))
    (tmp_path / "profiles.csv").mkdir()
    with pytest.raises(UserMistake, match=r"profiles.csv/: holds no file"):
        files_to_land("files", str(tmp_path))
    (tmp_path / "profiles.csv").rmdir()
    (tmp_path / "profiles").mkdir()
    with pytest.raises(UserMistake, match="profiles/: holds no file"):
        files_to_land("files", str(tmp_path))
    with pytest.raises(
        UserMistake, match="unknown data set 'netflix'; the data sets are: ml-100k, files"
    ):
        files_to_land("netflix", str(tmp_path))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"event_at": pa.array([0], pa.timestamp("us"))}, "event_at is a timestamp without a zone"),
        (
            {"profile_id": pa.array([1.0])},
            "profile_id has the Parquet type double; the contract wants text or integers",
        ),
        ({"value": pa.array([{"stars": 5}])}, "value has the Parquet type struct<stars: int64>"),
        ({"event_at": pa.array([0], pa.date32())}, "event_at has the Parquet type date32"),
    ],
)
def test_a_parquet_column_of_a_wrong_type_is_named(lake, tmp_path, columns, said):
    sound = {
        "profile_id": pa.array([1]),
        "title_id": pa.array(["1"]),
        "event_at": pa.array([881250949]),
    }
    body = _parquet(tmp_path / "x", **{**sound, **columns})
    with pytest.raises(UserMistake, match=f"events.parquet: column {said}"):
        files_to_land("files", str(_folder(tmp_path, events_csv=b"", events_parquet=body)))


def test_a_large_file_is_cut_between_records_and_its_lines_are_numbered_through(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(text_files, "CHUNK_BYTES", 100)
    monkeypatch.setattr(text_files, "MORE_BYTES", 40)
    records = [
        f'{n},"line one\nof {n}",{"|".join("abc")}' if n % 61 == 0 else f"{n},name {n},"
        for n in range(600)
    ]
    text = "\n".join(["title_id,name,genres", *records])
    _folder(tmp_path, titles_csv=text.encode())
    titles = next(
        landing for landing in files_to_land("files", str(tmp_path)) if landing.table == "titles"
    )
    read = [
        row for chunk in titles.chunks for batch in read_chunk(chunk) for row in batch.to_pylist()
    ]
    assert len(titles.chunks) > 5
    assert [row["line"] for row in read] == [
        text[: text.index(f"\n{r},") + 1].count("\n") + 1 for r in range(600)
    ]
    assert not any(row["fault"] for row in read)


def test_a_parquet_file_damaged_inside_yields_one_record_that_says_so(lake, tmp_path):
    names = pa.array([f"name {n}" for n in range(1000)])
    body = bytearray(_parquet(tmp_path / "x", title_id=pa.array(range(1000)), name=names))
    body[100:3000] = b"\xff" * 2900
    titles = files_to_land(
        "files", str(_folder(tmp_path, titles_csv=b"", titles_parquet=bytes(body)))
    )[1]
    read = [row for batch in read_chunk(titles.chunks[0]) for row in batch.to_pylist()]
    assert [(row["line"], row["fault"]) for row in read] == [(0, "unreadable")]


def test_many_small_files_are_one_task_and_a_large_one_is_many(lake, tmp_path, monkeypatch):
    (tmp_path / "events").mkdir()
    for n in range(300):
        (tmp_path / "events" / f"part-{n:03d}.csv").write_bytes(EVENTS + b"%d,2,9\n" % n)
    landings = files_to_land("files", str(_folder(tmp_path, events_csv=b"")))
    chunks = [chunk for x in landings if x.table == "events" for chunk in x.chunks]
    assert len(chunks) == 300 and [len(task) for task in packed(chunks)] == [300]
    monkeypatch.setattr("jobs.io.landing.records.CHUNK_BYTES", 3 * chunks[0].length)
    tasks = packed(chunks)
    assert max(map(len, tasks)) == 3 and [c for task in tasks for c in task] == chunks
