"""The log of one service as arrays: who played what, when and how far, and how it stands with that.

What the pipeline sums with Spark from the table `events` is summed here from one frame in memory.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from conf.days import DAY_S, TREND_DAYS, TREND_WINDOWS
from conf.resumes import viewing_settings
from models.candidates.ratings import Ratings
from models.catalogue.arrays import EVERYBODY, Profiles
from models.catalogue.watch_state import Viewing

PAIR = ["profile", "title"]
COLUMNS = ("kind", "value", "watched_seconds", "duration_seconds", "episode", "device", "country")


@dataclass(frozen=True)
class ServiceLog:
    """All events so far, oldest first; profiles and titles are indices of the sorted ids."""

    profile_ids: tuple[str, ...]
    title_ids: tuple[str, ...]
    events: pl.DataFrame  # profile, title, at_s and COLUMNS

    def with_events(self, outcome: pa.Table) -> "ServiceLog":
        """The log with the events of an outcome of the simulator behind it."""
        events = outcome["events"].combine_chunks().flatten()
        if not len(events):
            return self
        frame = pl.from_arrow(pa.Table.from_struct_array(events))
        assert isinstance(frame, pl.DataFrame)
        profiles = {name: number for number, name in enumerate(self.profile_ids)}
        titles = {name: number for number, name in enumerate(self.title_ids)}
        added = frame.select(
            pl.col("profile_id").replace_strict(profiles, return_dtype=pl.Int64).alias("profile"),
            pl.col("title_id").replace_strict(titles, return_dtype=pl.Int64).alias("title"),
            (pl.col("event_at").dt.timestamp("us") / 1e6).alias("at_s"),
            *COLUMNS,
        ).sort("at_s", "profile", "title", maintain_order=True)
        return ServiceLog(self.profile_ids, self.title_ids, pl.concat([self.events, added]))

    def until(self, as_of_s: float) -> "ServiceLog":
        """The log as it was at an instant."""
        past = self.events.filter(pl.col("at_s") <= as_of_s)
        if past.height == self.events.height:
            return self  # with what was summed of it before
        return ServiceLog(self.profile_ids, self.title_ids, past)

    @cached_property
    def plays(self) -> Ratings:
        """Plays and ratings, as the other benches take them."""
        known = self.events.filter(pl.col("kind").is_in(["play", "rating"]))
        stars = pl.when(pl.col("kind") == "rating").then(pl.col("value"))
        return Ratings(
            known["profile"].to_numpy(),
            known["title"].to_numpy(),
            known.select(stars.cast(pl.Float64).fill_null(float("nan"))).to_series().to_numpy(),
            known["at_s"].to_numpy(),
            (len(self.profile_ids), len(self.title_ids)),
        )

    def viewing(self, profiles: Profiles, members: NDArray[np.integer]) -> Viewing:
        """How each entry of the members' histories stands, as `features/resume.py` has it."""
        states = self._states
        keys = states["key"].to_numpy()
        entries = members[profiles.owners] * len(self.title_ids) + profiles.title
        row = np.searchsorted(keys, entries)

        def values(name: str) -> NDArray[np.float64]:
            column = states[name].cast(pl.Float64).fill_null(float("nan"))
            return column.to_numpy()[row]

        def texts(name: str) -> NDArray[np.object_]:
            return np.array(states[name].fill_null("").to_list(), object)[row]

        return Viewing(
            resume_s=values("position").astype(np.float32),
            length_s=values("duration_seconds").astype(np.float32),
            finished=values("finished_count").astype(np.float32),
            first_at_s=values("first_at_s"),
            thumb=values("thumb").astype(np.float32),
            episode=texts("episode"),
            next_episode=texts("next_episode"),
            device=texts("device"),
        )

    def country_plays(self, as_of_s: float) -> dict[str, dict[str, NDArray[np.float32]]]:
        """The columns of `country_plays` by country, and of everybody; no log here is a year old."""
        plays = self.events.filter((pl.col("kind") == "play") & (pl.col("at_s") <= as_of_s))
        country, title = plays["country"].to_numpy(), plays["title"].to_numpy()
        ago = (as_of_s - plays["at_s"].to_numpy()) / DAY_S
        week = TREND_WINDOWS[-1]
        within = {f"plays_{days}d": ago < days for days in TREND_WINDOWS}
        within["plays_before"] = (ago >= week) & (ago < TREND_DAYS)
        within |= dict.fromkeys(("season_plays", "earlier_plays"), np.zeros(len(ago), bool))
        found = {}
        for name in (EVERYBODY, *sorted(set(country.tolist()))):
            here = np.ones(len(title), bool) if name == EVERYBODY else country == name
            found[name] = {
                column: np.bincount(title[here & mask], minlength=len(self.title_ids)).astype(
                    np.float32
                )
                for column, mask in within.items()
            }
        return found

    @cached_property
    def _states(self) -> pl.DataFrame:
        """How each title that a profile played stands with it, sorted by profile and title."""
        settings = viewing_settings()
        plays = self.events.filter(pl.col("kind") == "play")
        watched, length = pl.col("watched_seconds"), pl.col("duration_seconds")
        by_episode = (
            plays.group_by(*PAIR, "episode", maintain_order=True)
            .agg(
                watched.sum(),
                length.max(),
                pl.col("at_s").max().alias("newest"),
                pl.col("at_s").min().alias("first_at_s"),
                pl.col("device").last(),
            )
            .with_columns(
                ends=(watched / length + (1 - settings.finished_share)).floor(),
            )
        )
        beyond = pl.col("watched_seconds") - pl.col("ends") * length
        by_episode = by_episode.with_columns(
            position=pl.when(beyond < settings.least_seconds).then(0).otherwise(beyond),
            finished=pl.when(pl.col("episode").is_null())
            .then(pl.col("ends"))
            .otherwise((pl.col("ends") > 0).cast(pl.Float64)),
        ).sort("newest", maintain_order=True)
        states = by_episode.group_by(PAIR, maintain_order=True).agg(
            pl.col("position", "duration_seconds", "episode", "ends", "device").last(),
            pl.col("finished").sum().alias("finished_count"),
            pl.col("first_at_s").min(),
        )
        thumbs = self.events.filter(pl.col("kind") == "thumb").group_by(PAIR, maintain_order=True)
        states = states.join(thumbs.agg(pl.col("value").last().alias("thumb")), on=PAIR, how="left")
        return states.with_columns(
            key=pl.col("profile") * len(self.title_ids) + pl.col("title"),
            next_episode=pl.Series(self._next_episodes(states), dtype=pl.String),
        ).sort("key")

    def _next_episodes(self, states: pl.DataFrame) -> list[str | None]:
        """The episode to play next where nothing is half watched, of those that anybody played."""
        of_series = self.events.filter((pl.col("kind") == "play") & pl.col("episode").is_not_null())
        pairs = of_series.select("title", "episode").unique().sort("title", "episode").rows()
        known = {title: [e for _, e in rows] for title, rows in groupby(pairs, itemgetter(0))}
        names: list[str | None] = []
        for row in states.select(
            "title", "episode", "position", "ends", "finished_count"
        ).iter_rows():
            title, episode, position, ends, finished = row
            following = None
            if episode is not None and position == 0 and finished > 0:
                later = known[title][bisect_right(known[title], episode) :]
                following = (later[0] if later else None) if ends > 0 else episode
            names.append(following)
        return names


def empty_log(profile_ids: list[str], title_ids: list[str]) -> ServiceLog:
    """A log without events of some profiles and titles, sorted by their ids."""
    numbers = ("value", "watched_seconds", "duration_seconds")
    schema = {name: pl.Float64 if name == "value" else pl.Int64 for name in numbers}
    texts = {name: pl.String for name in COLUMNS if name not in numbers}
    kinds = {**schema, **texts}
    columns = {"profile": pl.Int64, "title": pl.Int64, "at_s": pl.Float64}
    frame = pl.DataFrame(schema={**columns, **{name: kinds[name] for name in COLUMNS}})
    return ServiceLog(tuple(sorted(profile_ids)), tuple(sorted(title_ids)), frame)
