"""A look at files before they are landed: what they are, and what of them would be refused. No Spark,
and no table changes.
"""
# Tested by tests/cli/test_land.py.

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conf.contracts import columns
from conf.errors import Reason, Rejected
from conf.landing import landed_tables
from jobs.io.landing.files import Landing
from jobs.io.landing.log_report import LogReport, log_report
from jobs.io.landing.options import LandingOptions
from jobs.io.landing.refusal import EXAMPLE_LENGTH, looks_like
from jobs.io.landing.survey import Refusals, refusals, survey


@dataclass(frozen=True)
class Check:
    """The refusals of each table's files, and the report of all that is sound."""

    tables: tuple[Refusals, ...]
    report: LogReport

    def lines(self) -> list[str]:
        """The whole of it, for people."""
        return [line for table in self.tables for line in _lines(table)] + self.report.lines()

    def figures(self) -> dict[str, Any]:
        """The whole of it as JSON."""
        report = asdict(self.report) | {"notices": self.report.notices()}
        return {"tables": [asdict(table) for table in self.tables], "log": report}

    def judge(self, most_refused: float) -> None:
        """Stop where the landing would stop: a share of a table's records would be refused."""
        for table in self.tables:
            if table.refused > most_refused * table.count:
                raise Rejected(
                    f"{table.table}: {table.refused:,} of {table.count:,} records would be refused,"
                    f" more than {most_refused:.2%}; mend the files, or land with --most-refused"
                )


def check(landings: Sequence[Landing], options: LandingOptions) -> Check:
    """The check of files to land."""
    present = {landing.table for landing in landings}
    with survey(landings, options.latest) as database:
        tables = [refusals(database, name) for name in landed_tables() if name in present]
        return Check(tuple(tables), log_report(database, sittings=True))


def _lines(table: Refusals) -> list[str]:
    lines = [f"{table.table}: {table.count:,} records, {table.refused:,} would be refused"]
    for field, count, file, line, raw in table.fields:
        text = f"{table.table}: {count:,} for {field}, as {file}:{line}"
        if raw:
            shown = raw.encode("unicode_escape").decode("ascii").replace("\\\\", "\\")
            text += f": {shown[:EXAMPLE_LENGTH]}"
        hint = _no_such_field(field, raw or "")
        reason = field if field in tuple(Reason) else Reason.WRONG_TYPE
        hint = hint or looks_like(table.table, reason, field, raw or "")
        lines.append(f"{text}; {hint}" if hint else text)
    return lines


def _no_such_field(field: str, raw: str) -> str:
    """Of a JSON record, that the column is not told at all."""
    is_whole = raw.lstrip().startswith("{") and raw.rstrip().endswith("}")
    if not is_whole or field not in columns() or f'"{field}"' in raw:
        return ""
    return "the record has no such field; --map reads files of other names"
