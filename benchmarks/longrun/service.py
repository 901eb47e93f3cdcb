"""What a service knows of its titles and members in the evening, as the builders of pages take it."""
# Tested by tests/benchmarks/longrun/test_lives.py.

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.longrun.service_log import ServiceLog
from benchmarks.offline.features_from_log import TitleFacts, profiles_from_log, title_columns
from closed_loop.folder import date_of
from conf.candidates import candidate_settings
from conf.days import end_of
from conf.evidence import evidence
from conf.world import WorldSettings
from features.context import context_features
from jobs.io.tables.schemas import arrow_schema
from models.candidates.moment import Moment, item_models
from models.catalogue.arrays import Catalogue, Profiles
from models.catalogue.columns import filled, flags, seconds, texts
from models.catalogue.from_arrow import NO_LIMIT, catalogue_from, main_language
from models.page.online.view_from_tables import PLAYS
from simulator.client_view import artwork_table, availability_table, profiles_table, titles_table
from simulator.truth import TrueMembers, World


@dataclass(frozen=True)
class Service:
    """What clients and the back office say of titles and profiles; it does not change."""

    settings: WorldSettings
    titles: pa.Table  # sorted by title_id, with all columns of the landing contract
    windows: pa.Table
    artwork: pa.Table
    profiles: pa.Table  # sorted by profile_id
    facts: TitleFacts  # of the titles in their order

    def as_of(self, day: int) -> datetime:
        """The last instant of a day of the world."""
        return end_of(date_of(self.settings, day))

    def catalogue(self, log: ServiceLog, day: int) -> Catalogue:
        """The catalogue at the end of a day."""
        as_of_s = self.as_of(day).timestamp()
        past = log.plays.where(log.plays.at_s <= as_of_s)
        columns = title_columns(past, self.facts, as_of_s)
        features = {name: pa.array(np.asarray(v, np.float32)) for name, v in columns.items()}
        features["title_id"] = self.titles["title_id"]
        features["country_plays"] = pa.nulls(self.titles.num_rows, pa.list_(PLAYS))
        found = catalogue_from(pa.table(features), self.titles, self.windows, self.artwork, as_of_s)
        return replace(found, country_plays=log.country_plays(as_of_s))

    def moment(self, log: ServiceLog, day: int) -> Moment:
        """Catalogue and item models at the end of a day; the context is that of the day after."""
        catalogue, settings = self.catalogue(log, day), candidate_settings()
        plays = log.plays.where(log.plays.at_s <= catalogue.as_of_s).binary
        models = item_models((plays.T @ plays).toarray(), settings)
        return Moment(catalogue, *models, self.context(day), settings.per_source)

    def context(self, day: int) -> dict[str, float]:
        """What the evening itself says of the pages' own day."""
        return context_features(self.as_of(day).astimezone(UTC))

    def members(
        self, log: ServiceLog, catalogue: Catalogue, members: NDArray[np.integer]
    ) -> Profiles:
        """The profiles at these indices, sorted, with what was known of them at the catalogue's moment."""
        past = log.until(catalogue.as_of_s)
        profiles = profiles_from_log(past.plays, catalogue.as_of_s, members)
        table = self.profiles.take(pa.array(members))
        languages = table["languages"].to_pylist()
        return replace(
            profiles,
            profile_ids=texts(table["profile_id"]),
            country=texts(table["country"]),
            maturity_limit=filled(table["maturity_limit"], NO_LIMIT).astype(np.int16),
            kids=flags(table["kids"]),
            viewing=past.viewing(profiles, members),
            language=np.array([evidence().language_of(tags) for tags in languages], object),
            understands=tuple(frozenset(map(main_language, tags or ())) for tags in languages),
        )


def service(world: World, settings: WorldSettings, people: TrueMembers) -> Service:
    """The service of a world for some of its members."""
    titles = titles_table(world, settings)
    for field in arrow_schema("titles"):
        if field.name not in titles.column_names:
            titles = titles.append_column(field.name, pa.nulls(titles.num_rows, field.type))
    titles = titles.sort_by("title_id")
    order = np.argsort(np.array(world.title_ids, object), kind="stable")
    years = np.array([np.nan if year is None else year for year in world.years], np.float64)
    return Service(
        settings,
        titles,
        availability_table(world, settings),
        artwork_table(world, settings),
        profiles_table(world, settings, people).sort_by("profile_id"),
        TitleFacts(world.titles.genres[order], years[order], seconds(titles["launched_at"])),
    )
