"""Each kind of reason is believed only where the tables say the same."""

from datetime import UTC, datetime, timedelta

import pytest

from conf.days import end_of
from features.audit.evidence import cell_reasons, evidence_verdicts, reason_facts
from jobs.io.tables import spark as tables
from tests import drafts

AS_OF = end_of(drafts.DS)
TITLES = {
    "new": {"launched_at": AS_OF - timedelta(days=3.5)},
    "old": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"], "awards": ["Palm"]},
    "s1": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
    "s2": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
    "bad": {"genres": ["Drama"], "directors": ["Ida"], "cast": ["Max"]},
}
HISTORY = {"s1": (2, None), "s2": (1, 4.0), "bad": (1, 1.0)}  # plays, stars
TRUE = {
    "again": ("s1", "again", (None, 2, 0)),
    "watched": ("old", "watched", ("s1", 0, 0)),
    "director": ("old", "director", ("Ida", 2, 0)),
    "cast": ("old", "cast", ("Max", 2, 0)),
    "new": ("new", "new", (None, 0, 3)),
    "trending": ("old", "trending", (None, 5, 7)),
    "award": ("old", "award", ("Palm", 0, 0)),
    "taste": ("old", "taste", ("Drama", 3, 0)),
    "genre": ("old", "genre", ("Drama", 0, 0)),
    "popular": ("old", "popular", (None, 6, 30)),
    "the row's own": ("new", "season", (None, 0, 0)),
}
FALSE = {
    "again, of another number": ("s1", "again", (None, 3, 0)),
    "again, never played": ("old", "again", (None, 1, 0)),
    "watched, disliked": ("old", "watched", ("bad", 0, 0)),
    "watched, not in the history": ("s1", "watched", ("old", 0, 0)),
    "watched, not alike": ("new", "watched", ("s1", 0, 0)),
    "director, with a disliked title counted": ("old", "director", ("Ida", 3, 0)),
    "director, of another title": ("new", "director", ("Ida", 2, 0)),
    "cast, of nobody": ("old", "cast", ("Eve", 2, 0)),
    "new, of another day": ("new", "new", (None, 0, 2)),
    "new, never launched": ("old", "new", (None, 0, 3)),
    "trending, not measured": ("new", "trending", (None, 5, 7)),
    "trending, of another number": ("old", "trending", (None, 4, 7)),
    "award, not won": ("old", "award", ("Oscar", 0, 0)),
    "taste, miscounted": ("old", "taste", ("Drama", 2, 0)),
    "genre, of another title": ("new", "genre", ("Drama", 0, 0)),
    "popular, of another number": ("old", "popular", (None, 7, 30)),
    "another row's own": ("new", "listed", (None, 0, 0)),
}


@pytest.fixture(scope="module")
def judged(spark):
    """Whether the claim of each name is believed: one row of one cell for each."""
    schema = tables.schema_of(spark, "titles")
    rest = {"known_at": datetime(1998, 1, 1, tzinfo=UTC), "source": "test", "landing_id": "test"}
    rows = [{"title_id": t, "name": t, **facts, **rest} for t, facts in TITLES.items()]
    titles = spark.createDataFrame([tuple(r.get(f.name) for f in schema) for r in rows], schema)
    counts = spark.createDataFrame(
        [("old", 0.4, 5, 6, 9), ("new", -0.1, 5, 5, 5)],
        "title_id string, title_trend_7d double, title_plays_count_7d bigint, title_plays_count_30d bigint,"
        " title_plays_count_all bigint",
    )
    at = datetime(1998, 4, 1, tzinfo=UTC)
    history = [(title, at, plays, stars) for title, (plays, stars) in HISTORY.items()]
    people = spark.createDataFrame(
        [("ann", history)],
        "profile_id string, history array<struct<title_id:string,last_at:timestamp,plays_count:int,stars:double>>",
    )
    near = [
        ("cosine", "s1", [("old", 1.0)]),
        ("cosine", "bad", [("old", 1.0)]),
        ("cosine", "old", [("s1", 1.0)]),
    ]
    similars = spark.createDataFrame(
        near,
        "method string, title_id string, neighbours array<struct<title_id:string,weight:float>>",
    )
    cells = [
        ("ann", place, "season", [(title, kind, said)])
        for place, (title, kind, said) in enumerate([*TRUE.values(), *FALSE.values()])
    ]
    pages = spark.createDataFrame(
        cells,
        "profile_id string, row_position int, evidence_type string, cells array<struct<title_id:string,"
        "evidence_type:string,evidence_payload:struct<subject:string,count:bigint,days:int>>>",
    )
    told = evidence_verdicts(
        cell_reasons(pages), people, reason_facts(titles, counts, AS_OF), similars
    ).collect()
    found = {row["row_position"]: row["false_evidence"] == 0 for row in told}
    return {name: found[place] for place, name in enumerate([*TRUE, *FALSE])}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_so_is_believed(judged, name):
    assert judged[name]


@pytest.mark.parametrize("name", FALSE)
def test_what_is_not_so_is_not(judged, name):
    assert not judged[name]
