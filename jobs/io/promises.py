"""Promised titles: the price of each for a night, and how many profiles its pages show them to."""

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.pages import pages
from conf.promises import Promise, promises
from jobs.io.tables.arrow import filtered_rows
from jobs.io.tables.parquet_file import leaf_path
from jobs.io.tables.ranges import TableDay, open_files, table_day
from models.page.maker import PageMaker
from models.page.price_search import PricedPromise, priced_promises, sample_of


def prices_of_day(ds: date, profiles: DataFrame, maker: PageMaker) -> list[PricedPromise]:
    """The promises that the pages of a day are to keep, each with its price.

    `profiles` are those of the day that pages are made for; the sample is the same in every run.
    """
    by_country: dict[str, dict[str, Promise]] = {}
    for name, promise in promises().on(ds).items():
        by_country.setdefault(promise.country, {})[name] = promise
    priced = []
    for country, own in by_country.items():
        here = profiles.where(F.col("country") == country) if country else profiles
        drawn = here.orderBy(F.xxhash64("profile_id"), "profile_id").limit(promises().sample)
        sample = sample_of(maker, drawn.toArrow(), here.count(), own)
        priced += priced_promises(sample, own, promises())
    return priced


def told(priced: list[PricedPromise]) -> str:
    """The prices for people."""
    if not priced:
        return ""
    prices = (f"{each.name} {each.price:.4g} for about {each.expected:,.0f}" for each in priced)
    return f", promises {', '.join(prices)}"


def reach_of_day(ds: date, version: int) -> dict[str, int]:
    """To how many profiles the drafts of a day at a version show each promised title on every device's
    first screen, by promise.
    """
    own = promises().on(ds)
    if not own:
        return {}
    people = filtered_rows("profile_features", [("ds", "=", ds)], ["profile_id", "country"])
    seen = _profiles_in_view(table_day("drafts", ds, version), own)
    return {name: _lives_in(people, seen[name], promise.country) for name, promise in own.items()}


def broken(ds: date, reach: Mapping[str, int]) -> list[str]:
    """What to say of each promise of a day that its drafts do not keep."""
    return [
        f"promise {name}: title {promise.title_id} is in view of {reach[name]:,} profiles of"
        f" {promise.country or 'every country'}, {promise.profiles:,} are promised"
        for name, promise in promises().on(ds).items()
        if reach[name] < promise.profiles
    ]


def _lives_in(people: pa.Table, profile_ids: pa.Array, country: str) -> int:
    """How many of these profiles live in a country; all of them for every country."""
    if not country:
        return len(profile_ids)
    places = pc.index_in(profile_ids, people["profile_id"])
    of_profile = people["country"].combine_chunks().take(places)
    return int(pc.sum(pc.equal(of_profile, country)).as_py() or 0)


def _profiles_in_view(day: TableDay, own: Mapping[str, Promise]) -> dict[str, pa.Array]:
    """The profiles on whose page each promised title is in view on every device, by promise."""
    rows, columns = pages().sure_screen
    found: dict[str, list[pa.Array]] = {name: [] for name in own}
    for source in open_files(day):
        file = pq.ParquetFile(source)
        title = leaf_path(file.schema, "cells", "title_id")
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, ["profile_id", "row_position", title])
            top = table.filter(pc.less_equal(table["row_position"], rows)).combine_chunks()
            for batch in top.to_batches():
                owners, titles = _first_cells(batch, columns)
                for name, promise in own.items():
                    found[name].append(owners.filter(pc.equal(titles, promise.title_id)))
    empty = pa.array([], pa.string())
    return {name: pc.unique(pa.concat_arrays([empty, *each])) for name, each in found.items()}


def _first_cells(batch: pa.RecordBatch, columns: int) -> tuple[pa.Array, pa.Array]:
    """The first cells of each row: whose page they are on, and their titles."""
    cells = batch["cells"]
    first = pc.list_slice(cells, 0, columns, return_fixed_size_list=False)
    titles = first.flatten()
    if isinstance(titles, pa.StructArray):
        titles = titles.field("title_id")
    owners = batch["profile_id"].cast(pa.string()).take(pc.list_parent_indices(first))
    return owners, titles.cast(pa.string())
