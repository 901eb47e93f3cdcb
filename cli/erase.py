"""`frontrow erase`: everything of some profiles goes, and every byte is looked through to show it."""

import json
from pathlib import Path

import click

from conf.errors import UserMistake
from conf.plain_text import one_line
from jobs.io.erasure.erase import erase as erase_profiles
from jobs.serve_pages import serve_pages


@click.command()
@click.option("--profile", "profiles", multiple=True, help="A profile_id; may be repeated.")
@click.option(
    "--file",
    "listing",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A text file with one profile_id on each line.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def erase(
    context: click.Context, profiles: tuple[str, ...], listing: Path | None, as_json: bool
) -> None:
    """Erase profiles from tables and their logs, releases, reports, logs and quarantine.

    A late delivery does not bring them back: landing asks a list of salted hashes. Run it while no
    DAG runs; a run that was cut short is finished by running it again. Earlier versions of the
    tables cannot be read or rolled back to afterwards. Exit status 65 where a trace is left.

    Example: frontrow erase --profile m0000001-0
    """
    ids = [*profiles, *(listing.read_text(encoding="utf-8").splitlines() if listing else ())]
    ids = [each for each in ids if each.strip()]
    if not ids:
        raise UserMistake("say who is to be erased: --profile ID or --file LIST")
    done = erase_profiles(
        ids, lambda: serve_pages(anew=True), say=lambda line: click.echo(one_line(line), err=True)
    )
    if as_json:
        print(one_line(json.dumps(vars(done) | {"profiles": len(set(ids))}, ensure_ascii=False)))
    else:
        rows = sum(done.rows.values())
        print(f"{len(set(ids))} profiles: {rows} rows and {done.files} files erased")
        for trace in done.traces:
            print(one_line(f"left: {trace}"))
    context.exit(65 if done.traces else 0)
