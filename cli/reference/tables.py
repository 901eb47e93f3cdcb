"""docs/tables.md: every table with its keys, columns and checks, made from the contracts."""

from conf.contracts import Column, Table, columns, contract, table_names
from jobs import FLOW

OPENING = """# The tables

Every table is a Delta table under `var/tables` (or `FRONTROW_TABLES`), and each has one step that
writes it. This page is made from the contracts in `conf/tables/` by `python -m cli.reference`.

Readers outside rely on the tables marked **published**. A column marked *optional* may be null.
Instants are UTC. How personal a column is: *key* names somebody, *quasi* may help to tell who
somebody is, *content* is text from outside.
"""


def tables_page() -> str:
    """The whole page as Markdown, tables in the order in which the steps write them."""
    tables = tables_by_step()
    index = [f"| [`{t.table}`](#{t.table}) | {t.about} | `{t.written_by}` |" for t in tables]
    overview = "\n".join(["| table | what it holds | written by |", "|---|---|---|", *index])
    sections = [table_section(table) for table in tables]
    return "\n".join([OPENING, overview, "", *sections])


def tables_by_step() -> list[Table]:
    """Every contract, in the order of the steps and by name within a step."""
    tables = [contract(name) for name in table_names()]
    return sorted(tables, key=lambda table: (FLOW.index(table.written_by), table.table))


def table_section(table: Table) -> str:
    """One table: where it comes from, how it is keyed, its columns and the checks of the audit."""
    lines = [f"## {table.table}", "", table.about, ""]
    lines += [f"* {fact}" for fact in table_facts(table)]
    lines += ["", "| column | | type | personal | meaning |", "|---|---|---|---|---|"]
    lines += [column_line(name, need) for name, need in table.columns.items()]
    if table.rules:
        lines += ["", "Rules that the audit proves before publication:", ""]
        lines += [f"* `{verdict}`: {meaning}" for verdict, meaning in table.rules.items()]
    return "\n".join([*lines, ""])


def table_facts(table: Table) -> list[str]:
    """What is true of the table as a whole, one sentence each."""
    sources = ", ".join(f"`{name}`" for name in table.reads) or "landed files"
    keys = ", ".join(f"`{name}`" for name in table.keys)
    facts = [f"written by `{table.written_by}` from {sources}", f"keys: {keys}"]
    if table.partition:
        partition = ", ".join(f"`{name}`" for name in table.partition)
        facts.append(f"partitioned by {partition}")
    facts.append(f"kept {table.kept}")
    if table.published:
        facts.append("**published**")
    return facts


def column_line(name: str, need: str) -> str:
    """A column's line of the Markdown table."""
    column = columns()[name]
    personal = "" if column.pii == "none" else column.pii
    optional = "optional" if need == "optional" else ""
    meaning = column.meaning.replace("|", "\\|")
    return f"| `{name}` | {optional} | {type_with_unit(column)} | {personal} | {meaning} |"


def type_with_unit(column: Column) -> str:
    """Spark's type with the unit, for example "bigint, s"."""
    spark_type = f"`{column.type}`"
    return f"{spark_type}, {column.unit}" if column.unit else spark_type
