from experiments.interleaving.draft import FIRST, NEITHER, team_draft
from experiments.interleaving.page_rules import PageRow, first_screens_kept

KEPT = first_screens_kept((2, 2))


def test_no_title_is_twice_in_view():
    top, drama = PageRow("top", ("a", "b", "c")), PageRow("drama", ("b", "d"))
    assert not KEPT([top], drama)
    assert KEPT([top], PageRow("tail", ("c", "d")))  # c of the row above is out of view
    assert KEPT([top, PageRow("x", ("e", "f"))], drama)  # below the first screens
    assert KEPT([top], drama._replace(may_repeat=True))


def test_a_page_has_one_row_of_each_key():
    assert not KEPT([PageRow("top", ("a",))], PageRow("top", ("z",)))


def test_rows_of_two_arms_keep_the_rule_on_one_page():
    ours = [PageRow("top", ("a", "b")), PageRow("drama", ("c", "d")), PageRow("new", ("e", "f"))]
    theirs = [
        PageRow("popular", ("b", "c")),
        PageRow("top", ("b", "a")),
        PageRow("new", ("e", "f")),
    ]
    draft = team_draft((ours, theirs), iter([FIRST] * 9), 4, KEPT)
    keys = [row.key for row in draft.items]
    assert keys == [
        "top",
        "new",
        "drama",
        "popular",
    ]  # popular waits until it is out of the screens
    assert draft.teams[:2] == [0, 1]
    assert NEITHER not in draft.teams
