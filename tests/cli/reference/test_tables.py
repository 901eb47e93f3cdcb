"""docs/tables.md names every table and column, and which step writes it."""

from cli.reference.tables import column_line, table_facts, tables_by_step, tables_page
from conf.contracts import contract, table_names
from jobs import FLOW


def test_every_table_has_a_section_with_all_its_columns():
    page = tables_page()
    for name in table_names():
        section = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        assert all(f"| `{column}` |" in section for column in contract(name).columns)


def test_tables_come_in_the_order_of_the_steps():
    steps = [FLOW.index(table.written_by) for table in tables_by_step()]
    assert steps == sorted(steps)


def test_a_published_table_says_so():
    assert "**published**" in table_facts(contract("homepage_rows"))
    assert "**published**" not in table_facts(contract("drafts"))


def test_a_column_says_whether_it_may_be_null_and_how_personal_it_is():
    assert column_line("profile_id", "required").startswith("| `profile_id` |  | `string` | key |")
    assert "| optional |" in column_line("valid_until", "optional")
