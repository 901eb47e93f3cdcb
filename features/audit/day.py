"""The audit of a day: what is known of titles once, then part by part the pages of some profiles.

A part holds whole pages: all rows of its profiles are in it. Its verdicts are counts of what breaks
each rule, a few examples, and measures that add up over the parts of a day.
"""
# Tested by tests/features/audit/test_pages.py.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa

from conf.contracts import columns, contract
from conf.errors import Rejected
from features.audit import artwork, evidence, pages, rows, segments
from features.audit.artwork import picture_rules, support_points
from features.audit.claims import make_claims
from features.audit.evidence import evidence_rules
from features.audit.facts import make_facts
from features.audit.inputs import flat_tables
from features.audit.makers import Makers
from features.audit.tables import Database, database, keep, load, table_of
from features.audit.verdicts import EXAMPLES, PartVerdicts
from features.audit.wording import reason_texts

DAY_TABLES = ("titles", "availability", "artwork", "title_features", "similars")
KEPT = (  # of the day, that pages are held against
    "known",
    "countries",
    "title_country",
    "tags",
    "title_tags",
    "pictures",
    "alike",
    "awards",
    "claims",
    "entries",
    "kinds",
    "texts",
    "support",
    "least_pools",
)
PART_TABLES = (
    *("readers", "pages", "histories", "history_sizes", "tag_counts", "foreign_pairs", "page_rows"),
    *("own", "pools", "judged", "orders", "repeated", "chances", "row_sums", "row_verdicts"),
    *("neighbours", "repeated_in_view", "crowded", "page_sums", "excused", "page_verdicts"),
)
SUPPORT = {"pool": pa.int32(), "point": pa.int64()}


@dataclass
class AuditedDay:
    """What the pages of a day are held against, and how, in SQL.

    It can be sent to other processes, which need no settings.
    """

    as_of: datetime
    steps: tuple[str, ...]  # of a part: its tables, one from the other, up to its verdicts
    measured: tuple[str, ...]  # the queries for the measures of a part
    tables: Mapping[str, pa.Table]
    measures: Mapping[str, float]  # of the catalogue, by country of windows and plays
    _database: Database | None = field(default=None, compare=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Without the connection."""
        return {**self.__dict__, "_database": None}

    def audited(self, drafts: pa.Table, profiles: pa.Table) -> PartVerdicts:
        """The verdicts on the drafts of some profiles, who are all that this part has to do with."""
        db = self.judged(drafts, profiles)
        measures: dict[str, float] = {}
        for query in self.measured:
            _measure(db, measures, query)
        return _verdicts(db, measures)

    def judged(self, drafts: pa.Table, profiles: pa.Table) -> Database:
        """A database with `row_verdicts` and `page_verdicts` on some pages."""
        db = self._connected()
        for name in PART_TABLES:
            db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        title_ids = self.tables["known"]["title_id"].combine_chunks()
        flat = flat_tables(drafts, profiles, title_ids)
        for name, table in flat.items():
            db.register(name, table)
        for step in self.steps:
            db.execute(step)
        check_cells(db)
        return db

    def _connected(self) -> Database:
        if self._database is None:
            self._database = database()
            _set_moment(self._database, self.as_of)
            for name, table in self.tables.items():
                keep(self._database, name, table)
        return self._database


def audited_day(
    as_of: datetime,
    known: Mapping[str, pa.Table],
    policies: tuple[str, ...],
    makers: Makers,
    usual_places: Mapping[str, float] | None = None,
) -> AuditedDay:
    """What was known at the end of a day, of the tables DAY_TABLES as they are now.

    With `title_features_before`, those of the day before, bursts are measured too. `policies` come
    from `audit.artwork.policies_of`, `makers` from `audit.makers`, `usual_places` from
    `audit.comparison`.
    """
    db = database()
    _set_moment(db, as_of)
    for name in DAY_TABLES:
        load(db, name, known.get(name))
    make_facts(db)
    make_claims(db)
    keep(db, "kinds", rows.row_kinds())
    keep(db, "texts", reason_texts())
    _make_support(db)
    measures: dict[str, float] = {}
    _measure(db, measures, segments.claim_measures())
    _measure(db, measures, segments.catalogue_measures())
    _measure(db, measures, segments.play_measures())
    if "title_features_before" in known:
        keep(db, "title_features_before", known["title_features_before"])
        _measure(db, measures, segments.burst_measures())
    tables = {name: db.sql(f"FROM {name}").to_arrow_table() for name in KEPT}
    measured = (segments.page_measures(), segments.order_measures(usual_places or {}))
    return AuditedDay(as_of, _steps(policies, makers), measured, tables, measures)


def check_cells(db: Database) -> None:
    """That each cell was judged once. Raises Rejected: what was not looked at is not published."""
    given, seen = db.execute(
        "SELECT (SELECT count(*) FROM cells), (SELECT count(*) FROM judged)"
    ).fetchall()[0]
    if seen != given:
        raise Rejected(f"the audit has judged {seen} cells of {given}: a key is there twice")


def _set_moment(db: Database, as_of: datetime) -> None:
    moment = as_of.replace(tzinfo=None).isoformat(sep=" ")
    db.execute(f"SET VARIABLE as_of = TIMESTAMP '{moment}'")


def _make_support(db: Database) -> None:
    """The probabilities that a policy can give to one of so many pictures, and of how few."""
    counted = db.execute(
        "SELECT max(n) FROM (SELECT count(*) AS n FROM pictures GROUP BY title_no)"
    )
    widest = counted.fetchall()[0][0] or 1
    points = [{"pool": pool, "point": point} for pool, point in support_points(widest)]
    keep(db, "support", table_of(points, SUPPORT))
    db.execute(
        "CREATE TABLE least_pools AS SELECT point, min(pool) AS pool FROM support GROUP BY point"
    )


def _measure(db: Database, measures: dict[str, float], query: str) -> None:
    for segment, name, value in db.execute(query).fetchall():
        measures[f"{segment}|{name}"] = value or 0.0


def _steps(policies: tuple[str, ...], makers: Makers) -> tuple[str, ...]:
    """The tables of a part, one from the other, up to its verdicts."""
    of_titles = pages.title_rules("known", "here", "own", "page_rows", "foreign_pairs")
    of_cells = rows.cell_rules() | evidence_rules() | picture_rules(policies) | of_titles
    alone = pages.title_rules("known", "here", "own", "reader", "foreign_pairs")
    return (
        pages.readers(),
        pages.PAGES,
        pages.histories(),
        pages.HISTORY_SIZES,
        evidence.TAG_COUNTS,
        pages.FOREIGN,
        rows.page_rows(),
        rows.own_titles(),
        artwork.POOLS,
        _judged(of_cells),
        rows.ORDERS,
        rows.REPEATED,
        rows.chances(),
        _row_sums(list(of_cells)),
        _row_verdicts(makers),
        pages.neighbours(),
        pages.IN_VIEW,
        pages.crowded(),
        pages.PAGE_SUMS,
        pages.excused(alone),
        _page_verdicts(),
    )


def _judged(rules: Mapping[str, str]) -> str:
    """judged: each cell with whether it keeps each rule, and what its order is judged by."""
    verdicts = ", ".join(f"coalesce({rule}, false) AS {name}" for name, rule in rules.items())
    return f"""
        CREATE TEMP TABLE judged AS
        SELECT cells.row_no, page_rows.page_no, cells.place, cells.title_no, cells.score,
            cells.title_propensity, entries.rank_value, page_rows.next_row_no,
            page_rows.width_in_view, page_rows.may_repeat,
            coalesce(own.led_from < page_rows.row_position AND page_rows.may_repeat = false, false)
                AS is_led,
            {rows.was_drawn()} AS is_drawn,
            coalesce(here.ends_at, {pages.NEVER}) AS ends_at,
            {verdicts}
        FROM cells
        JOIN page_rows ON page_rows.row_no = cells.row_no
        LEFT JOIN known ON known.title_no = cells.title_no
        LEFT JOIN title_country AS here
            ON here.title_no = cells.title_no AND here.country_no = page_rows.country_no
        LEFT JOIN own ON own.page_no = page_rows.page_no AND own.title_no = cells.title_no
        LEFT JOIN entries
            ON entries.claim_no = page_rows.claim_no AND entries.title_no = cells.title_no
        LEFT JOIN foreign_pairs
            ON foreign_pairs.spoken = known.spoken
            AND foreign_pairs.understood = page_rows.understood
        {evidence.JOINS}
        {artwork.JOINS}
    """


def _row_sums(rules: Sequence[str]) -> str:
    """row_sums: each row with whether all its cells keep each rule; nothing is false of a row
    without cells, where it has a list of them.
    """
    every = ", ".join(f"bool_and({name}) AS {name}" for name in rules)
    names = ", ".join(f"coalesce(of_cells.{name}, cells_given) AS every_{name}" for name in rules)
    return f"""
        CREATE TEMP TABLE row_sums AS
        SELECT page_rows.*, of_cells.ends_at, {names}
        FROM page_rows
        LEFT JOIN (SELECT row_no, min(ends_at) AS ends_at, {every} FROM judged GROUP BY row_no)
            AS of_cells USING (row_no)
    """


def _row_verdicts(makers: Makers) -> str:
    """row_verdicts: whether each row keeps each rule, never null."""
    table = contract("homepage_rows")
    rules = rows.row_rules() | makers.rules()
    rules |= {name: f"every_{name}" for name in (*evidence.EVIDENCE_RULES, *artwork.PICTURE_RULES)}
    key = [name for name in table.keys if name not in table.partition]
    rules["keys_unique"] = f"count(*) OVER (PARTITION BY {', '.join(key)}) = 1"
    for name in table.required:
        if name not in table.partition:
            given = "cells_given" if name == "cells" else f"{name} IS NOT NULL"
            rules[f"{name}_present"] = given
    for name in table.columns:
        low, high = columns()[name].minimum, columns()[name].maximum
        bounds = [
            f"{name} >= {low}" if low is not None else "",
            f"{name} <= {high}" if high is not None else "",
        ]
        if any(bounds):
            within = " AND ".join(filter(None, bounds))
            rules[f"{name}_in_range"] = f"{name} IS NULL OR ({within})"
    verdicts = ", ".join(f"coalesce({rule}, false) AS {name}" for name, rule in rules.items())
    return f"""
        CREATE TEMP TABLE row_verdicts AS
        SELECT profile_id, row_position, {verdicts}
        FROM row_sums
        LEFT JOIN orders USING (row_no)
        LEFT JOIN repeated USING (row_no)
        LEFT JOIN chances USING (row_no)
    """


def _page_verdicts() -> str:
    """page_verdicts: whether each page keeps each rule, never null; a missing one only misses."""
    verdicts = ", ".join(
        f"coalesce({rule}, {'false' if name == 'page_present' else 'has_rows IS NULL'}) AS {name}"
        for name, rule in pages.page_rules().items()
    )
    return f"""
        CREATE TEMP TABLE page_verdicts AS
        SELECT profile_id, page_no, {verdicts}
        FROM pages
        LEFT JOIN page_sums USING (page_no)
        LEFT JOIN neighbours USING (page_no)
        LEFT JOIN repeated_in_view USING (page_no)
        LEFT JOIN crowded USING (page_no)
    """


def _verdicts(db: Database, measures: Mapping[str, float]) -> PartVerdicts:
    """The counts and examples of what is broken in `row_verdicts` and `page_verdicts`."""
    db.execute("UPDATE page_verdicts SET page_present = true WHERE page_no IN (FROM excused)")
    broken: dict[str, int] = {}
    examples: dict[str, tuple[str, ...]] = {}
    counts = {}
    for table, keys in {
        "row_verdicts": ("profile_id", "row_position"),
        "page_verdicts": ("profile_id",),
    }.items():
        names = [name for name, kind in _columns(db, table) if kind == "BOOLEAN"]
        sums = ", ".join(f"count(*) FILTER (NOT {name})" for name in names)
        counts[table], *numbers = db.execute(f"SELECT count(*), {sums} FROM {table}").fetchall()[0]
        broken |= dict(zip(names, numbers, strict=True))
        for name in names:
            if broken[name]:
                examples[name] = _examples(db, table, name, keys)
    excused = db.execute("SELECT count(*) FROM excused").fetchall()[0][0]
    low, high = db.execute("SELECT min(profile_id), max(profile_id) FROM rows_given").fetchall()[0]
    return PartVerdicts(
        rows=counts["row_verdicts"],
        pages=counts["page_verdicts"],
        excused=excused,
        low=low,
        high=high,
        broken=broken,
        examples=examples,
        measures=measures,
    )


def _columns(db: Database, table: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in db.execute(f"DESCRIBE {table}").fetchall()]


def _examples(db: Database, table: str, rule: str, keys: Sequence[str]) -> tuple[str, ...]:
    """The first rows or pages that break a rule, one of each profile before a second of any."""
    names = ", ".join(keys)
    found = db.execute(f"""
        SELECT {names} FROM (SELECT DISTINCT {names} FROM {table} WHERE NOT {rule})
        ORDER BY row_number() OVER (PARTITION BY profile_id ORDER BY {keys[-1]}), {names}
        LIMIT {EXAMPLES}
    """).fetchall()
    given = [
        [f"{key}={value}" for key, value in zip(keys, values, strict=True) if value is not None]
        for values in found
    ]
    return tuple(" ".join(words) for words in given if words)
