"""What rows may claim of titles, title by title and country by country; what is not known is refused."""

from datetime import datetime, timedelta

import pytest

from conf.contracts import contract
from conf.days import end_of
from conf.rows import Rows, rows
from features.audit import claims as audit_claims
from features.audit import rows as audit_rows
from tests import audited, drafts, worlds

AS_OF = end_of(drafts.DS)
PLAYS = ("plays_1d", "plays_3d", "plays_7d", "plays_before", "season_plays", "earlier_plays")
TITLES = {
    "t1": {"title_plays_count_all": 9, "title_stars_count": 1, "title_stars_mean": 4.0},
    "t2": {"title_plays_count_all": 99, "title_stars_count": 1, "title_stars_mean": 3.0},
    "t3": {"title_plays_count_all": 20, "title_first_play_age_days": 5.0},
    "t4": {},
    "t5": {"title_first_play_age_days": 400.0},
}
COUNTRY_PLAYS = {
    "t1": {"NO": (9, 9, 9, 3, 0, 0)},  # rises
    "t2": {"NO": (9, 9, 9, 36, 0, 0), "": (90, 90, 90, 0, 0, 0)},  # rises with everybody, not in NO
    "t3": {"NO": (0, 0, 0, 0, 30, 60)},  # in season
}


def days_ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


WINDOWS = [
    {"title_id": "t5", "country": "NO", "from_at": days_ago(900), "until_at": days_ago(90)},
    {"title_id": "t5", "country": "NO", "from_at": days_ago(9), "until_at": None},
    {"title_id": "t1", "country": "BR", "from_at": days_ago(7), "until_at": None},
]


def title_features(title_id: str) -> dict[str, object]:
    """A record of title_features: no plays, no stars, and then what TITLES says."""
    names = contract("title_features").required
    counts = {name: 0 for name in names if name.startswith("title_plays")}
    by_country = COUNTRY_PLAYS.get(title_id, {})
    plays = [
        {"country": country, **dict(zip(PLAYS, counts, strict=True))}
        for country, counts in by_country.items()
    ]
    return {
        "title_id": title_id,
        **counts,
        "title_trend_7d": 0.0,
        "title_trend_30d": 0.0,
        "title_stars_count": 0,
        "country_plays": plays,
        "ds": drafts.DS,
        **TITLES[title_id],
    }


def true_claims(titles, windows) -> dict[tuple[str, str], str]:
    """The titles of which each row's claim is true, by row and country; * stands for everywhere."""
    features = [title_features(name) for name in TITLES]
    day = audited.day_of({"titles": titles, "availability": windows, "title_features": features})
    tables = {name: table.to_pylist() for name, table in day.tables.items() if name in NAMED}
    names = {row["title_no"]: row["title_id"] for row in tables["known"]}
    countries = {row["country_no"]: row["country"] for row in tables["countries"]} | {-1: "*"}
    claims = {row["claim_no"]: row for row in tables["claims"]}
    found: dict[tuple[str, str], set[str]] = {}
    for entry in tables["entries"]:
        claim = claims[entry["claim_no"]]
        if entry["is_true"]:
            key = (claim["row_id"], countries[claim["country_no"]])
            found.setdefault(key, set()).add(names[entry["title_no"]])
    return {key: " ".join(sorted(titles)) for key, titles in found.items()}


NAMED = ("known", "countries", "claims", "entries")


@pytest.fixture(scope="module")
def claimed() -> dict[tuple[str, str], str]:
    """The claims of five titles for readers in NO, in BR, where nobody ever played, and without a country."""
    titles = [
        worlds.title(
            n, cast=["Ida"] if n == 4 else None, launched_at=days_ago(3) if n == 4 else None
        )
        for n in range(6)
    ]
    origin = {"known_at": days_ago(900), "source": "test", "landing_id": "test"}
    return true_claims(titles, [window | origin for window in WINDOWS])


@pytest.mark.parametrize(
    ("row_id", "country", "titles"),
    [
        ("trending", "NO", "t1"),
        ("trending", "BR", "t1 t2"),  # nobody is known to have played there: everybody's plays tell
        ("trending", "", "t1 t2"),
        ("in_season", "NO", "t3"),
        ("new", "NO", "t3 t4"),  # t5 has been there before
        ("new", "BR", "t1 t3 t4"),
        ("coming_back", "NO", "t5"),
        ("popular", "*", "t1 t2 t3"),
        ("hidden_gems", "*", "t1"),
        ("genre:Crime", "*", "t2"),
        ("genre_era:1990s Crime", "*", "t2"),
        ("cast:Ida", "*", "t4"),
    ],
)
def test_only_what_is_so_may_be_claimed(
    claimed: dict[tuple[str, str], str], row_id: str, country: str, titles: str
) -> None:
    assert claimed[row_id, country] == titles


def test_nothing_is_claimed_where_nothing_is_known(claimed: dict[tuple[str, str], str]) -> None:
    assert ("coming_back", "BR") not in claimed
    assert ("director:Ida", "*") not in claimed


def accepted(row_kind: str) -> bool:
    """Whether the audit accepts a row of a kind that shows t1, while no claim of t1 is known to be true."""
    day = audited.day_of({"titles": [worlds.title(1)]})
    row = {"profile_id": "ann", "row_position": 1, "row_kind": row_kind, "row_id": row_kind}
    row["cells"] = [{"column_position": 1, "title_id": "t1"}]
    found = audited.judged(day, [row], [{"profile_id": "ann"}])
    (rules,) = audited.broken(found, "row_verdicts", ["profile_id"]).values()
    return "claims_are_true" not in rules


@pytest.mark.parametrize("name", rows().kinds)
def test_a_kind_is_accepted_without_a_look_only_if_its_order_claims_nothing(name: str) -> None:
    kind = rows().kinds[name]
    claims_nothing = not kind.by_tag and rows().orders[kind.order].claim == "nothing"
    assert accepted(name) == claims_nothing


def test_a_kind_that_nobody_declared_is_refused() -> None:
    assert not accepted("mystery")


def test_a_kind_whose_order_has_no_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Top picks claim nothing and are accepted; without the entry of their order they are not."""
    assert accepted("top_picks")
    orders = {name: order for name, order in rows().orders.items() if name != "personal"}
    undeclared = Rows.model_construct(**{**dict(rows()), "orders": orders})
    for module in (audit_claims, audit_rows):
        monkeypatch.setattr(module, "rows", lambda: undeclared)
    assert not accepted("top_picks")


def test_a_row_by_facet_in_an_order_with_a_claim_claims_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Popular titles of a genre: t1 is of the genre and was played, t4 is of the genre alone."""
    popular = rows().kinds["popular"]
    by_genre = popular.model_copy(update={"per": "genre", "most_rows": 3})
    changed = rows().model_copy(update={"kinds": {"popular_genre": by_genre}})
    monkeypatch.setattr(audit_claims, "rows", lambda: changed)
    titles = [worlds.title(n, genres=["Crime"]) for n in (1, 4)]
    assert true_claims(titles, []) == {("popular_genre:Crime", "*"): "t1"}
