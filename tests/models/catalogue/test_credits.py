"""People and awards of titles."""

import pyarrow as pa

from models.catalogue.credits import credits_from, no_credits

WORDS = pa.list_(pa.string())


def test_directors_stand_before_the_cast():
    titles = pa.table(
        {
            "directors": pa.array([["Dee"], None, [None, ""]], WORDS),
            "cast": pa.array([["Cal", "Dee"], None, ["Ann"]], WORDS),
            "awards": pa.array([[None, "Oscar", "Bear"], None, []], WORDS),
        }
    )
    people = credits_from(titles)
    assert people.names == ("Ann", "Cal", "Dee")
    assert people.offsets.tolist() == [0, 3, 3, 4]
    assert people.person.tolist() == [2, 1, 2, 0]
    assert people.directs.tolist() == [True, False, False, False]
    assert people.award.tolist() == ["Oscar", "", ""]


def test_no_credits_are_empty_for_every_title():
    people = no_credits(2)
    assert people.offsets.tolist() == [0, 0, 0]
    assert people.award.tolist() == ["", ""]
