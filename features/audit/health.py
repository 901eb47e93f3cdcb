"""How each title stands in each country and kind of row: shown, not shown, removed by which rule.

The rules are asked of the audit's own facts, not of what made the pages. So a title that a rule
removes and a page shows all the same is found, as what no rule explains.
"""
# Tested by tests/features/audit/test_health.py.

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.health import RANKED_BELOW, UNKNOWN_ORDER, health_reasons
from conf.pages import pages
from conf.rows import RowKind, rows
from features.audit.claims import EVERYWHERE
from features.audit.facts import language_key
from features.audit.pages import maturity_limit
from features.audit.tables import Database, database, keep

MASK = NDArray[np.bool_]
CODES = NDArray[np.int8]  # of reasons, by their order in conf/health.yaml; -1 for none
COUNTS = NDArray[np.int32]
Tables = Mapping[str, pa.Table]
OTHER_CLAIM = "other_claim"
READER = ("country", "languages", "maturity_limit", "kids")


class ShownTitles(NamedTuple):
    """What is on the pages of a day, k kinds of row by c countries by t titles."""

    profiles: COUNTS  # (k, c, t) profiles whose page has the title in a row of the kind
    pages: COUNTS  # (k, c) profiles whose page has a row of the kind


class Readers(NamedTuple):
    """The profiles of c countries that the ages and languages of t titles suit."""

    here: COUNTS  # (c,) all profiles of the country
    of_age: COUNTS  # (c, t) those that are old enough
    eligible: COUNTS  # (c, t) those of them that understand the title


def countries_in(tables: Tables) -> list[str]:
    """The countries of a day by their numbers, the one without a name first."""
    names: list[str] = tables["countries"].sort_by("country_no")["country"].to_pylist()
    return names


def title_health(
    tables: Tables, people: pa.Table, shown: ShownTitles, listed_twice: MASK
) -> pa.Table:
    """The rows of `title_health` without ds and version, by title, country and kind of row.

    `tables` are those of an AuditedDay, `people` its profiles with the columns READER,
    `listed_twice` (t,) the titles of which another one stands for both.
    """
    known = tables["known"].sort_by("title_no")
    countries, kinds = countries_in(tables), list(rows().kinds.items())
    readers = readers_of(tables, known, people)
    removed = _removed(tables, known, readers, listed_twice)
    reasons = np.stack(
        [
            _of_kind(tables, name, kind, removed, shown.pages[k])
            for k, (name, kind) in enumerate(kinds)
        ]
    )
    is_shown = shown.profiles > 0
    reasons[is_shown] = _code("shown")
    reasons[is_shown & _is_removed(removed)[None]] = _code("contradicted")
    return _table(known, countries, [name for name, _ in kinds], reasons, shown, readers)


def readers_of(tables: Tables, known: pa.Table, people: pa.Table) -> Readers:
    """How many profiles of each country each title suits."""
    db = database()
    keep(db, "countries", tables["countries"])
    db.register("people", people.select(READER))
    groups = _groups(db)
    unknown = pages().legality.unknown_maturity
    age = known["maturity"].fill_null(unknown).to_numpy()
    spoken_names, spoken = np.unique(known["spoken"].to_pylist(), return_inverse=True)
    size = len(tables["countries"])
    here = np.zeros(size, np.int64)
    of_age = np.zeros((size, len(age)), np.int64)
    eligible = np.zeros((size, len(age)), np.int64)
    for country, limit, understood, count in groups:
        is_of_age = np.ones(len(age), bool) if limit is None else age <= limit
        is_understood = np.array([_understood(name, understood) for name in spoken_names])[spoken]
        here[country] += count
        of_age[country] += count * is_of_age
        eligible[country] += count * (is_of_age & is_understood)
    return Readers(*(counts.astype(np.int32) for counts in (here, of_age, eligible)))


def _groups(db: Database) -> list[tuple[int, int | None, str, int]]:
    """The profiles of each country, age limit and set of languages."""
    return db.execute(f"""
        SELECT coalesce(country_no, 0), {maturity_limit()}, {language_key("languages")}, sum(n)
        FROM (
            SELECT country, languages, maturity_limit, kids, count(*)::BIGINT AS n FROM people
            GROUP BY ALL
        ) AS alike LEFT JOIN countries USING (country)
        GROUP BY ALL
    """).fetchall()


def _understood(spoken: str, understood: str) -> bool:
    """Whether languages have one in common, or of one side none is known."""
    return not spoken or not understood or bool(set(spoken.split()) & set(understood.split()))


def _removed(tables: Tables, known: pa.Table, readers: Readers, listed_twice: MASK) -> CODES:
    """The first rule that keeps each title from everybody in each country (c, t), -1 for none."""
    shape = readers.of_age.shape
    here = tables["title_country"]
    place = (here["country_no"].to_numpy(), here["title_no"].to_numpy() - 1)

    def by_country(values: pa.ChunkedArray) -> MASK:
        mask = np.zeros(shape, bool)
        mask[place] = values.fill_null(False).to_numpy(zero_copy_only=False)
        return mask

    is_closed = ~by_country(here["is_open"])
    launched = known["launched"].to_numpy(zero_copy_only=False)
    has_readers = (readers.here > 0)[:, None]
    codes = np.full(shape, -1, np.int8)
    for name, holds in (
        ("listed_twice", listed_twice),
        ("not_launched", ~launched),
        ("window_ahead", is_closed & by_country(pc.is_valid(here["begins_at"]))),
        ("window_ended", is_closed & by_country(pc.is_valid(here["ended_at"]))),
        ("no_window", is_closed),
        ("above_age_limits", has_readers & (readers.of_age == 0)),
        ("not_spoken", has_readers & (readers.eligible == 0)),
        ("no_profiles", ~has_readers),
    ):
        _put(codes, holds, name)
    return codes


def _of_kind(
    tables: Tables, name: str, kind: RowKind, removed: CODES, pages_with_row: COUNTS
) -> CODES:
    """Why each title is in no row of a kind in each country (c, t), if it is in none."""
    codes = removed.copy()
    order, of_order = rows().orders.get(kind.order), health_reasons().of_order(kind.order)
    if kind.by_tag:
        _put(codes, ~_has_tag(tables, kind.per, codes.shape[1]), "no_tag")
    elif order is not None and order.has_claim:
        is_named = of_order not in (RANKED_BELOW, UNKNOWN_ORDER)
        false_claim = ~_claim_is_true(tables, name, codes.shape)
        _put(codes, false_claim, of_order if is_named else OTHER_CLAIM)
        of_order = RANKED_BELOW if is_named else of_order
    if of_order == RANKED_BELOW:
        _put(codes, (pages_with_row == 0)[:, None], "no_such_row")
    _put(codes, np.array(True), of_order)
    return codes


def _put(codes: CODES, holds: MASK, reason: str) -> None:
    """Give a reason to what it holds for and has none yet."""
    codes[np.broadcast_to(holds, codes.shape) & (codes < 0)] = _code(reason)


def _has_tag(tables: Tables, facet: str, size: int) -> MASK:
    """Whether each title (t,) has a value of a facet."""
    of_facet = tables["tags"].filter(pc.equal(tables["tags"]["facet"], facet))["tag_no"]
    titles = tables["title_tags"]
    own = titles.filter(pc.is_in(titles["tag_no"], of_facet.combine_chunks()))
    mask = np.zeros(size, bool)
    mask[own["title_no"].to_numpy() - 1] = True
    return mask


def _claim_is_true(tables: Tables, name: str, shape: tuple[int, ...]) -> MASK:
    """Whether what a row of a kind says is true of each title in each country (c, t)."""
    claims = tables["claims"].filter(pc.equal(tables["claims"]["row_id"], name))
    entries = tables["entries"].filter(tables["entries"]["is_true"])
    mask = np.zeros(shape, bool)
    for claim in claims.to_pylist():
        own = entries.filter(pc.equal(entries["claim_no"], claim["claim_no"]))[
            "title_no"
        ].to_numpy()
        if claim["country_no"] == EVERYWHERE:
            mask[:, own - 1] = True
        else:
            mask[claim["country_no"], own - 1] = True
    return mask


def _is_removed(codes: CODES) -> MASK:
    """Whether a rule keeps a title away, as codes of reasons say (c, t)."""
    states = [reason.state for reason in health_reasons().reasons.values()]
    mask: MASK = (codes >= 0) & (np.array(states)[codes] == "removed")
    return mask


def _code(reason: str) -> int:
    return list(health_reasons().reasons).index(reason)


def _table(
    known: pa.Table,
    countries: list[str],
    kinds: list[str],
    reasons: CODES,
    shown: ShownTitles,
    readers: Readers,
) -> pa.Table:
    """One row for each title, country and kind, texts as dictionaries."""
    in_order = (2, 1, 0)  # title, country, kind
    size = (known.num_rows, len(countries), len(kinds))
    title, country, kind = np.indices(size, np.int32, sparse=True)
    named = health_reasons().reasons
    states = list(dict.fromkeys(reason.state for reason in named.values()))
    state_of = np.array([states.index(reason.state) for reason in named.values()], np.int8)
    code = reasons.transpose(in_order)

    def texts(index: NDArray[np.signedinteger], names: Sequence[str]) -> pa.Array:
        whole = np.ascontiguousarray(np.broadcast_to(index, size)).ravel()
        return pa.DictionaryArray.from_arrays(pa.array(whole), pa.array(names, pa.string()))

    def numbers(counts: COUNTS) -> pa.Array:
        return pa.array(np.ascontiguousarray(np.broadcast_to(counts, size)).ravel(), pa.int32())

    return pa.table(
        {
            "title_id": texts(title, known["title_id"].to_pylist()),
            "country": texts(country, countries),
            "row_kind": texts(kind, kinds),
            "health": texts(state_of[code], states),
            "health_reason": texts(code, list(named)),
            "shown_count": numbers(shown.profiles.transpose(in_order)),
            "eligible_count": numbers(readers.eligible.T[:, :, None]),
        }
    )
