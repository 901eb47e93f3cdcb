"""What titles have in common."""

import pyarrow as pa

from conf.rows import rows
from models.catalogue.facets import facets_from, no_tags, tags


def test_tags_mark_the_titles_that_have_them():
    of_genres = tags([["Drama", "Comedy", "Drama"], ["Drama"], ["", "Noir"]])
    assert of_genres.names == ("Comedy", "Drama", "Noir")
    assert of_genres.marks.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_rare_tags_are_left_out():
    assert tags([["Drama", "Comedy"], ["Drama"]], least_titles=2).names == ("Drama",)


def test_no_tags_have_a_row_for_each_title():
    assert no_tags(3).marks.shape == (3, 0)


def test_eras_are_decades_alone_and_with_a_genre():
    size = max(kind.min_length for kind in rows().kinds.values())
    titles = pa.table(
        {
            "year": [1994] * size + [None],
            "genres": [["Drama"]] * (size + 1),
            "cast": [None] * (size + 1),
            "directors": [None] * (size + 1),
            "keywords": [None] * (size + 1),
        }
    )
    facets = facets_from(titles, rows())
    named = {facet: of_facet.names for facet, of_facet in facets.items() if of_facet.names}
    assert set(sum(named.values(), ())) <= {"1990s", "1990s Drama", "Drama"}
    assert any("1990s" in name for names in named.values() for name in names)
    assert not any(of_facet.marks[-1].any() for facet, of_facet in facets.items() if "era" in facet)
