import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.scale import floor

TITLES = 2000


@pytest.fixture(scope="module")
def catalogue():
    return floor._Catalogue(TITLES)


@pytest.fixture
def pages(catalogue, tmp_path):
    floor._made_pages(catalogue, floor.BATCH, tmp_path / "pages.parquet")
    return tmp_path / "pages.parquet"


def cells(path) -> np.ndarray:
    titles = pq.read_table(path)["title"].combine_chunks().flatten().to_numpy()
    return titles.reshape(-1, floor.ROWS, floor.CELLS)


def test_pages_are_full_and_their_heads_share_no_title(pages):
    titles = cells(pages)
    assert titles.shape == (floor.BATCH, floor.ROWS, floor.CELLS)
    assert (titles >= 0).all()
    heads = titles[:, :, : floor.HEAD].reshape(floor.BATCH, -1)
    assert all(len(set(page)) == len(page) for page in heads.tolist())


def test_titles_on_a_page_are_open_in_its_country(catalogue, pages):
    titles = cells(pages)
    for page in range(10):
        assert catalogue.open[page % floor.COUNTRIES, titles[page]].all()


def test_the_audit_finds_nothing_on_sound_pages_and_each_planted_fault(catalogue, pages):
    table = pq.read_table(pages)
    assert floor._audited(catalogue, pages) == 0
    titles, scores = cells(pages), table["score"].combine_chunks().flatten().to_numpy().copy()
    closed = int(np.flatnonzero(~catalogue.open[0])[0])
    for page, row, column, title in ((0, 3, 70, closed), (1, 1, 0, titles[1, 0, 0])):
        changed = titles.copy()
        changed[page, row, column] = title
        assert floor._broken_cells(changed, scores.reshape(titles.shape), catalogue.open, TITLES)
    scores[5] = scores[:5].max() + 1
    assert floor._broken_cells(titles, scores.reshape(titles.shape), catalogue.open, TITLES) == 1


def test_a_floor_that_does_less_work_is_an_error(catalogue, pages, monkeypatch, tmp_path):
    floor.require_whole(catalogue, pages, floor.BATCH)
    with pytest.raises(ValueError, match="the floor wrote"):
        floor.require_whole(catalogue, pages, floor.BATCH + 1)
    lay_out = floor._lay_out

    def lazy(*arrays):
        """Rows of half the cells."""
        lay_out(*arrays)
        arrays[4][:, :, 40:] = -1

    monkeypatch.setattr(floor, "_lay_out", lazy)
    with pytest.raises(ValueError, match="the floor wrote"):
        floor.floor_seconds(TITLES, floor.BATCH, 4, tmp_path)


def test_every_stage_has_a_floor_above_zero(tmp_path):
    seconds = floor.floor_seconds(TITLES, floor.BATCH, 64, tmp_path)
    assert all(value > 0 for value in seconds.values())
    parts = [seconds[f"assemble_{part}"] for part in ("factors", "trees", "layout", "parquet")]
    assert seconds["assemble_drafts"] == pytest.approx(sum(parts))
    assert seconds["assemble_all_trees"] > seconds["assemble_drafts"]
