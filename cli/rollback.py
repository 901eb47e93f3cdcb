"""`frontrow rollback`: back to the release, or to what was published of a day or tick, before."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cli.experiment import say_decision
from conf.days import parse_day, parse_instant
from conf.errors import FrontrowError, UserMistake
from conf.settings import load_settings
from conf.ticks import tick_of
from jobs.declare_experiments import undo
from jobs.io.published import ranker_holds, rollbacks
from jobs.io.published.receipts import BEFORE_ALL, PUBLISHED, UPDATED, PublicationReceipt
from jobs.io.serving import releases
from jobs.io.serving.redis_sync import mirrored
from jobs.io.tables.partitions import day_key, tick_key
from jobs.serve_pages import serve_pages


@click.command()
@click.option("--ds", default=None, metavar="DAY", help="Roll back this day, YYYY-MM-DD.")
@click.option(
    "--tick", default=None, metavar="INSTANT", help="Roll back the tick that ended at an instant."
)
@click.option("--ranker", default=None, metavar="NAME", help="Roll back this ranker.")
@click.option(
    "--experiment", default=None, metavar="NAME", help="Undo the last decision on this experiment."
)
@click.option("--lift", is_flag=True, help="End the hold that a rollback left, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rollback(
    ds: str | None,
    tick: str | None,
    ranker: str | None,
    experiment: str | None,
    lift: bool,
    as_json: bool,
) -> None:
    """Serve pages from the release before the current one, and hold them there.

    With --ds or --tick the published table has the rows again that it had before, or none where
    nothing was published before: for everybody who reads it. What ticks made of a day that went
    back is withdrawn. A release is made of what holds now; those that were made of what was given
    up are removed.

    With --ranker the one promoted before serves the next nights; `frontrow stale` lists the days
    whose pages it ordered.

    What was rolled back is on hold until --lift: the same is not published again by itself.

    With --experiment the decision before the last one (start, ramp, stop or winner) holds again
    from the next run on; a second time takes that back. Nothing is on hold.

    Example: frontrow rollback --ds 2026-01-05

    Example: frontrow rollback --ds 2026-01-05 --lift

    Example: frontrow rollback --experiment trending_for_all
    """
    if sum(map(bool, (ds, tick, ranker, experiment))) > 1:
        raise click.UsageError("give one of --ds, --tick, --ranker and --experiment")
    if experiment:
        if lift:
            raise click.UsageError("an experiment is not held: --lift is for what was published")
        say_decision(undo(experiment), as_json)
        return
    settings = load_settings()
    root = releases.folder_of(settings.home_path)
    if lift and ranker:
        ranker_holds.lift_ranker(ranker)
        outcome: dict[str, Any] = {"lifted": ranker}
    elif ranker:
        given_up, serves = ranker_holds.roll_back_ranker(ranker)
        outcome = {"ranker": ranker, "left_ranker": given_up, "serves": serves, "on_hold": True}
    elif lift:
        outcome = _lifted(root, ds, tick)
    elif ds or tick:
        outcome = _roll_back(root, ds, tick)
    else:
        with releases.locked(root):
            outcome = {"release": _release_before(root), "on_hold": True}
            if settings.redis:
                mirrored(root, settings.redis)
    if as_json:
        print(json.dumps(outcome))
    else:
        _print(outcome)


def _lifted(root: Path, ds: str | None, tick: str | None) -> dict[str, Any]:
    if ds:
        rollbacks.lift(PUBLISHED, day_key(parse_day(ds)))
    elif tick:
        rollbacks.lift(UPDATED, tick_key(tick_of(parse_instant(tick, "--tick"))))
    elif not releases.lift(root):
        raise UserMistake("the release that serves is not on hold")
    return {"lifted": ds or tick or "release"}


def _roll_back(root: Path, ds: str | None, tick: str | None) -> dict[str, Any]:
    """Roll a day or a tick back in its table, and then in what is served."""
    withdrawn: list[str] = []
    if ds:
        given_up, holds, ticks = rollbacks.roll_back_day(parse_day(ds))
        withdrawn = [str(each) for each in ticks]
    else:
        given_up, holds = rollbacks.roll_back_tick(tick_of(parse_instant(tick or "", "--tick")))
    release, note = _served_anew(root, given_up)
    return {
        "table": UPDATED if tick else PUBLISHED,
        "ds": given_up.ds.isoformat(),
        "tick": given_up.tick,
        "table_version": holds.table_version,
        "restored_version": holds.restored_version,
        "left_version": given_up.content_version,
        "withdrawn_ticks": withdrawn,
        "release": release,
        "note": note,
        "on_hold": True,
    }


def _served_anew(root: Path, given_up: PublicationReceipt) -> tuple[str | None, str]:
    """Serve what holds now: first the newest release from before what was given up, which is there
    at once, then one that is made of the tables. Those made in between are removed. The id of the
    release that serves, and why none was made.
    """
    since = given_up.published_at or BEFORE_ALL
    serves = releases.manifest(root, releases.serving_id(root) or "")
    if serves is None:
        return None, ""
    with releases.locked(root):
        older = _before(root, since)
        if older and serves.made_at >= since:
            releases.flip(root, older[0].release_id, serves.release_id)
    note = ""
    try:
        serve_pages(now=datetime.now(UTC))
    except FrontrowError as error:
        note = f"no release could be made of what holds now ({error})"
    with releases.locked(root):
        releases.withdraw(root, since)
        if load_settings().redis:
            mirrored(root, load_settings().redis)
    return releases.serving_id(root), note


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
        _before(root, serves.made_at) if serves else releases.kept_releases(root)
    )  # one that is broken is left for any other
    if not older:
        raise UserMistake(
            f"nothing to roll back to: no release before {name} was kept (kept_releases in"
            " conf/nearline.yaml)"
        )
    releases.hold(root, older[0].release_id)
    releases.flip(root, older[0].release_id, name)
    return older[0].release_id


def _before(root: Path, at: datetime) -> list[releases.Release]:
    """The kept releases that were made before an instant, newest first."""
    return [release for release in releases.kept_releases(root) if release.made_at < at]


def _print(outcome: dict[str, Any]) -> None:
    if "lifted" in outcome:
        print(f"the hold of {outcome['lifted']} is lifted; the next run publishes and serves again")
        return
    if "table" in outcome:
        of = f"{outcome['ds']}{' ' + outcome['tick'] if outcome['tick'] else ''}"
        restored = outcome["restored_version"]
        what = "has no pages any more" if restored is None else f"is as in version {restored} again"
        print(f"{outcome['table']} of {of} {what}, not as in {outcome['left_version']}")
        if outcome["withdrawn_ticks"]:
            print(f"withdrawn with it: {len(outcome['withdrawn_ticks'])} ticks built on it")
    if "ranker" in outcome:
        print(f"{outcome['serves'] or 'popularity'} serves and not {outcome['left_ranker']}")
    elif outcome["release"]:
        print(f"release {outcome['release']} serves")
    else:
        print("no release was changed")
    if outcome.get("note"):
        print(outcome["note"])
    print("on hold: nothing is published or served in its place until `frontrow rollback --lift`")
