"""The natural baseline's page by hand: what is begun, then what the country plays."""

from closed_loop.popular_grid import popular_grid
from conf.world import PageShape
from tests.models.page import small

SHAPE = PageShape(rows=3, columns=3)
TITLES = {
    **{f"t{n}": {"maturity": 0, "plays": 100 - n, "plays_in": {"GB": (n, n)}} for n in range(12)},
    "begun": {"plays": 5},
    "older": {"plays": 90},
    "horror": {"plays": 200, "maturity": 18},
}
BEGUN = {"resume_s": 60.0, "length_s": 6000.0, "finished": 0.0}
SHOP = small.catalogue(TITLES, countries=["GB"])
PEOPLE = small.profiles(
    SHOP,
    {
        "ann": {"history": ["begun", "older"], "states": {"begun": BEGUN, "older": BEGUN}},
        "bob": {"country": "GB", "kids": True, "limit": 12},
    },
)


def pages() -> dict[str, list[list[str]]]:
    built: dict[str, list[list[str]]] = {}
    for row in popular_grid(SHOP, PEOPLE, SHAPE).to_pylist():
        page = built.setdefault(row["profile_id"], [])
        assert row["row_position"] == len(page) + 1
        columns = [cell["column_position"] for cell in row["cells"]]
        assert columns == list(range(1, len(columns) + 1))
        page.append([cell["title_id"] for cell in row["cells"]])
    return built


def test_what_is_begun_stands_above_the_grid_newest_first_and_not_in_it():
    assert pages()["ann"] == [["begun", "older"], ["horror", "t0", "t1"], ["t2", "t3", "t4"]]


def test_the_grid_goes_by_plays_in_the_country_and_keeps_the_limits_of_age():
    assert pages()["bob"] == [["t11", "t10", "t9"], ["t8", "t7", "t6"], ["t5", "t4", "t3"]]


def test_every_row_has_an_id_of_its_own():
    rows = popular_grid(SHOP, PEOPLE, SHAPE)
    keys = list(zip(rows["profile_id"].to_pylist(), rows["row_id"].to_pylist(), strict=True))
    assert len(set(keys)) == len(keys)
