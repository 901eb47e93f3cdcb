"""`frontrow doctor`: what is not as it was written, why, and what repairs it."""

import json

import click

from conf.contracts import table_names
from conf.errors import Rejected, UserMistake
from jobs.io.tables import repairs, seals
from jobs.io.tables.repairs import Repair


@click.command()
@click.option(
    "--table", "names", multiple=True, metavar="NAME", help="Only this table; may be repeated."
)
@click.option("--repair", is_flag=True, help="Do what is said to be done.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def doctor(names: tuple[str, ...], repair: bool, as_json: bool) -> None:
    """Compare every entry of every table's log and every file with what was sealed, byte by byte.

    Each line names a file, what is wrong with it, what --repair does about it and what is left for
    you to do. Ends with status 65 while anything is wrong.

    Example: frontrow doctor

    Example: frontrow doctor --table events --repair
    """
    for name in names:
        if name not in table_names():
            raise UserMistake(f"--table {name}: there is no such table; `frontrow tables` has them")
    found = repairs.found(names)
    if repair:
        found = repairs.done(found)
    tables = {each.fault.table for each in found}
    faults = {fault for name in tables for fault in seals.faults(name, read_all=True)}
    left = [each for each in found if each.fault in faults]
    if as_json:
        print(json.dumps({"faults": [_figures(each) for each in found], "left": len(left)}))
    else:
        for each in found:
            _print(each)
        if not found:
            print("every entry and file is as it was sealed")
    if left:
        raise Rejected(
            f"{len(left)} faults are left; " + ("see above" if repair else "repair: --repair")
        )


def _figures(each: Repair) -> dict[str, object]:
    return {**each.fault._asdict(), "does": each.does, "then": each.then, "done": each.is_done}


def _print(each: Repair) -> None:
    print(f"{each.fault}")
    print(f"  {'done' if each.is_done else 'repair'}: {each.does}")
    if each.then:
        print(f"  then: {each.then}")
