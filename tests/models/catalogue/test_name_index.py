"""Names by their beginnings: any word, no accents, whole names first, nothing that may not be seen."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue.name_index import found, lawful, name_index, search_key

TITLES = [
    {
        "title_id": "t1",
        "name": "Amélie",
        "cast": ["Audrey Tautou"],
        "directors": None,
        "genres": ["Romance"],
    },
    {
        "title_id": "t2",
        "name": "The Godfather",
        "cast": ["Al Pacino", None],
        "directors": ["Francis Coppola"],
        "genres": ["Crime"],
    },
    {
        "title_id": "t3",
        "name": "Romancing the Stone",
        "cast": [],
        "directors": ["Al Pacino"],
        "genres": ["Crime", "Romance"],
    },
    {
        "title_id": "t4",
        "name": None,
        "cast": ["Al Pacino"],
        "directors": ["Al Pacino"],
        "genres": None,
    },
]
TYPES = pa.schema(
    [
        ("title_id", pa.string()),
        ("name", pa.string()),
        *((name, pa.list_(pa.string())) for name in ("cast", "directors", "genres")),
    ]
)
INDEX = name_index(pa.Table.from_pylist(TITLES, TYPES))


def names(text: str) -> list[str]:
    return [f"{each.kind} {each.name}" for each in found(INDEX, text)]


def test_any_word_of_a_name_is_found_without_case_and_accents() -> None:
    assert names("AMEL") == ["title Amélie"] == names("amélie")
    assert names("godf") == names("the godf") == ["title The Godfather"]
    assert names("coppola") == ["person Francis Coppola"]
    assert names("t4") == ["title t4"], "a title without a name is found by its id"
    assert names("stone!") == ["title Romancing the Stone"], "signs do not count"
    assert search_key("Spider-Man: (No) Way") == "spider man no way" and search_key("?!") == "?!"
    assert names("zzz") == names("") == names(" ") == []


def test_names_that_begin_so_come_before_those_with_such_a_word_and_many_titles_before_few() -> (
    None
):
    assert names("rom") == ["genre Romance", "title Romancing the Stone"]
    assert names("the") == ["title The Godfather", "title Romancing the Stone"]


def test_person_stands_once_with_all_titles() -> None:
    (pacino,) = found(INDEX, "pacino")
    assert pacino == ("person", "Al Pacino", ["t2", "t3", "t4"])


def test_what_may_not_be_seen_is_not_found() -> None:
    assert lawful(found(INDEX, "pacino"), {"t3"}, 8) == [("person", "Al Pacino", ["t3"])]
    assert lawful(found(INDEX, "pacino"), {"t1"}, 8) == []
    assert lawful(found(INDEX, "godfather"), {"t1", "t3"}, 8) == []
    assert len(lawful(found(INDEX, "a"), {"t1", "t2", "t3", "t4"}, 2)) == 2


def test_equal_titles_in_any_order_give_equal_tables() -> None:
    assert name_index(pa.Table.from_pylist(TITLES[::-1], TYPES)).equals(INDEX)
    assert name_index(TYPES.empty_table()).num_rows == 0


@given(st.lists(st.text(min_size=1), min_size=1, max_size=8), st.text(max_size=3))
def test_exactly_the_names_with_such_a_word_are_found(all_names: list[str], text: str) -> None:
    rows = [{"title_id": f"t{n}", "name": name} for n, name in enumerate(all_names)]
    index = name_index(pa.Table.from_pylist(rows, TYPES))
    wanted = search_key(text)
    words = [search_key(name).split() for name in all_names]
    expected = {
        f"t{n}"
        for n, of in enumerate(words)
        if wanted and any(" ".join(of[first:]).startswith(wanted) for first in range(len(of)))
    }
    assert {each.title_ids[0] for each in found(index, text)} == expected
