from datetime import date

import numpy as np
import pytest

from benchmarks.scale.catalogue import COUNTRIES, GENRES, title_tables, titles_of
from conf.contracts import contract

DS = date(2026, 3, 30)


@pytest.fixture(scope="module")
def titles():
    return titles_of(2000, seed=7)


def test_a_few_titles_have_much_of_the_plays(titles):
    draws = titles.drawn(np.random.default_rng(1), np.full(50_000, -1))
    counts = np.sort(np.bincount(draws, minlength=titles.size))[::-1]
    assert 0.2 < counts[:20].sum() / 50_000 < 0.6
    assert (counts > 0).sum() > 1500, "the tail is played too"


def test_a_draw_of_a_genre_has_titles_of_that_genre(titles):
    genre = np.repeat(np.arange(len(GENRES)), 50)
    assert np.array_equal(titles.genre[titles.drawn(np.random.default_rng(2), genre)], genre)


def test_the_tables_keep_their_contracts(titles):
    tables = title_tables(titles, DS, seed=7)
    for name, table in tables.items():
        for column in contract(name).required:
            assert not table[column].null_count, (name, column)
    assert tables["titles"].num_rows == 2000
    windows = tables["availability"].num_rows / (2000 * len(COUNTRIES))
    assert 0.8 < windows < 0.9
    assert 2 < tables["artwork"].num_rows / 2000 < 3
    assert tables["titles"].equals(title_tables(titles, DS, seed=7)["titles"])
