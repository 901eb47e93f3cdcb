"""A log of plays as arrays, sorted by time, without Spark.

It is MovieLens-100k, or any directory of the landing contract.
"""
# Tested by tests/benchmarks/temporal/test_run.py.

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.offline.features_from_log import TitleFacts
from benchmarks.ranker.movielens import ratings_and_titles
from conf.errors import UserMistake
from conf.landing import DEFAULT_KIND
from conf.settings import load_settings
from jobs.io.landing.files import in_folder
from models.candidates.ratings import Ratings

PLAYED = (DEFAULT_KIND, "rating")  # whoever rates a title has played it


@dataclass(frozen=True)
class PlayLog:
    """Plays sorted by (instant, profile, title) and what is known of the titles.

    Indices follow the sorted ids.
    """

    plays: Ratings
    facts: TitleFacts
    title_ids: NDArray[np.object_]  # (n,)


def movielens_log() -> PlayLog:
    """MovieLens-100k, every rating a play."""
    ratings, titles = ratings_and_titles(load_settings())
    facts = TitleFacts(titles.genres, titles.year, np.full(ratings.shape[1], np.nan))
    return PlayLog(
        _in_time(ratings), facts, np.arange(1, ratings.shape[1] + 1).astype(str).astype(object)
    )


def landed_log(folder: str) -> PlayLog:
    """The plays and ratings of a directory that holds events and, where there are any, titles.

    Rows without a profile, a title or a readable instant are left out.
    """
    found = in_folder(Path(folder))
    events = _events(_frame(found, "events", folder))
    titles = (
        _frame(found, "titles", "")
        if any(table == "titles" for table, _, _ in found)
        else pl.DataFrame()
    )
    profiles, title_ids = (_ids(events[name]) for name in ("profile_id", "title_id"))
    plays = Ratings(
        _index(events["profile_id"], profiles),
        _index(events["title_id"], title_ids),
        events["value"].to_numpy().astype(np.float64),
        events["at_s"].to_numpy().astype(np.float64),
        (len(profiles), len(title_ids)),
    )
    return PlayLog(_in_time(plays), _facts(titles, title_ids), np.array(title_ids, object))


def _in_time(plays: Ratings) -> Ratings:
    order = np.lexsort((plays.title, plays.profile, plays.at_s))
    return Ratings(
        plays.profile[order], plays.title[order], plays.stars[order], plays.at_s[order], plays.shape
    )


def _frame(found: list[tuple[str, str, Path]], table: str, folder: str) -> pl.DataFrame:
    paths = [path for name, _, path in found if name == table]
    if not paths:
        raise UserMistake(
            f"input {folder}: has no {table}; give {table}.csv, {table}.jsonl or {table}.parquet"
        )
    return pl.concat([_read(path) for path in paths], how="diagonal_relaxed")


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.suffix == ".jsonl":
            return pl.read_ndjson(path, infer_schema_length=None)
        return pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        raise UserMistake(f"{path.name}: cannot be read: {str(error).splitlines()[0]}") from None


def _events(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns profile_id, title_id, at_s and value of the plays and ratings."""
    for name in ("profile_id", "title_id", "event_at"):
        if name not in frame.columns:
            raise UserMistake(
                f"events: column {name} is missing; the file has: {', '.join(frame.columns)}"
            )
    value = (
        pl.col("value").cast(pl.Float64, strict=False)
        if "value" in frame.columns
        else pl.lit(None, pl.Float64)
    )
    if "kind" in frame.columns:
        frame = frame.filter(pl.col("kind").fill_null(DEFAULT_KIND).is_in(["", *PLAYED]))
    found = frame.select(
        *(pl.col(name).cast(pl.String) for name in ("profile_id", "title_id")),
        _seconds(frame["event_at"]).alias("at_s"),
        value.alias("value"),
    ).drop_nulls(["profile_id", "title_id", "at_s"])
    if not len(found):
        raise UserMistake("events: no row has a profile, a title and an instant that can be read")
    return found


def _seconds(instants: pl.Series) -> pl.Series:
    """Epoch seconds of timestamps, numbers or texts (ISO 8601 with a zone, or seconds)."""
    if instants.dtype.is_temporal():
        return instants.cast(pl.Datetime("us")).dt.timestamp("us") / 1e6
    if instants.dtype.is_numeric():
        return instants.cast(pl.Float64)
    iso = instants.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    return instants.cast(pl.Float64, strict=False).fill_null(iso.dt.timestamp("us") / 1e6)


def _ids(values: pl.Series) -> list[str]:
    """The distinct ids, as numbers where all are whole numbers, else as texts."""
    ids = sorted(values.unique().to_list())
    return sorted(ids, key=int) if all(text.isdecimal() for text in ids) else ids


def _index(values: pl.Series, ids: list[str]) -> NDArray[np.int64]:
    return values.replace_strict(ids, np.arange(len(ids)), return_dtype=pl.Int64).to_numpy()


def _facts(titles: pl.DataFrame, ids: list[str]) -> TitleFacts:
    """Genres, years and launches of the titles that were played.

    Where the file says nothing there are no genres, and NaN.
    """
    nothing = np.full(len(ids), np.nan)
    if "title_id" not in titles.columns:
        return TitleFacts(np.zeros((len(ids), 0), bool), nothing, nothing)
    rows = titles.with_columns(pl.col("title_id").cast(pl.String)).unique("title_id", keep="last")
    known = pl.DataFrame({"title_id": ids}).join(rows, "title_id", "left", maintain_order="left")
    year = (
        known["year"].cast(pl.Float64, strict=False).to_numpy()
        if "year" in known.columns
        else nothing
    )
    launched = (
        _seconds(known["launched_at"]).to_numpy() if "launched_at" in known.columns else nothing
    )
    return TitleFacts(_genres(known), year, launched)


def _genres(known: pl.DataFrame) -> NDArray[np.bool_]:
    if "genres" not in known.columns:
        return np.zeros((len(known), 0), bool)
    lists = (
        known["genres"]
        if known["genres"].dtype == pl.List
        else known["genres"].cast(pl.String).str.split("|")
    )
    wanted = [set(entry or ()) - {"", None} for entry in lists.to_list()]
    names = sorted({name for entry in wanted for name in entry})
    return np.array([[name in entry for name in names] for entry in wanted], bool).reshape(
        len(wanted), len(names)
    )
