"""What is said of refused records, and the landing that stops because too many are refused."""
# Tested by tests/jobs/io/landing/test_refusal.py.

import re
from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contracts import columns
from conf.errors import Reason, Rejected
from conf.landing import ABOUT
from features.sources.versions import REJECTED
from jobs.io.landing.quarantine import Receipt

HELD_THINGS = {
    "profiles": "profile",
    "titles": "title",
    "availability": "window",
    "artwork": "artwork",
}
EXAMPLE_LENGTH = 80
NUMBERS = "instants in numbers are seconds, unless a map (--map) tells a unit"
OURS = "2026-01-31T20:00:00Z"
MONTH = r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b"
INSTANTS = (  # what an instant shows that was refused
    (r"(?<![\d.])\d{13}(?![\d.])", f"these look like milliseconds; {NUMBERS}"),
    (r"(?<![\d.])\d{16}(?![\d.])", f"these look like microseconds; {NUMBERS}"),
    (r"(?<![\d.])\d{19}(?![\d.])", f"these look like nanoseconds; {NUMBERS}"),
    (
        r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(?![\d:.TZ+ -])",
        f"these look like instants without a zone; say which with --zone, or write {OURS}",
    ),
    (r"\b\d{1,4}[./]\d{1,2}[./]\d{2,4}\b", f"these look like dates in another order; write {OURS}"),
    (MONTH, f"these look like dates in words; write {OURS}"),
)
MISSING = (r"\\N", r"\N looks like a missing value; leave the field empty")
NOT_UTF8 = "the file is not UTF-8; write it so, or tell its encoding by a map (--map: encoding)"
OF_VALUES = (Reason.BAD_INSTANT, Reason.WRONG_TYPE, Reason.OUT_OF_RANGE, Reason.FROM_THE_FUTURE)


def notices(receipts: Sequence[Receipt]) -> list[str]:
    """What is to be said first: of each file whose refused records restrict what is shown."""
    return [restricting(r) for r in receipts if r.target_table in ABOUT and r.refused_count]


def restricting(receipt: Receipt, verb: str = "") -> str:
    """How many records of a file that restricts were refused, and what is held for it."""
    is_one = receipt.held_count == 1
    things = HELD_THINGS[receipt.target_table] + ("" if is_one else "s")
    verb = verb or ("is" if is_one else "are")
    text = f"{receipt.file}: {receipt.refused_count:,} of {receipt.count:,} records refused"
    if receipt.held_count:
        text += (
            f", and they restrict what is shown: {receipt.held_count:,} {things} {verb} held to"
            " the strictest that is known, until a sound record comes"
        )
    if receipt.nameless_count:
        name = ABOUT[receipt.target_table]
        text += f"; of {receipt.nameless_count:,} the {name} cannot be read, and nothing is held"
    return text


def stop_at_many(
    receipts: Sequence[Receipt], verdicts: Mapping[str, DataFrame], most: float
) -> None:
    """Stop, before any table changes, where more than a share of the records of a file is refused."""
    many = [r for r in receipts if r.refused_count > most * r.count]
    if not many:
        return
    many.sort(key=lambda r: (r.target_table not in ABOUT, -r.refused_count / r.count))
    first = many[0]
    share = f"{first.refused_count / first.count:.2%} of it, more than {most:.2%}"
    lines = [restricting(r, "would be") for r in many if r.target_table in ABOUT]
    if not lines:
        lines = [f"{first.file}: {first.refused_count:,} of {first.count:,} records refused"]
    lines[0] += f" ({share})"
    reason = commonest_reason(verdicts[first.target_table], first)
    raise Rejected(
        f"{'; '.join(lines)}; {reason}; nothing was landed;"
        " mend the file, or land what is sound with --most-refused"
    )


def commonest_reason(verdicts: DataFrame, receipt: Receipt) -> str:
    """The commonest reason for which records of a file are refused, with one example, and what it
    looks like.
    """
    is_refused = (F.col("fate") == REJECTED) & (F.col("reason") != Reason.EMPTY_LINE.value)
    refused = verdicts.where(is_refused & (F.col("landing_id") == receipt.landing_id))
    counts = refused.groupBy("reason", "field").count()
    reason = counts.orderBy(F.desc("count"), "reason", "field").first()
    assert reason is not None
    alike = (F.col("reason") == reason["reason"]) & F.col("field").eqNullSafe(reason["field"])
    example = refused.where(alike).orderBy("line").select("line", "raw").first()
    assert example is not None
    field = f" of {reason['field']}" if reason["field"] else ""
    text = f"the commonest reason is {reason['reason']}{field} ({reason['count']:,})"
    if example["raw"]:
        raw = example["raw"].encode("unicode_escape").decode("ascii").replace("\\\\", "\\")
        text += f", as in line {example['line']}: {raw[:EXAMPLE_LENGTH]}"
    hint = looks_like(receipt.target_table, reason["reason"], reason["field"], example["raw"] or "")
    return f"{text}; {hint}" if hint else text


def looks_like(table: str, reason: str, field: str | None, raw: str) -> str:
    """What a refused record looks like, where it is plain."""
    if reason == Reason.BAD_ENCODING:
        return NOT_UTF8
    if reason not in OF_VALUES:
        return ""
    column = columns().get(field or "")
    instants = INSTANTS if column and column.type == "timestamp" else ()
    for pattern, meaning in (*instants, MISSING):
        if re.search(pattern, raw):
            return meaning
    if column and column.vocabulary:
        return f"{field} is read by conf/vocabularies.yaml ({column.vocabulary}), which takes more spellings"
    words = column.words.get(table, ()) if column else ()
    if not words:
        return ""
    return (
        f"{field} is one of {', '.join(words)}; conf/vocabularies.yaml has how others write them,"
        " and takes yours"
    )
