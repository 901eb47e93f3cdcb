"""Verdicts on pages: each is a query for offenders, in a file of its name under `judge/sql`.

What was known at the moment of reading decides what could be shown; what was known when a page was
built decides whether its reasons were true. Pages that were made for experiment cells may say what
these change, as it was declared when their experiments were started, and nothing else.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from conf.judge import Subject, judge_settings
from judge.tables import load

SQL = Path(__file__).parent / "sql"
EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """What one verdict found: how many offenders, and some of them in words."""

    verdict: str
    subject: Subject
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """All findings on the pages of one hearing, and how much was judged."""

    pages: int
    cells: int
    findings: tuple[Finding, ...]

    def count(self, subject: Subject) -> int:
        """Offenders of one subject."""
        return sum(finding.count for finding in self.findings if finding.subject == subject)

    @property
    def offences(self) -> dict[str, int]:
        """Offenders by verdict; verdicts without any are left out."""
        counts = Counter({finding.verdict: finding.count for finding in self.findings})
        return dict(+counts)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One line for each verdict with offenders, for people."""
        return tuple(
            f"{finding.verdict}: {finding.count}, for example {'; '.join(finding.examples)}"
            for finding in self.findings
            if finding.count
        )


def judgement(
    tables: Mapping[str, pa.Table], subjects: tuple[Subject, ...] | None = None
) -> Judgement:
    """What is wrong with the pages of table `given`, by all verdicts or those on some subjects.

    `tables` are Arrow tables by name, as in `judge.tables`: what is known (titles, availability,
    profiles, artwork, events, decisions on experiments) and what was given, asked and passed.

    Example: judgement({"given": rows, "titles": titles, "profiles": profiles}).offences
    """
    verdicts = judge_settings().verdicts
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": False}) as connection:
        load(connection, tables)
        for name, value in judge_settings().numbers().items():
            connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
        first, *others = judge_settings().steps
        connection.execute(_query(first))
        for name, words in judge_settings().words(_changes(connection)).items():
            connection.register("arrow_words", pa.Table.from_pylist(words))
            connection.execute(f"CREATE TABLE {name} AS FROM arrow_words")
        for step in others:
            connection.execute(_query(step))
        findings = [
            _finding(connection, name, verdict.subject)
            for name, verdict in verdicts.items()
            if subjects is None or verdict.subject in subjects
        ]
        pages, cells = connection.execute(
            "SELECT (SELECT count(*) FROM visits), (SELECT count(*) FROM cells)"
        ).fetchall()[0]
    return Judgement(pages, cells, tuple(findings))


def _changes(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    """What is changed for the pages of each variant, by the path in conf; '' is that of no cell."""
    there_are = connection.execute("SELECT DISTINCT variant FROM given").fetchall()
    variants: dict[str, dict[str, Any]] = {"": {}, **{variant: {} for (variant,) in there_are}}
    of_cells = connection.execute("FROM variant_cells ORDER BY variant, cell").fetchall()
    for variant, _, cell, cells in of_cells:
        variants[variant] |= json.loads(cells)[cell]["changes"]
    return variants


def _finding(connection: duckdb.DuckDBPyConnection, name: str, subject: Subject) -> Finding:
    """The offenders of one verdict: its query gives reader, at, profile_id and what is wrong."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE offenders AS {_query(name)}")
    count = connection.execute("SELECT count(*) FROM offenders").fetchall()[0][0]
    some = f"SELECT * FROM offenders ORDER BY ALL LIMIT {EXAMPLES}"
    examples = [
        f"{profile_id} at {at} by {reader}: {wrong}"
        for reader, at, profile_id, wrong in connection.execute(some).fetchall()
    ]
    return Finding(name, subject, count, tuple(examples))


def _query(name: str) -> str:
    return (SQL / f"{name}.sql").read_text()
