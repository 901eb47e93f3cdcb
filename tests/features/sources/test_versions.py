"""Versions are whole, and what a refused record restricts is held: with right values, and for random histories."""

import random
from itertools import pairwise, permutations
from typing import Any

import pytest

from conf.landing import content_columns, version_keys
from features.sources.versions import ALWAYS_US, NEVER_US, verdicts

DAY = 86_400_000_000
NOW = 100 * DAY
LIMIT = ["profile_id", "maturity_limit", "kids"]


def record(table: str, line: int = 1, unread: str = "", **values: Any) -> dict[str, Any]:
    """A record with the columns it is given; those of `unread` break a rule."""
    names = unread.split()
    blank = dict.fromkeys([*content_columns(table), "known_at"])
    return {
        **blank,
        **values,
        "given": [*values, *names],
        "unread": names,
        "reason": "wrong_type" if names else None,
        "field": names[0] if names else None,
        "file": "f",
        "line": line,
        "landing_id": "now",
    }


def landed(table: str, at: int = ALWAYS_US, held: bool | None = None, **values: Any) -> dict:
    """A version that was landed before."""
    blank = dict.fromkeys(content_columns(table))
    return {**blank, **values, "known_at": at, "held": held, "landing_id": "before"}


def made(table: str, before: list, *records: dict, moment: int | None = NOW) -> list[tuple]:
    """The versions that records make, in the order of what they are of and since when."""
    found = verdicts(table, before, [dict(each) for each in records], moment)
    rows = [row for row in found if row["fate"] in ("new", "held")]
    names = [n for n in content_columns(table) if any(row[n] is not None for row in rows)]
    keys = version_keys(table)
    rows.sort(key=lambda row: ([row[key] for key in keys], row["known_at"]))
    return [(row["known_at"], row["held"], {n: row[n] for n in names}) for row in rows]


def fates(table: str, before: list, *records: dict, moment: int | None = NOW) -> list[str]:
    """What becomes of each record, in order of its line; held versions are left out."""
    found = verdicts(table, before, [dict(each) for each in records], moment)
    rows = [row for row in found if row["fate"] != "held"]
    return [row["fate"] for row in sorted(rows, key=lambda row: row["line"])]


def test_a_version_that_has_some_columns_leaves_the_others_as_they_were():
    before = [landed("profiles", profile_id="p", country="US", maturity_limit=7, kids=True)]
    moved = record("profiles", profile_id="p", country="DE")
    whole = {"profile_id": "p", "country": "DE", "maturity_limit": 7, "kids": True}
    assert made("profiles", before, moved) == [(NOW, None, whole)]
    emptied = record("profiles", profile_id="p", country="DE", maturity_limit=None)
    ((_, _, version),) = made("profiles", before, emptied)
    assert version == {"profile_id": "p", "country": "DE", "kids": True}


def test_several_versions_in_one_landing_fill_one_after_another_whatever_their_order():
    steps = [
        record("titles", 1, title_id="t", name="A", maturity=6, known_at=1 * DAY),
        record("titles", 2, title_id="t", genres=["Drama"], known_at=2 * DAY),
        record("titles", 3, title_id="t", maturity=16, known_at=3 * DAY),
        record("titles", 4, title_id="t", name="B", known_at=4 * DAY),
    ]
    a, drama = {"title_id": "t", "name": "A"}, {"genres": ["Drama"]}
    wanted = [
        (1 * DAY, None, a | {"genres": None, "maturity": 6}),
        (2 * DAY, None, a | drama | {"maturity": 6}),
        (3 * DAY, None, a | drama | {"maturity": 16}),
        (4 * DAY, None, a | drama | {"name": "B", "maturity": 16}),
    ]
    for order in permutations(steps):
        assert made("titles", [], *order) == wanted


def test_two_undated_parts_of_one_profile_make_one_whole_and_contradictions_are_refused():
    country = record("profiles", 1, profile_id="p", country="US")
    limit = record("profiles", 2, profile_id="p", maturity_limit=7)
    versions = made("profiles", [], country, limit)
    assert [(at, v["maturity_limit"]) for at, _, v in versions] == [(ALWAYS_US, None), (1, 7)]
    assert versions[1][2]["country"] == "US"
    other = record("profiles", 3, profile_id="p", country="DE")
    assert fates("profiles", [], country, limit, other) == ["new", "new", "rejected"]


def test_the_first_record_of_a_title_needs_a_name_and_a_later_one_does_not():
    nameless = record("titles", title_id="t", maturity=16)
    assert fates("titles", [], nameless) == ["rejected"]
    assert made("titles", [], nameless) == []
    known = [landed("titles", title_id="t", name="A", maturity=6)]
    wanted = {"title_id": "t", "name": "A", "maturity": 16}
    assert made("titles", known, nameless) == [(NOW, None, wanted)]


def test_what_is_known_is_a_duplicate_and_a_change_without_a_date_is_undated():
    before = [landed("profiles", profile_id="p", country="US", kids=True)]
    same = record("profiles", profile_id="p", country="US")
    change = record("profiles", profile_id="p", country="DE")
    assert fates("profiles", before, same) == ["duplicate"]
    assert fates("profiles", before, change, moment=None) == ["undated"]
    assert fates("profiles", before, same, moment=None) == ["duplicate"]
    assert fates("profiles", [], change, dict(change, line=2)) == ["new", "duplicate"]
    dated = record("profiles", profile_id="p", country="US", known_at=ALWAYS_US)
    assert fates("profiles", before, dated) == ["duplicate"]
    assert fates("profiles", before, dict(dated, country="DE")) == ["rejected"]


def test_a_profile_without_a_limit_whose_record_is_refused_is_held_to_the_childrens():
    refused = record("profiles", unread="maturity_limit", profile_id="p", country="US", kids=None)
    ((at, held, version),) = made("profiles", [], refused)
    assert (at, held) == (ALWAYS_US, True)
    assert version == {"profile_id": "p", "country": "US", "maturity_limit": 12}
    known = [landed("profiles", profile_id="p", country="DE", languages=["de"])]
    ((at, held, version),) = made("profiles", known, refused)
    assert (at, held) == (NOW, True)
    wanted = {"country": "DE", "languages": ["de"], "maturity_limit": 12}
    assert version == {"profile_id": "p", **wanted}


def test_a_profile_is_held_to_the_strictest_that_it_ever_had():
    before = [
        landed("profiles", 0, profile_id="p", maturity_limit=7, kids=True, blocked_titles=["a"]),
        landed("profiles", DAY, profile_id="p", maturity_limit=16, kids=False),
    ]
    refused = record("profiles", unread="created_at", profile_id="p", blocked_titles=["b"])
    ((_, held, version),) = made("profiles", before, refused)
    assert held and version["maturity_limit"] == 7 and version["kids"] is True
    assert version["blocked_titles"] == ["a", "b"]
    stricter = record("profiles", unread="kids", profile_id="p", maturity_limit=0)
    ((_, _, version),) = made("profiles", before, stricter)
    assert version["maturity_limit"] == 0


@pytest.mark.parametrize("at", [None, 5 * DAY])
def test_of_a_sound_and_a_refused_record_of_one_moment_the_refused_one_holds(at):
    sound = record("profiles", 2, profile_id="p", maturity_limit=18, kids=False, known_at=at)
    refused = record("profiles", 1, unread="maturity_limit", profile_id="p", known_at=at)
    for order in permutations([sound, refused]):
        versions = made("profiles", [], *order)
        assert [held for _, held, _ in versions] == [None, True]
        assert versions[1][2]["maturity_limit"] == 18


def test_a_refused_record_whose_date_cannot_be_read_holds_after_its_whole_landing():
    sound = record("profiles", 1, profile_id="p", maturity_limit=18, known_at=9 * DAY)
    refused = record("profiles", 2, unread="known_at", profile_id="p", kids=True)
    versions = made("profiles", [], refused, sound)
    assert [(at, held) for at, held, _ in versions] == [(9 * DAY, None), (9 * DAY + 1, True)]


def test_a_later_sound_record_ends_the_hold_but_only_of_what_it_speaks_of():
    before = [
        landed("profiles", 0, profile_id="p", country="US"),
        landed("profiles", DAY, True, profile_id="p", country="US", maturity_limit=12),
    ]
    moved = record("profiles", profile_id="p", country="DE")
    ((_, held, version),) = made("profiles", before, moved)
    assert held and version["maturity_limit"] == 12 and version["country"] == "DE"
    sound = record("profiles", profile_id="p", maturity_limit=None, kids=False)
    ((_, held, version),) = made("profiles", before, sound)
    assert held is None and version == {"profile_id": "p", "country": "US", "kids": False}
    later = [record("profiles", 1, profile_id="p", maturity_limit=16, known_at=3 * DAY)]
    later.append(record("profiles", 2, unread="kids", profile_id="p", known_at=2 * DAY))
    assert [held for _, held, _ in made("profiles", before[:1], *later)] == [True, None]


def test_a_record_mended_with_its_own_date_ends_the_hold_and_once():
    refused = record("profiles", unread="maturity_limit", profile_id="p", known_at=DAY)
    mended = record("profiles", profile_id="p", maturity_limit=16, known_at=DAY)
    ((at, _, version),) = made("profiles", [], refused)
    before = [landed("profiles", at, True, **version)]
    ((after, held, version),) = made("profiles", before, mended)
    assert held is None and after > at and version["maturity_limit"] == 16
    before.append(landed("profiles", after, **version))
    assert fates("profiles", before, mended) == ["duplicate"]


def test_titles_and_artwork_are_held_to_the_greatest_age_and_to_that_of_adults_where_it_is_unread():
    known = [
        landed("titles", 0, title_id="t", name="A", maturity=16),
        landed("titles", DAY, title_id="t", name="A", maturity=6),
    ]
    ((_, held, version),) = made("titles", known, record("titles", unread="year", title_id="t"))
    assert held and version["maturity"] == 16
    refused = record("titles", unread="maturity", title_id="t")
    assert made("titles", known, refused)[0][2]["maturity"] == 18
    beyond = [landed("titles", 0, title_id="t", name="A", maturity=21)]
    assert made("titles", beyond, refused)[0][2]["maturity"] == 21
    launch = record("titles", unread="launched_at", title_id="t")
    assert made("titles", known, launch)[0][2]["launched_at"] == NEVER_US
    pictures = [landed("artwork", 0, title_id="t", artwork_id=name) for name in "ab"]
    refused = record("artwork", unread="maturity", title_id="t", artwork_id="a")
    assert [(v["artwork_id"], v["maturity"]) for _, _, v in made("artwork", pictures, refused)] == [
        ("a", 18)
    ]
    unnamed = record("artwork", unread="artwork_id", title_id="t")
    assert [v["artwork_id"] for _, _, v in made("artwork", pictures, unnamed)] == ["a", "b"]


def test_a_title_that_nobody_knows_is_not_made_known_by_a_refused_record():
    refused = record("titles", unread="maturity", title_id="t", name="A")
    assert made("titles", [], refused) == []


def test_the_windows_that_a_refused_record_may_have_spoken_of_are_closed():
    windows = [
        landed("availability", 0, title_id="t", country="US", from_at=DAY),
        landed("availability", 0, title_id="t", country="US", from_at=9 * DAY),
        landed("availability", 0, title_id="t", country="DE", from_at=DAY),
    ]

    def closed(before: list, refused: dict) -> list[tuple]:
        versions = made("availability", before, refused)
        assert all(held and v["until_at"] == v["from_at"] for _, held, v in versions)
        return [(v["country"], v["from_at"]) for _, _, v in versions]

    until = record("availability", unread="until_at", title_id="t", country="US", from_at=DAY)
    assert closed(windows, until) == [("US", DAY)]
    assert closed([], until) == [("US", DAY)]
    since = record("availability", unread="from_at", title_id="t", country="US")
    assert closed(windows, since) == [("US", DAY), ("US", 9 * DAY)]
    assert closed(windows[2:], since) == []
    assert closed([], since) == [("US", ALWAYS_US)]
    where = record("availability", unread="country", title_id="t", from_at=DAY)
    assert closed(windows, where) == [("DE", DAY), ("US", DAY), ("US", 9 * DAY)]
    assert closed([], where) == [("ZZ", ALWAYS_US)]
    sound = record("availability", 2, title_id="t", country="GB", from_at=DAY)
    versions = made("availability", [], sound, where)
    assert [(held, v["country"]) for _, held, v in versions] == [(None, "GB"), (True, "GB")]


def test_contradictions_hold_the_stricter_of_both_and_nothing_where_they_restrict_alike():
    one = record("profiles", 1, profile_id="p", maturity_limit=16, country="US")
    other = record("profiles", 2, profile_id="p", maturity_limit=7, country="US")
    versions = made("profiles", [], one, other)
    assert [(held, v["maturity_limit"]) for _, held, v in versions] == [(None, 16), (True, 7)]
    elsewhere = record("profiles", 2, profile_id="p", maturity_limit=16, country="DE")
    assert len(made("profiles", [], one, elsewhere)) == 1
    window = {"title_id": "t", "country": "US", "from_at": DAY}
    ends = [record("availability", n, **window, until_at=n * DAY) for n in (5, 3)]
    versions = made("availability", [], *ends)
    assert versions[-1][1] and versions[-1][2]["until_at"] == 3 * DAY


def test_no_random_history_lets_a_partial_or_refused_record_loosen_anything():
    rng = random.Random(7)
    for _ in range(400):
        steps = [_random_record(rng, line) for line in range(1, rng.randint(2, 9))]
        found = verdicts("profiles", [], [dict(step) for step in steps], NOW)
        versions = sorted((r for r in found if r["fate"] in ("new", "held")), key=_since)
        assert len({version["known_at"] for version in versions}) == len(versions)
        for before, after in pairwise(versions):
            _assert_follows(before, after, versions)


def _since(version: dict) -> int:
    return version["known_at"]


def _random_record(rng: random.Random, line: int) -> dict:
    values = {"maturity_limit": rng.choice([None, 0, 7, 16]), "kids": rng.choice([None, True])}
    given = {name: value for name, value in values.items() if rng.random() < 0.6}
    unread = "created_at" if rng.random() < 0.3 else ""
    at = rng.randint(1, 6) * DAY
    return record("profiles", line, unread, profile_id="p", known_at=at, **given)


def _assert_follows(before: dict, after: dict, versions: list[dict]) -> None:
    """A held version is as strict as all before it; a sound one differs in what it speaks of alone."""
    if after["held"] and after["given"] is None:
        earlier = [v for v in versions if v["known_at"] < after["known_at"]]
        limits = [v["maturity_limit"] for v in earlier if v["maturity_limit"] is not None]
        is_read = after["reason"] == "conflicting_version"
        least = min(limits, default=None if is_read else 12)
        assert least is None or after["maturity_limit"] <= least
        assert after["kids"] is True or not any(v["kids"] for v in earlier)
        return
    for name in LIMIT:
        assert after[name] == before[name] or name in after["given"]


def test_a_change_is_known_after_what_it_changes_though_the_log_ends_before():
    before = [landed("profiles", NOW + 5, profile_id="p", kids=False)]
    change = record("profiles", profile_id="p", kids=True)
    assert [at for at, _, _ in made("profiles", before, change)] == [NOW + 6]


def test_a_sound_record_that_comes_again_ends_the_hold_that_stands_right_after_it():
    sound = record("profiles", profile_id="p", maturity_limit=16, known_at=DAY)
    before = [
        landed("profiles", DAY, profile_id="p", maturity_limit=16),
        landed("profiles", DAY + 1, True, profile_id="p", maturity_limit=7),
    ]
    ((at, held, version),) = made("profiles", before, sound)
    assert (at, held, version["maturity_limit"]) == (DAY + 2, None, 16)
    refused = record("profiles", 2, "kids", profile_id="p", known_at=DAY)
    assert [held for _, held, _ in made("profiles", before, sound, refused)] == [None, True]


def test_a_record_that_comes_late_restricts_what_later_ones_took_over():
    before = [
        landed("profiles", 0, profile_id="p", country="US", maturity_limit=16, kids=False),
        landed("profiles", 5 * DAY, profile_id="p", country="DE", maturity_limit=16, kids=False),
    ]
    late = record("profiles", profile_id="p", maturity_limit=7, known_at=DAY)
    versions = made("profiles", before, late)
    limits = [(at, held, v["country"], v["maturity_limit"]) for at, held, v in versions]
    assert limits == [(DAY, None, "US", 7), (5 * DAY + 1, True, "DE", 7)]
    before[1]["maturity_limit"] = 12  # the later one spoke of it
    assert [held for _, held, _ in made("profiles", before, late)] == [None]
    before[1]["maturity_limit"] = 16
    looser = record("profiles", profile_id="p", maturity_limit=18, kids=False, known_at=DAY)
    assert [held for _, held, _ in made("profiles", before, looser)] == [None]
    child = record("profiles", profile_id="p", kids=True, known_at=DAY)
    assert made("profiles", before, child)[-1][2]["kids"] is True
    first = record("profiles", profile_id="p", maturity_limit=7, known_at=-DAY)
    assert [held for _, held, _ in made("profiles", before, first)] == [None]


def test_a_title_that_was_rated_late_keeps_the_higher_age():
    before = [
        landed("titles", 0, title_id="t", name="A", maturity=6),
        landed("titles", 5 * DAY, title_id="t", name="B", maturity=6),
    ]
    late = record("titles", title_id="t", maturity=16, known_at=DAY)
    assert [(v["name"], v["maturity"]) for _, _, v in made("titles", before, late)] == [
        ("A", 16),
        ("B", 16),
    ]
    window = {"title_id": "t", "country": "US", "from_at": 0}
    before = [landed("availability", at, **window) for at in (0, 5 * DAY)]
    late = record("availability", **window, until_at=9 * DAY, known_at=DAY)
    assert [v["until_at"] for _, _, v in made("availability", before, late)] == [9 * DAY, 9 * DAY]
