import ast

import pytest

from conf.contracts import Column, Table, contract, table_names
from conf.errors import UserMistake
from conf.settings import ROOT

ROOMS = ("conf", "features", "models", "judge", "jobs", "dags", "studio", "cli")


def test_the_rules_of_published_rows_are_read_as_verdicts_and_what_they_say() -> None:
    rules = contract("homepage_rows").rules
    assert rules["row_without_repeats"] == "no title stands twice in one row"
    assert len(rules) == 38


def test_few_tables_have_rules_beyond_keys_required_columns_and_ranges() -> None:
    with_rules = [name for name in table_names() if contract(name).rules]
    assert with_rules == ["audits", "homepage_rows", "search_suggestions"]


@pytest.mark.parametrize("name", table_names())
def test_every_contract_can_be_read_and_names_its_columns(name: str) -> None:
    table = contract(name)
    assert table.required and {*table.keys, *table.partition} <= set(table.columns) | {"tick"}


def test_an_unknown_table_lists_the_known_ones() -> None:
    with pytest.raises(UserMistake, match="unknown table 'event'; the tables are: artwork"):
        contract("event")


def attributes_read() -> set[str]:
    """Names that the code reads of anything, outside the module of contracts."""
    return {
        node.attr
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path != ROOT / "conf" / "contracts.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def test_whatever_a_contract_says_is_read_by_somebody() -> None:
    """A promise such as `retention_days` that no job reads is kept by nobody."""
    inside = {"like", "own_columns"}  # read as contracts are put together
    said = {*Table.model_fields, *Column.model_fields} - inside
    assert said <= attributes_read()
