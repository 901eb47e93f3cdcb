"""The natural baseline of a page: a popular grid with Continue Watching by recency above it.

It is what a service shows before it has any ranker, and it knows of a profile only what it began.
Rules, pictures and windows of availability are those of every other page.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from conf.pages import Pages, pages
from conf.rows import Rows, rows
from conf.world import PageShape
from models.catalogue.arrays import Catalogue, Profiles, no_neighbours
from models.page.build import build_pages
from models.page.rows.country_orders import plays_in
from models.ragged import Ragged

BASELINE = "baseline"
RESUME, GRID = "continue_watching", "top_picks"  # kinds of row that the page is made of


def popular_grid(catalogue: Catalogue, profiles: Profiles, shape: PageShape) -> pa.Table:
    """The baseline's pages of a batch of profiles, as records of `drafts`.

    What is begun stands in the first row, the newest first; below it what the profile never played,
    in order of plays in its country in the last five weeks.
    """
    unranked = replace(profiles, wish=None, p_continues=None, pvr=None)
    long_rows = build_pages(
        catalogue,
        unranked,
        _plays_by_profile(catalogue, profiles),
        no_neighbours(catalogue.size),
        BASELINE,
        _layout(shape),
        _kinds(shape),
    )
    return _in_rows(long_rows, shape)


def _layout(shape: PageShape) -> Pages:
    """The layout with rows so long that the whole grid is one of them."""
    cells = shape.rows * shape.columns
    devices = {
        name: device.model_copy(update={"columns": cells, "required": {}})
        for name, device in pages().devices.items()
    }
    return pages().model_copy(update={"devices": devices})


def _kinds(shape: PageShape) -> Rows:
    """Continue Watching, and the grid as one row, which profiles without history have too."""
    resume, grid = (rows().kinds[name] for name in (RESUME, GRID))
    resume = resume.model_copy(update={"top_from": 0.0, "max_length": shape.columns})
    cells = shape.rows * shape.columns
    grid = grid.model_copy(update={"needs_history": False, "max_length": cells})
    return Rows(kinds={RESUME: resume, GRID: grid}, template=(RESUME, GRID), then=())


def _plays_by_profile(catalogue: Catalogue, profiles: Profiles) -> NDArray[np.float32]:
    """(m, n) plays of each title in the profile's country; of everybody where none are known by country."""
    countries, index = np.unique(profiles.country.astype(str), return_inverse=True)
    by_country = np.stack([_plays(catalogue, str(country)) for country in countries])
    return np.asarray(by_country[index], np.float32)


def _plays(catalogue: Catalogue, country: str) -> NDArray[np.float32]:
    """(n,) plays of five weeks in the country, else of 30 days by everybody; a little more for more ever."""
    ever = catalogue.features["title_plays_count_all"]
    recent = catalogue.features["title_plays_count_30d"]
    if catalogue.country_plays:
        columns = plays_in(catalogue, country)
        recent = columns["plays_7d"] + columns["plays_before"]
    return recent + ever / (1 + ever.max(initial=0))


def _in_rows(long_rows: pa.Table, shape: PageShape) -> pa.Table:
    """The pages with the grid's row cut into rows of `columns` cells, as many as the shape has."""
    cells = long_rows["cells"].combine_chunks()
    lengths = cells.value_lengths().to_numpy()
    is_grid = pc.equal(long_rows["row_kind"], GRID).to_numpy()
    is_cut = is_grid & (long_rows["row_position"].to_numpy() > 1)
    most = np.where(is_cut, shape.rows - 1, shape.rows) * shape.columns
    shown = np.minimum(lengths, np.where(is_grid, most, lengths))
    pieces = Ragged.from_counts(-(-shown // shape.columns))
    piece = pieces.index_within
    sizes = np.minimum(shown[pieces.owners] - piece * shape.columns, shape.columns)
    new_cells = Ragged.from_counts(sizes)
    starts = cells.offsets.to_numpy()[:-1][pieces.owners] + piece * shape.columns
    entry = starts[new_cells.owners] + new_cells.index_within
    columns = {
        name: long_rows[name].take(pa.array(pieces.owners)) for name in long_rows.column_names
    }
    position = columns["row_position"].to_numpy() + piece
    names = [
        f"{row}-{number}" for row, number in zip(columns["row_id"].to_pylist(), piece, strict=True)
    ]
    columns["row_position"] = pa.array(position, pa.int32())
    columns["row_id"] = pa.array(names, pa.string())
    columns["cells"] = pa.ListArray.from_arrays(
        pa.array(new_cells.offsets, pa.int32()),
        _renumbered(cells.values.take(pa.array(entry)), new_cells.index_within + 1),
    )
    return pa.table(columns)


def _renumbered(cells: pa.StructArray, column: NDArray[np.int64]) -> pa.StructArray:
    """The cells with other column positions."""
    names = [field.name for field in cells.type]
    fields = dict(zip(names, cells.flatten(), strict=True))
    fields["column_position"] = pa.array(column, pa.int32())
    return pa.StructArray.from_arrays(list(fields.values()), names)
