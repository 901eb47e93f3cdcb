"""The most helpful true reason is said, in the profile's language."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from conf.rows import rows
from models.catalogue.credits import credits_from
from models.catalogue.facets import tags
from models.page.evidence.cell_reasons import Cells, helpful_reasons, plays_of
from tests.models.page import small

TITLES = {
    "a": {"genres": ["Comedy"], "plays": 40},
    "b": {"genres": ["Comedy"], "plays": 9, "launch": 3.5},
    "c": {"genres": ["Drama"], "plays": 5, "trend": 0.9},
    "d": {"plays": 6},
    "e": {"plays": 0},
    "f": {"genres": ["Drama"], "plays": 8},
    "x": {"genres": ["Comedy"], "plays": 2},
    "y": {"genres": ["Comedy"], "plays": 2},
    "z": {"genres": ["Crime"], "plays": 2},
}
HISTORY = [("x", 5.0, 1), ("y", np.nan, 3), ("z", 1.0, 2)]
ROW = "popular"


def shop(**more):
    made = small.catalogue(TITLES)
    near = small.neighbours(made, more.pop("near", {}))
    crew = [
        {
            "directors": more.get("directors", {}).get(t),
            "cast": more.get("cast", {}).get(t),
            "awards": more.get("awards", {}).get(t),
        }
        for t in made.title_ids
    ]
    texts = pa.list_(pa.string())
    table = pa.Table.from_pylist(
        crew, schema=pa.schema(dict.fromkeys(("directors", "cast", "awards"), texts))
    )
    return replace(made, similar=near, credits=credits_from(table))


def said(made, titles, kind=ROW, subject=-1, language=None, **ann):
    """(kind of reason, sentence, payload) of each title in a row of a kind."""
    people = small.profiles(made, {"ann": {"history": HISTORY, **ann}})
    if language:
        people = replace(people, language=np.array([language], object))
    named = list(rows().kinds.items())
    title = np.array([list(made.title_ids).index(t) for t in titles])
    owner, place = np.zeros(len(title), np.int64), [n for n, _ in named].index(kind)
    cells = Cells(
        owner,
        np.full(len(title), place),
        np.full(len(title), subject),
        title,
        plays_of(made, people, owner, title),
    )
    told = helpful_reasons(
        made, people, named, cells, pa.array(["the row's own words"] * len(title))
    )
    return list(
        zip(
            *(told[n].to_pylist() for n in ("evidence_type", "evidence", "evidence_payload")),
            strict=True,
        )
    )


def payload(subject=None, count=0, days=0):
    return {"subject": subject, "count": count, "days": days}


def test_each_kind_is_said_where_it_is_the_most_helpful_that_is_true():
    made = shop(
        near={"x": {"f": 1.0, "a": 0.2}},
        directors={"d": ["Ida"], "x": ["Ida"], "y": ["Ida"]},
        awards={"e": ["Palm"]},
    )
    assert said(made, "bcdefyz") == [
        ("new", "Came 3 days ago", payload(days=3)),
        ("trending", "5 plays in the last 7 days, more than before", payload(count=5, days=7)),
        ("director", "By Ida, whose 2 titles you liked", payload("Ida", 2)),
        ("award", "Award: Palm", payload("Palm")),
        ("watched", "Because you watched Name x", payload("x")),
        ("again", "You played it 3 times", payload(count=3)),
        ("again", "You played it 2 times", payload(count=2)),
    ]


def test_a_weak_tie_gives_way_to_a_stronger_reason():
    made = shop(near={"x": {"f": 1.0, "a": 0.2}})
    assert said(made, "a")[0][:2] == ("taste", "Comedy, like 2 of what you played")


def test_an_actor_is_liked_from_two_liked_titles_on():
    cast = {"d": ["Max"], "x": ["Max"], "y": ["Max"], "z": ["Eve"], "e": ["Eve"]}
    assert said(shop(cast=cast), "d")[0] == (
        "cast",
        "With Max, whom you liked in 2 titles",
        payload("Max", 2),
    )
    once = {**cast, "y": []}
    assert said(shop(cast=once), "d")[0][0] == "popular"
    disliked = {**cast, "x": ["Eve"]}
    assert said(shop(cast=disliked), "e")[0][0] == ROW  # two titles with Eve, one of them disliked


def test_what_was_disliked_or_is_not_for_the_profile_is_no_anchor():
    made = shop(near={"z": {"d": 1.0}})
    assert said(made, "d")[0][0] == "popular"
    blocked = shop(near={"x": {"d": 1.0}})
    assert said(blocked, "d")[0][0] == "watched"
    assert said(blocked, "d", blocked=["x"])[0][0] == "popular"


def test_what_the_rows_name_says_already_is_less_helpful():
    made = shop(near={"x": {"f": 1.0}, "y": {"f": 0.9}}, awards={"f": ["Palm"]})
    x = list(made.title_ids).index("x")
    assert said(made, "f")[0][0] == "watched"
    assert said(made, "f", kind="because_you_watched", subject=x)[0][0] == "award"


def test_a_row_about_one_title_names_no_other_in_its_cells():
    made = shop(near={"x": {"f": 0.1, "a": 1.0}, "y": {"f": 1.0}})
    x = list(made.title_ids).index("x")
    assert said(made, "f")[0][:2] == ("watched", "Because you watched Name y")
    assert said(made, "f", kind="because_you_watched", subject=x)[0][0] == "popular"


def test_a_cell_does_not_repeat_the_tag_of_its_row():
    made = shop(cast={"d": ["Max"], "x": ["Max"], "y": ["Max"]})
    made.facets["cast"] = tags([("Max",) if t == "d" else () for t in made.title_ids])
    made.facets["genre_era"] = tags([("1990s Comedy",) if t == "a" else () for t in made.title_ids])
    assert said(made, "a")[0][0] == "taste"
    assert said(made, "a", kind="genre", subject=made.genres.index("Comedy"))[0][0] == "popular"
    assert said(made, "a", kind="genre", subject=made.genres.index("Drama"))[0][0] == "taste"
    assert said(made, "a", kind="genre_era", subject=0)[0][0] == "popular"
    assert said(made, "d")[0][0] == "cast"
    assert said(made, "d", kind="cast", subject=0)[0][0] == "popular"


def test_without_any_reason_the_rows_own_words_stand():
    assert said(shop(), "e")[0] == (ROW, "the row's own words", payload())


def test_the_profiles_language_is_spoken_where_there_are_texts():
    made = shop(near={"x": {"f": 1.0}})
    assert said(made, "f", language="de")[0][1] == "Weil du Name x gesehen hast"
    assert said(made, "f", language="es")[0][1] == "Porque viste Name x"
    assert said(made, "f", language="en")[0][1] == "Because you watched Name x"
    assert said(made, "a", language="es")[0][1:] == (
        "Comedia, como 2 de los que viste",
        payload("Comedy", 2),
    )


@pytest.mark.parametrize(
    ("days", "text"), [(0.2, "Came today"), (1.9, "Came yesterday"), (2.1, "Came 2 days ago")]
)
def test_numbers_are_said_as_people_say_them(days, text):
    made = replace(shop(), features={**shop().features})
    made.features["title_launch_age_days"] = np.full(made.size, days, np.float32)
    assert said(made, "d")[0][1] == text
