"""The drawings show every room and every step, and no arrow that the rules do not allow."""

from cli.reference.architecture import (
    architecture_page,
    nearest_imports,
    room_drawing,
    step_drawing,
    tables_between_steps,
)
from conf.rooms import rooms
from jobs import FLOW


def reached(name: str) -> set[str]:
    """The rooms that the arrows of the drawing lead to from one room, by any way."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        near = nearest_imports(waiting.pop())
        waiting += near
        found |= set(near)
    return found


def test_arrows_lead_to_all_that_a_room_may_import_and_each_is_allowed():
    for name, room in rooms().items():
        assert reached(name) >= set(room.may_import), name
        assert set(nearest_imports(name)) <= set(room.may_import), name


def test_every_room_and_every_step_is_drawn():
    assert all(f'    {name}["' in room_drawing() for name in rooms())
    assert all(step in step_drawing() for step in FLOW)


def test_tables_lead_from_the_step_that_writes_them_to_those_that_read_them():
    between = tables_between_steps()
    assert between["assemble_drafts", "run_audits"] == ["drafts", "assignments"]
    assert set(between["run_audits", "publish_homepage_rows"]) == {"audits"}
    assert between["publish_homepage_rows", "serve_pages"] == ["homepage_rows"]
    assert all(earlier != later for earlier, later in between)


def test_only_what_stands_between_the_marks_is_made_anew():
    text = "before\n<!-- made from the code: imports -->\nstale\n<!-- end -->\nafter\n"
    page = architecture_page(text)
    assert page.startswith("before\n") and page.endswith("\nafter\n")
    assert "stale" not in page and "| `conf/` |" in page
