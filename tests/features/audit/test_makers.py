"""A row names a ranker that was promoted, and a builder with a row model that was."""

from conf.pages import pages
from features.audit.makers import makers_of

BUILDER = pages().builder


def test_without_rankers_there_are_popularity_and_the_template():
    assert makers_of([]) == (("popularity",), ("template", f"{BUILDER} worth"))


def test_each_promoted_ranker_makes_what_it_is_for():
    promoted = [("top_picks", "t-1"), ("pvr", "p-1"), ("rows", "r-1"), ("continue_watching", "c-1")]
    makers = makers_of(promoted)
    assert makers.rankers == ("popularity", "t-1", "p-1")
    assert makers.builders == ("template", f"{BUILDER} worth", f"{BUILDER} r-1")
