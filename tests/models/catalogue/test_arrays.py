"""The catalogue and profiles where something is missing."""

from dataclasses import replace

from models.catalogue.arrays import no_neighbours
from tests.models.page import small


def test_a_facet_that_the_catalogue_lacks_has_no_tags():
    catalogue = small.catalogue({"a": {"genres": ["Drama"]}, "b": {}})
    assert catalogue.tags("genre").names == ("Drama",)
    assert catalogue.tags("nothing").marks.shape == (2, 0)


def test_profiles_of_an_unknown_language_get_the_first_one():
    catalogue = small.catalogue({"a": {}})
    profiles = replace(small.profiles(catalogue, {"ann": {}}), language=None)
    assert len(set(profiles.text_language)) == 1


def test_an_unknown_viewing_state_has_an_entry_for_each_play():
    catalogue = small.catalogue({"a": {}, "b": {}})
    profiles = small.profiles(catalogue, {"ann": {"history": ["a", "b"]}})
    assert len(replace(profiles, viewing=None).states.thumb) == 2


def test_no_neighbours_are_empty_lists():
    assert no_neighbours(2).counts.tolist() == [0, 0]
