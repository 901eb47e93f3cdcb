"""The probability kept with each cell's artwork is that of the draw that chose it, title by title."""

from dataclasses import replace

import numpy as np
import pytest

from conf.draws import splitmix64_of
from models.page.cell_artwork import cell_artwork
from tests.models.artwork.small import policy, settings
from tests.models.page import small

FACE, PLACE = {"theme": "face"}, {"theme": "place"}
SHOP = small.catalogue(
    {
        "three": {"art": [{"artwork_id": "t-face", **FACE}, {"artwork_id": "t-place", **PLACE}]},
        "one": {"art": [{"artwork_id": "o-face", **FACE}]},
        "none": {},
    }
)
DRAWS = [(1, 0), (1, 0.5), (0.5, 0.2), (0, 1), (-1, 0)]  # faces are best in three draws of five
BY_HAND = {"t-face": 0.6, "t-place": 0.4, "o-face": 1.0, "title-card": 1.0}
PEOPLE = 60


@pytest.fixture(scope="module")
def cells() -> list[tuple[str, str, float]]:
    """(title, artwork, probability) of pages of three titles in an order that changes, one twice."""
    chance = settings(draws=len(DRAWS))
    gallery = replace(SHOP.gallery, policy=policy(DRAWS), settings=chance, day=738_000)
    shop = replace(SHOP, gallery=gallery)
    profiles = small.profiles(shop, {f"p{n}": {} for n in range(PEOPLE)})
    draws = splitmix64_of(np.arange(3 * PEOPLE, dtype=np.uint64)).reshape(PEOPLE, 3)
    order = np.argsort(draws, axis=1)
    title = np.column_stack([order, order[:, :1]]).ravel()
    owner, column = np.repeat(np.arange(PEOPLE), 4), np.tile([1, 2, 3, 1], PEOPLE)
    row = np.tile([30, 30, 30, 31], PEOPLE)  # below the first screen, where themes have no share
    artwork, probability = cell_artwork(shop, profiles, owner, title, row, column)
    names = shop.title_ids[title].tolist()
    return list(zip(names, artwork.to_pylist(), probability.tolist(), strict=True))


def test_each_cell_keeps_the_probability_of_its_own_artwork(cells) -> None:
    assert {artwork for _, artwork, _ in cells} == set(BY_HAND)
    for _, artwork, probability in cells:
        assert probability == pytest.approx(BY_HAND[artwork], abs=1e-6), artwork


def test_artwork_belongs_to_the_title_of_its_cell(cells) -> None:
    assert {(title, artwork[:2]) for title, artwork, _ in cells} == {
        ("three", "t-"),
        ("one", "o-"),
        ("none", "ti"),
    }


def test_a_title_has_one_artwork_on_a_page_wherever_it_stands(cells) -> None:
    pages = [cells[start : start + 4] for start in range(0, len(cells), 4)]
    assert all(page[3] == page[0] for page in pages)
