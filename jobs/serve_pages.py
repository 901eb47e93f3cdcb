"""homepage_rows, homepage_updates, profiles, titles, contexts -> a release that pages are read from
(no table).
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable

from conf.days import end_of, parse_instant
from conf.errors import FrontrowError, UserMistake
from conf.keys import sha256_text
from conf.nearline import nearline_settings
from conf.settings import load_settings
from conf.ticks import tick_of
from jobs.io.experiments.added_kinds import kinds_table
from jobs.io.published import homepage
from jobs.io.published.receipts import PublicationReceipt, published_days
from jobs.io.published.updates import TickUpdates, trusted_updates
from jobs.io.serving import fallback_pages, pages_of_profiles, releases
from jobs.io.serving.keys import LEAST_AGE
from jobs.io.serving.page_now import reading_moment
from jobs.io.serving.redis_sync import mirrored
from jobs.io.snapshot.catalogue_view import contexts_at, log_end
from jobs.io.step import one_line_errors
from jobs.io.tables import arrow as arrow_tables
from models.catalogue.name_index import name_index

Day = tuple[DeltaTable, PublicationReceipt]


@dataclass(frozen=True)
class ReleaseSources:
    """What a release is built of, the instant that it is of, and when settings and titles were
    asked.
    """

    until: datetime
    known_by: datetime
    base: Day
    before: Day | None  # the published day before
    updates: list[TickUpdates]
    published: frozenset[date]  # all days that readers may have


@dataclass
class ReleaseLayers:
    """The layers of a release in the making, and the names of those that had to be built."""

    root: Path
    folder: Path
    by_name: dict[str, releases.Layer] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)

    def add(self, name: str, identity: str, fill: releases.Fill) -> releases.Layer:
        """Link the layer of this identity, or build it by `fill` where there is none."""
        layer, is_new = releases.layer(self.root, self.folder, name, identity, fill)
        self.by_name[name] = layer
        if is_new:
            self.built.append(name)
        return layer


def serve_pages(
    until: datetime | None = None, now: datetime | None = None, anew: bool = False
) -> str:
    """Build a release as of the end of a tick, by default of all there is, and let it serve.

    Nothing is built where the release that serves has all of it already, nor where it is of a later
    instant and of a day that is published. `anew` builds one even then, and ends a hold: what
    serves may not go on. A Redis server (FRONTROW_REDIS) is brought to the same state in any case.
    """
    made_at = now or datetime.now(UTC)
    settings = load_settings()
    root = releases.folder_of(settings.home_path)
    with releases.locked(root):
        # only now: what was read before another run was done is older than what serves
        current = releases.manifest(root, releases.serving_id(root) or "")
        is_held = current is not None and releases.is_held(root)
        if current and is_held and not anew:
            line = _release_of_changes(root, current, made_at)
            line += "; its pages are on hold, `frontrow rollback --lift` ends that"
        else:
            line = _release(root, _sources(until, made_at), made_at, anew)
            if is_held and releases.lift(root):
                line += "; the hold on the pages before has ended"
        if settings.redis:
            line += f"; layers sent to Redis: {mirrored(root, settings.redis)}"
    return line


def _release(root: Path, sources: ReleaseSources, made_at: datetime, anew: bool) -> str:
    """Build a release where it has anything new, and let it serve; a line that says so."""
    serving = releases.serving_id(root)
    current = releases.manifest(root, serving or "")
    if current and releases.is_ahead(current, made_at):
        # the DAG's task raises it; what `frontrow rollback --json` prints stays JSON
        print(f"alarm: clock: {_instead_of(current)}", file=sys.stderr, flush=True)
        current = None
    is_later = current is not None and current.until > sources.until
    if current and is_later and current.base_ds in sources.published and not anew:
        return (
            f"release {current.release_id} is of {current.until}, after {sources.until};"
            f" it goes on serving"
        )
    with releases.making(root) as folder:
        layers = _layers(root, folder, sources)
        if current and current.layers == layers.by_name:
            return f"release {current.release_id} has all of it already"
        _, receipt = sources.base
        version = arrow_tables.newest_version("landings")
        release = releases.Release(
            release_id=releases.release_id_at(made_at),
            until=sources.until,
            known_by=sources.known_by,
            made_at=made_at,
            base_ds=receipt.ds,
            base_version=receipt.table_version,
            layers=layers.by_name,
            log_end=log_end(made_at),
            landings_version=version,
            waits=waits(current, version),
        )
        releases.put_in_place(root, folder, release)
    removed = _let_serve(root, release, serving)
    removed += releases.withdraw(root, releases.latest(made_at))
    return _summary(release, layers.built, len(removed))


def _instead_of(ahead: releases.Release) -> str:
    return (
        f"release {ahead.release_id}, made at {ahead.made_at:%Y-%m-%d %H:%M} as of"
        f" {ahead.until:%Y-%m-%d %H:%M}, is ahead of this clock; one of now takes its place"
    )


def serve_changes(now: datetime | None = None) -> str | None:
    """Let what was learned of profiles and titles hold at once: the release that serves with other
    settings and another catalogue; all pages in it are linked. None where no release serves.

    Needs no Spark. A Redis server (FRONTROW_REDIS) is brought to the same state.
    """
    made_at = now or datetime.now(UTC)
    settings = load_settings()
    root = releases.folder_of(settings.home_path)
    if releases.serving_id(root) is None:
        return None
    with releases.locked(root):
        current = releases.manifest(root, releases.serving_id(root) or "")
        if current is None:
            return None
        line = _release_of_changes(root, current, made_at)
        if settings.redis:
            line += f"; layers sent to Redis: {mirrored(root, settings.redis)}"
    return line


def _release_of_changes(root: Path, current: releases.Release, made_at: datetime) -> str:
    """The release that serves, made anew for what changed; a line that says so."""
    version = arrow_tables.newest_version("landings")
    with releases.making(root) as folder:
        layers = ReleaseLayers(root, folder)
        changes = _add_changes(layers, current.base_ds, made_at)
        titles = fallback_pages.known_titles(made_at)
        _add_catalogue(layers, titles, current.until)
        least_ages = [current.layers["settings"].facts["least_age"], changes.facts["least_age"]]
        age = fallback_pages.strictest(*least_ages)
        if age < current.layers["static"].facts.get(LEAST_AGE, -1):
            fill = fallback_pages.static(current.base_ds, titles, current.until, age)
            base = (current.base_ds, current.base_version)
            identity = _titles_identity(*base, current.until, titles)
            layers.add("static", f"static {age} {identity}", fill)
        for name in current.layers:
            if name not in layers.by_name:
                layers.by_name[name] = releases.linked(root, folder, current, name)
        if current.layers == layers.by_name:
            return f"release {current.release_id} has all of it already"
        facts = {
            "release_id": releases.release_id_at(made_at),
            "known_by": made_at,
            "made_at": made_at,
            "layers": layers.by_name,
            "of_changes": True,
            "log_end": log_end(made_at),
            "landings_version": version,
            "waits": waits(current, version),
        }
        release = current.model_copy(update=facts)
        releases.put_in_place(root, folder, release)
    removed = _let_serve(root, release, current.release_id)
    return _summary(release, layers.built, len(removed))


def waits(before: releases.Release | None, version: int) -> tuple[releases.Wait, ...]:
    """How long the settings waited until now that were landed since another release, by landing."""
    if before is None or before.landings_version is None:
        return ()
    now = datetime.now(UTC)
    known = {row["landing_id"] for row in _settings_landings(before.landings_version)}
    return tuple(
        releases.Wait(
            records=row["accepted_count"],
            seconds=(now - row["landed_at"]).total_seconds(),
        )
        for row in _settings_landings(version)
        if row["landing_id"] not in known and row.get("landed_at") and row["accepted_count"]
    )


def _settings_landings(version: int) -> list[dict[str, Any]]:
    """The receipts of landed files of profiles, as of a version of the table."""
    table = arrow_tables.open_table("landings", version) if version >= 0 else None
    if table is None:
        return []
    filters = [("target_table", "=", "profiles")]
    rows: list[dict[str, Any]] = pa.table(table.to_pyarrow_table(filters=filters)).to_pylist()
    return rows


def _let_serve(root: Path, release: releases.Release, before: str | None) -> list[str]:
    """Point readers to a release instead of the one that was seen before, and remove those that are
    no longer kept.
    """
    releases.flip(root, release.release_id, before)
    settings = nearline_settings()
    return releases.forget_old(root, settings.kept_releases, settings.kept_changes)


def _summary(release: releases.Release, built: list[str], removed_count: int) -> str:
    layers = release.layers
    linked = [name for name in layers if name not in built]
    size_mb = sum(layers[name].size for name in built) / 1e6
    page_layers = [name for name in ("base", "fresh", "yesterday") if name in layers]
    pages = ", ".join(f"{layers[name].entries} {name}" for name in page_layers)
    return (
        f"release {release.release_id} of {release.base_ds}: {pages} pages;"
        f" made {_listing(built)} ({size_mb:.1f} MB), linked {_listing(linked)},"
        f" removed {removed_count} old"
    )


def _listing(names: list[str]) -> str:
    return ", ".join(names) or "nothing"


def _sources(until: datetime | None, now: datetime) -> ReleaseSources:
    """The newest published day to build a release on, the day before it, and the updates since."""
    receipts = homepage.publication_receipts()
    published = frozenset(published_days(receipts))
    days = [d for d in published if until is None or d < tick_of(until).ds]
    if not days:
        raise UserMistake(
            f"no page was published of a day before {until or now};"
            f" run the DAG homepage_daily for one"
        )
    newest = max(days)
    until = until or reading_moment(now, end_of(newest), log_end(now))
    base = homepage.trusted_table(receipts, newest)
    updates = trusted_updates(newest, until)
    before = _before(receipts, newest)
    return ReleaseSources(until, now, base, before, updates, published)


def _before(receipts: list[PublicationReceipt], ds: date) -> Day | None:
    """The published day before; None where it is not to be trusted: a release does without it."""
    earlier = max((day for day in published_days(receipts) if day < ds), default=None)
    try:
        return None if earlier is None else homepage.trusted_table(receipts, earlier)
    except FrontrowError:
        return None


def _layers(root: Path, folder: Path, sources: ReleaseSources) -> ReleaseLayers:
    """All stores of a new release."""
    layers = ReleaseLayers(root, folder)
    add = layers.add
    base_receipt = sources.base[1]
    ds, until = base_receipt.ds, sources.until
    add("base", _identity(base_receipt), pages_of_profiles.base(*sources.base))
    if sources.before:
        add("yesterday", _identity(sources.before[1]), pages_of_profiles.base(*sources.before))
    fresh = _hashed("fresh", *(_identity(update.receipt) for update in sources.updates))
    add("fresh", fresh, pages_of_profiles.updates(sources.updates))
    settings_identity = f"settings {_identity(base_receipt)}"
    settings = add("settings", settings_identity, pages_of_profiles.settings(ds))
    changes = _add_changes(layers, ds, sources.known_by)
    titles = fallback_pages.known_titles(sources.known_by)
    _add_catalogue(layers, titles, until)
    titles_identity = _titles_identity(ds, base_receipt.table_version, until, titles)
    popular = fallback_pages.popular(ds, titles, until)
    add("popular", f"popular {titles_identity}", popular)
    age = fallback_pages.strictest(settings.facts["least_age"], changes.facts["least_age"])
    static = fallback_pages.static(ds, titles, until, age)
    add("static", f"static {age} {titles_identity}", static)
    return layers


def _add_changes(layers: ReleaseLayers, ds: date, known_by: datetime) -> releases.Layer:
    """The layer of the settings learned since a day."""
    changed = pages_of_profiles.changed_settings(ds, known_by)
    identity = f"changes {fallback_pages.digest({'profiles': changed})}"
    return layers.add("changes", identity, pages_of_profiles.changes(changed))


def _add_catalogue(layers: ReleaseLayers, titles: fallback_pages.Tables, until: datetime) -> None:
    """The layer of what the online step asks of titles, and their names by their beginnings."""
    catalogue = dict(titles) | {"names": name_index(titles["titles"])}
    for name, table in (("contexts", contexts_at(until)), ("kinds", kinds_table())):
        if table is not None:
            catalogue[name] = table
    identity = f"catalogue {fallback_pages.digest(catalogue)}"
    layers.add("catalogue", identity, fallback_pages.catalogue(catalogue))


def _titles_identity(
    ds: date, base_version: int, until: datetime, titles: fallback_pages.Tables
) -> str:
    """Of the pages made of titles: what is available in a country changes with the day even where
    nothing is learned.
    """
    settings = str(nearline_settings().popular)
    day = str(until.date())
    return _hashed("titles", f"{ds} {base_version}", day, fallback_pages.digest(titles), settings)


def _identity(receipt: PublicationReceipt) -> str:
    """Equal for equal content of the same day or tick."""
    return f"{receipt.ds} {receipt.tick or 'day'} {receipt.table_version} {receipt.content_hash}"


def _hashed(name: str, *parts: str) -> str:
    return f"{name} {sha256_text(chr(10).join(parts))[:16]}"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the job and print the line it returns; never returns."""
    parser = argparse.ArgumentParser(
        prog="serve_pages",
        description=__doc__,
        epilog="example: python -m jobs.serve_pages --until 2026-01-05T21:10:00Z",
    )
    parser.add_argument(
        "--until", help="the end of a tick, ISO 8601 with a zone; by default all there is is served"
    )
    arguments = parser.parse_args(argv)
    with one_line_errors():
        until = parse_instant(arguments.until, "--until") if arguments.until else None
        print(f"serve_pages: {serve_pages(until)}")
    sys.exit(0)


if __name__ == "__main__":
    main()
