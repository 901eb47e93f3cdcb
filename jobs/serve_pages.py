"""homepage_rows, homepage_updates, profiles, titles, contexts -> a release that pages are read from (no table)."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from deltalake import DeltaTable

from conf.days import end_of, parse_instant
from conf.errors import FrontrowError, UserMistake
from conf.keys import sha256_text
from conf.nearline import nearline_settings
from conf.settings import load_settings
from conf.ticks import tick_of
from jobs.io.published import homepage
from jobs.io.published.receipts import PublicationReceipt
from jobs.io.published.updates import TickUpdates, trusted_updates
from jobs.io.serving import fallback_pages, pages_of_profiles, releases
from jobs.io.serving.page_now import reading_moment
from jobs.io.serving.redis_sync import mirrored
from jobs.io.snapshot.catalogue_view import contexts_at
from jobs.io.step import one_line_errors

Day = tuple[DeltaTable, PublicationReceipt]


@dataclass(frozen=True)
class Sources:
    """What a release is made of, and the moment of which it is."""

    until: datetime
    base: Day
    before: Day | None
    updates: list[TickUpdates]


def serve_pages(until: datetime | None = None, now: datetime | None = None) -> str:
    """Make a release as of an instant that ends a tick, by default of all there is, and let it serve.

    Nothing is made where the release that serves has all of it already, nor where it is of a later moment. A Redis
    server (FRONTROW_REDIS) is made to have the same in any case.
    """
    made_at, settings = now or datetime.now(UTC), load_settings()
    root, found = releases.folder_of(settings.home_path), _sources(until, made_at)
    with releases.locked(root):
        told = _released(root, found, made_at)
        return told + (
            f"; layers sent to Redis: {mirrored(root, settings.redis)}" if settings.redis else ""
        )


def _released(root: Path, found: Sources, made_at: datetime) -> str:
    current = releases.manifest(root, releases.pointed(root) or "")
    if current and current.until > found.until:
        return f"release {current.release_id} is of {current.until}, after {found.until}; it goes on serving"
    with releases.making(root) as folder:
        layers, made = _layers(root, folder, found)
        if current and current.layers == layers:
            return f"release {current.release_id} has all of it already"
        release_id, (_, receipt) = releases.release_id_at(made_at), found.base
        release = releases.Release(
            release_id=release_id,
            until=found.until,
            made_at=made_at,
            base_ds=receipt.ds,
            base_version=receipt.table_version,
            layers=layers,
        )
        releases.put_in_place(root, folder, release)
    releases.flip(root, release_id)
    gone = releases.forget_old(root, nearline_settings().kept_releases)
    return _told(release, made, len(gone))


def _told(release: releases.Release, made: list[str], gone: int) -> str:
    layers = release.layers
    linked = [name for name in layers if name not in made]
    size = sum(layers[name].size for name in made) / 1e6
    pages = ", ".join(
        f"{layers[name].entries} {name}"
        for name in ("base", "fresh", "yesterday")
        if name in layers
    )
    return (
        f"release {release.release_id} of {release.base_ds}: {pages} pages; made {', '.join(made) or 'nothing'}"
        f" ({size:.1f} MB), linked {', '.join(linked) or 'nothing'}, removed {gone} old"
    )


def _sources(until: datetime | None, now: datetime) -> Sources:
    receipts = homepage.publication_receipts()
    days = {receipt.ds for receipt in receipts if until is None or receipt.ds < tick_of(until).ds}
    if not days:
        raise UserMistake(
            f"no page was published of a day before {until or now}; run the DAG homepage_daily for one"
        )
    newest = max(days)
    until = until or reading_moment(now, end_of(newest))
    return Sources(
        until,
        homepage.trusted_table(receipts, newest),
        _before(receipts, newest),
        trusted_updates(newest, until),
    )


def _before(receipts: list[PublicationReceipt], ds: date) -> Day | None:
    """The published day before; a release does without it where it is not to be trusted."""
    earlier = max((receipt.ds for receipt in receipts if receipt.ds < ds), default=None)
    try:
        return None if earlier is None else homepage.trusted_table(receipts, earlier)
    except FrontrowError:
        return None


def _layers(
    root: Path, folder: Path, found: Sources
) -> tuple[dict[str, releases.Layer], list[str]]:
    """All stores of the release in the making, and the names of those that had to be made."""
    layers: dict[str, releases.Layer] = {}
    made: list[str] = []

    def add(name: str, identity: str, fill: releases.Fill) -> releases.Layer:
        layers[name], anew = releases.layer(root, folder, name, identity, fill)
        made.extend([name] if anew else [])
        return layers[name]

    ds, until = found.base[1].ds, found.until
    add("base", _identity(found.base[1]), pages_of_profiles.base(*found.base))
    if found.before:
        add("yesterday", _identity(found.before[1]), pages_of_profiles.base(*found.before))
    add(
        "fresh",
        _hashed("fresh", *(_identity(part.receipt) for part in found.updates)),
        pages_of_profiles.updates(found.updates),
    )
    settings = add(
        "settings", f"settings {_identity(found.base[1])}", pages_of_profiles.settings(ds)
    )
    since = pages_of_profiles.changed_settings(ds, until)
    changes = add(
        "changes",
        f"changes {fallback_pages.digest({'profiles': since})}",
        pages_of_profiles.changes(since),
    )
    known = fallback_pages.known_titles(until)
    known_digest, contexts = fallback_pages.digest(known), contexts_at(until)
    told = {name: known[name] for name in ("titles", "availability")}
    told |= {} if contexts is None else {"contexts": contexts}
    add("catalogue", f"catalogue {fallback_pages.digest(told)}", fallback_pages.catalogue(told))
    # what is open in a country changes with the day even where nothing is learned
    titles = _hashed(
        "titles",
        _identity(found.base[1]),
        str(until.date()),
        known_digest,
        str(nearline_settings().popular),
    )
    least = fallback_pages.strictest(settings.facts["least_age"], changes.facts["least_age"])
    add("popular", f"popular {titles}", fallback_pages.popular(ds, known, until))
    add("static", f"static {least} {titles}", fallback_pages.static(ds, known, until, least))
    return layers, made


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
    given = parser.parse_args(argv)
    with one_line_errors():
        print(
            f"serve_pages: {serve_pages(parse_instant(given.until, '--until') if given.until else None)}"
        )
    sys.exit(0)


if __name__ == "__main__":
    main()
