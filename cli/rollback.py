"""`frontrow rollback`: back to the release, or the published version of a day, before."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from deltalake import write_deltalake

from conf.contracts import contract
from conf.days import parse_day
from conf.errors import UserMistake
from conf.settings import load_settings
from jobs.io.code_version import code_version
from jobs.io.published import homepage
from jobs.io.published.receipts import PUBLISHED, PublicationReceipt, newest_receipt, next_instant
from jobs.io.serving import releases
from jobs.io.serving.redis_sync import mirrored
from jobs.io.tables import arrow as arrow_tables
from jobs.io.tables.schemas import arrow_schema


@click.command()
@click.option(
    "--ds", default=None, metavar="DAY", help="Roll this day of homepage_rows back too, YYYY-MM-DD."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rollback(ds: str | None, as_json: bool) -> None:
    """Serve pages from the release before the current one; the next release is made as usual.

    With --ds, readers of that day of homepage_rows go back to the version published before, by one
    commit to publications, and pages are served from the newest kept release that was not made of
    the version that is given up, if there is one. Publishing the day again goes forward again.

    Example: frontrow rollback

    Example: frontrow rollback --ds 2026-01-05
    """
    settings = load_settings()
    root = releases.folder_of(settings.home_path)
    with releases.locked(root):
        outcome = _roll_back_day(root, parse_day(ds)) if ds else {"release": _release_before(root)}
        if settings.redis:
            mirrored(root, settings.redis)
    if as_json:
        print(json.dumps(outcome))
        return
    if "table_version" in outcome:
        versions = f"version {outcome['table_version']} again, not {outcome['left_version']}"
        print(f"{PUBLISHED} of {outcome['ds']} is {versions}")
    if outcome["release"]:
        print(f"release {outcome['release']} serves")
    else:
        print("no release was changed")
    if ds and not outcome["release"]:
        print("run `python -m jobs.serve_pages` to serve pages of what is published now")


def _roll_back_day(root: Path, ds: date) -> dict[str, Any]:
    """Roll a day back, and serve a release that was not made of the version that is given up."""
    current_version, receipt = _version_before(ds)
    serves = releases.manifest(root, releases.serving_id(root) or "")
    release = None
    if serves and (serves.base_ds, serves.base_version) == (ds, current_version):
        for older in _before(root, serves):
            if (older.base_ds, older.base_version) != (ds, current_version):
                release = _flipped(root, older)
                break
    return {
        "ds": ds.isoformat(),
        "table_version": receipt.table_version,
        "left_version": current_version,
        "release": release,
    }


def _version_before(ds: date) -> tuple[int, PublicationReceipt]:
    """Make the receipt of the version published before hold again; with the version given up."""
    receipts = homepage.publication_receipts()
    holds = newest_receipt(receipts, ds)
    if holds is None:
        raise UserMistake(f"nothing to roll back to: of ds={ds} nothing was published")
    earlier = []
    for receipt in receipts:
        if receipt.key == holds.key and receipt.table_version < holds.table_version:
            earlier.append(receipt)
    if not earlier:
        raise UserMistake(
            f"nothing to roll back to: of ds={ds} only version {holds.table_version} was published"
        )
    before = max(earlier, key=lambda receipt: (receipt.table_version, receipt.order))
    again = replace(before, published_at=next_instant(receipts, datetime.now(UTC)))
    homepage.trusted_table(
        [again, *(r for r in receipts if r.key != again.key)], ds
    )  # refuses what is gone or not whole
    _append_receipt(before, again)
    return holds.table_version, again


def _append_receipt(before: PublicationReceipt, again: PublicationReceipt) -> None:
    """Append the receipt once more, as it was, by one commit."""
    log = arrow_tables.whole_table("publications").to_pylist()
    key = {"table_name": PUBLISHED, "ds": before.ds, "table_version": before.table_version}
    row = next(row for row in log if key.items() <= row.items())
    row |= {"published_at": again.published_at, "code_version": code_version()}
    schema = arrow_schema("publications")
    record = pa.Table.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)
    write_deltalake(
        arrow_tables.deltalake_path("publications"),
        record,
        mode="append",
        schema_mode="merge",
        partition_by=list(contract("publications").partition),
    )


def _release_before(root: Path) -> str:
    """Let the newest kept release that is older than the one that serves serve instead."""
    name = releases.serving_id(root)
    if name is None:
        raise UserMistake(
            "nothing to roll back to: no release was made yet; `python -m jobs.serve_pages`"
            " makes one"
        )
    serves = releases.manifest(root, name)
    older = (
        _before(root, serves) if serves else releases.kept_releases(root)
    )  # one that is broken is left for any other
    if not older:
        raise UserMistake(
            f"nothing to roll back to: no release before {name} was kept (kept_releases in"
            " conf/nearline.yaml)"
        )
    return _flipped(root, older[0])


def _before(root: Path, serves: releases.Release) -> list[releases.Release]:
    return [release for release in releases.kept_releases(root) if release.made_at < serves.made_at]


def _flipped(root: Path, release: releases.Release) -> str:
    releases.flip(root, release.release_id)
    return release.release_id
