"""`frontrow tables` and `frontrow query` without Spark, and how they say what is wrong."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from deltalake import write_deltalake

from cli.query import query, readable
from cli.tables import _lines, tables
from conf.errors import UserMistake
from jobs.io.tables import arrow as arrow_tables


@pytest.fixture
def titles(lake: Path) -> Path:
    rows = {
        "title_id": ["1", "2"],
        "name": ["Heat", "=\x1b[2JToy"],
        "genres": [["Crime"], None],
        "known_at": [datetime(1998, 4, 22, tzinfo=UTC)] * 2,
    }
    write_deltalake(str(lake / "titles"), pa.table(rows))
    days = [date(1998, 4, 22), date(1998, 4, 20)]
    write_deltalake(
        str(lake / "events"), pa.table({"event_id": ["a", "b"], "ds": days}), partition_by=["ds"]
    )
    return lake


def _run(*words: str) -> Result:
    return CliRunner().invoke(query, words)


def test_tables_lists_rows_versions_and_days(titles):
    listed = {row["name"]: row for row in json.loads(CliRunner().invoke(tables, ["--json"]).stdout)}
    assert (listed["events"]["rows"], listed["events"]["version"]) == (2, 0)
    assert (listed["events"]["first_ds"], listed["events"]["last_ds"]) == (
        "1998-04-20",
        "1998-04-22",
    )
    assert listed["homepage_rows"]["version"] == -1
    assert "events" in CliRunner().invoke(tables).stdout


def test_query_joins_tables_by_name(titles):
    assert arrow_tables.sql("SELECT count(*) AS n FROM titles CROSS JOIN events")[
        "n"
    ].to_pylist() == [4]
    assert arrow_tables.whole_table("titles", ["name"]).column_names == ["name"]
    assert arrow_tables.newest_version("titles") == 0


def test_query_prints_what_a_person_a_program_and_a_sheet_can_read(titles):
    assert "[Crime]" in _run("SELECT title_id, genres FROM titles").stdout
    assert "\x1b" not in _run("SELECT name FROM titles").stdout
    rows = [
        json.loads(line)
        for line in _run("SELECT * FROM titles ORDER BY title_id", "--json").stdout.splitlines()
    ]
    assert rows[0] == {
        "title_id": "1",
        "name": "Heat",
        "genres": ["Crime"],
        "known_at": "1998-04-22T00:00:00Z",
    }
    assert (
        _run("SELECT title_id, genres FROM titles ORDER BY 1", "--csv").stdout
        == "title_id,genres\n1,[Crime]\n2,\n"
    )
    assert "1 of 2 rows" in _run("SELECT title_id FROM titles", "--limit", "1").output
    assert readable({"a": [1, None], "b": None}) == "{a=[1, -]}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT nope FROM titles", "No field named nope"),
        ("SELECT * FROM nope", "unknown table 'nope'; the tables are: events, titles"),
        (
            "SELECT * FROM homepage_rows",
            "table homepage_rows was not written yet; publish_homepage_rows writes it",
        ),
        ("SELECT", "query: "),
        ("SELECT 1; SELECT 2", "single SQL statement"),
        ("COPY titles TO '/tmp/frontrow-must-not-exist.csv'", "only queries are answered"),
        ("-- SELECT\nDROP TABLE titles", "only queries are answered"),
        ("EXPLAIN ANALYZE COPY titles TO 'x.csv'", "only queries are answered"),
        ("", "only queries are answered"),
    ],
)
def test_a_wrong_query_is_one_line(titles, text, said):
    with pytest.raises(UserMistake, match=said) as raised:
        arrow_tables.sql(text)
    assert "\n" not in str(raised.value)


def test_a_wrong_query_ends_with_status_2_and_no_spark_is_imported(titles):
    code = "import sys; sys.argv[1:] = ['query', 'SELECT * FROM nope']\nfrom cli.main import run\n"
    code += "try: run()\nfinally: print([m for m in ('pyspark', 'pandas', 'airflow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "[]\n")
    assert done.stderr == "error: query: unknown table 'nope'; the tables are: events, titles\n"


def test_show_tables_lists_what_was_written(titles):
    shown = arrow_tables.sql("show tables;")
    assert shown["name"].to_pylist() == ["events", "titles"] and shown["rows"].to_pylist()[0] > 0


def test_tables_are_never_cut_in_a_pipe_and_names_never_at_all(titles):
    assert "…" not in CliRunner().invoke(tables).stdout
    wide, narrow = _lines(arrow_tables.summaries(), 120), _lines(arrow_tables.summaries(), 60)
    assert all(len(line) <= 120 for line in wide) and any("…" in line for line in wide)
    for name in ("events", "homepage_updates"):
        assert any(line.split()[0] == name for line in narrow)
    assert not any("…" in line for line in narrow)
