"""The drawings of docs/architecture.md: rooms and their imports, steps and the tables between them.

The page is written by hand but for the parts between two marks, which are made from
conf/rooms.yaml, `jobs.FLOW` and the contracts.
"""

import re

from cli.reference.tables import tables_by_step
from conf.rooms import rooms
from conf.schedule import CADENCES, EXPORTS
from jobs import FLOW

MARK = re.compile(r"(<!-- made from the code: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def architecture_page(text: str) -> str:
    """The page with each drawing made anew; `text` is the page as it stands."""
    drawings = {"rooms": room_drawing(), "imports": import_table(), "steps": step_drawing()}
    return MARK.sub(lambda part: f"{part[1]}{drawings[part[2]]}\n{part[3]}", text)


def room_drawing() -> str:
    """Which room may import which, as a Mermaid flowchart of the direct arrows only."""
    lines = ["```mermaid", "flowchart RL"]
    for name, room in rooms().items():
        lines.append(f'    {name}["{name}<br/>{room.about}"]')
    for name in rooms():
        lines += [f"    {name} --> {other}" for other in nearest_imports(name)]
    lines.append("    dags -. names only .-> jobs")
    return "\n".join([*lines, "```"])


def nearest_imports(name: str) -> list[str]:
    """The rooms that a room may import and that none of its other imports may import already."""
    house = rooms()
    allowed = house[name].may_import
    through_others = {far for near in allowed for far in house[near].may_import}
    return [other for other in allowed if other not in through_others]


def import_table() -> str:
    """Every room with what it holds and what it may import, as a Markdown table."""
    lines = ["| room | what it holds | may import |", "|---|---|---|"]
    for name, room in rooms().items():
        allowed = ", ".join(f"`{other}`" for other in room.may_import) or "nothing of ours"
        lines.append(f"| `{name}/` | {room.about} | {allowed} |")
    return "\n".join(lines)


def step_drawing() -> str:
    """The steps in the order of `jobs.FLOW`, grouped by DAG, with the tables that lead from one to the next."""
    lines = [
        "```mermaid",
        "flowchart TD",
        '    ingest_events["ingest_events<br/><i>by frontrow land</i>"]',
    ]
    for dag_id, cadence in CADENCES.items():
        lines.append(f'    subgraph {dag_id}["{dag_id}"]')
        lines += [f"        {job}" for job in FLOW if job in cadence.jobs]
        lines += [f"        {job}" for job in EXPORTS if job in cadence.jobs]
        lines.append("    end")
    for (earlier, later), names in tables_between_steps().items():
        lines.append(f"    {earlier} -- {'<br/>'.join(names)} --> {later}")
    return "\n".join([*lines, "```"])


def tables_between_steps() -> dict[tuple[str, str], list[str]]:
    """For each pair of steps the tables that the first writes and the second reads."""
    tables = tables_by_step()
    writer = {table.table: table.written_by for table in tables}
    between: dict[tuple[str, str], list[str]] = {}
    reads = [(name, table.written_by) for table in tables for name in table.reads]
    reads += [(name, job) for job, names in EXPORTS.items() for name in names]
    for name, reader in reads:
        names = between.setdefault((writer[name], reader), [])
        if name not in names and writer[name] != reader:
            names.append(name)
    return {pair: names for pair, names in between.items() if names}
