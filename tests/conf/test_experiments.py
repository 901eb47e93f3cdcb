"""Declarations of experiments: what is wrong is one line with file and line."""

from datetime import date
from pathlib import Path

import pytest

from conf.changes import in_force
from conf.errors import UserMistake
from conf.experiments import added_kinds, line_of, load_experiments
from conf.rows import rows

SOUND = """\
layers:
  page: {exclusive: true}
  free: {exclusive: false}
metrics:
  plays: {of: plays, about: "plays"}
experiments:
  calm:
    about: "trending without taste"
    layer: page
    slice: [0.0, 0.5]
    start: 2026-01-05
    end: 2026-01-19
    ramp: {2026-01-05: 0.1, 2026-01-08: 1.0}
    metric: plays
    size: 100
    cells:
      control: {share: 0.5}
      calm:
        share: 0.5
        changes: {rows.kinds.trending.personal_weight: 0.0}
  rules:
    about: "the template"
    layer: page
    slice: [0.5, 1.0]
    start: 2026-01-05
    end: 2026-01-19
    metric: plays
    size: 100
    cells:
      control: {share: 0.5}
      rules: {share: 0.5, changes: {pages.builder: template}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "experiments.yaml"


def test_a_sound_declaration_is_read(file):
    file.write_text(SOUND)
    calm = load_experiments(file).experiments["calm"]
    assert calm.control == "control"
    assert calm.runs_on(date(2026, 1, 5))
    assert not calm.runs_on(date(2026, 1, 19))
    days = [date(2026, 1, day) for day in (4, 5, 7, 8, 18)]
    assert [calm.ramp_on(day) for day in days] == [0.0, 0.1, 0.1, 1.0, 1.0]
    assert line_of(("experiments", "rules", "cells"), file) == "experiments.yaml:29"


def test_the_file_of_the_house_runs_nothing():
    assert load_experiments().experiments == {}


FAULTS = {
    "kinds.trending.personal": ("kinds.trendign.personal", 20, "names 'trendign'"),
    "personal_weight: 0.0": ("personal_wait: 0.0", 20, "Extra inputs"),
    "rows.kinds.trending.personal_weight": ("orders.kinds", 20, "unknown file 'orders'"),
    "pages.builder: template}": ("pages.builder: best}", 31, "Input should be 'template'"),
    "pages.builder": ("pages.legality", 31, "unknown setting of pages"),
    "pages.builder: template": ("serving.best: none", 31, "unknown setting of serving"),
    "layer: page\n    slice: [0.0": ("layer: pag\n    slice: [0.0", 9, "unknown layer 'pag'"),
    "metric: plays\n    size: 100\n    cells:\n      control: {share: 0.5}\n      calm": (
        "metric: joy\n    size: 100\n    cells:\n      control: {share: 0.5}\n      calm",
        14,
        "unknown metric 'joy'",
    ),
    "slice: [0.5": ("slice: [0.4", 24, "overlaps that of calm in the exclusive layer page"),
    "share: 0.5\n        changes": ("share: 0.6\n        changes", 16, "sum to 1.1"),
    "control: {share: 0.5}\n      calm:": ("control: {share: 1.5}\n      calm:", 17, "less than"),
    "end: 2026-01-19\n    ramp": ("end: 2026-01-05\n    ramp", 12, "not after its start"),
    "2026-01-08: 1.0": ("2026-01-08: 0.05", 13, "only rises"),
    "  rules:\n    about": ("  Calm:\n    about", 21, "differs from calm by case alone"),
    "      rules: {share": ("      Control: {share", 31, "differs from control by case alone"),
    "  rules:\n    about: ": ("  calm:\n    about: ", 21, "declared twice, first in line 7"),
    "rules: {share: 0.5, changes: {pages.builder: template}}": (
        "rules: {share: 0.5}",
        31,
        "changes nothing",
    ),
    "    end: 2026-01-19\n    metric": (
        "    end: 2026-13-19\n    metric",
        26,
        "not valid YAML: month must be in 1..12",
    ),
    "changes: {pages.builder: template}": (
        "changes: {candidates.per_source: 2026-01-01}",
        31,
        "put a date in quotes",
    ),
    "    size: 100\n    cells:\n      control: {share: 0.5}\n      rules": (
        "    sizes: 100\n    cells:\n      control: {share: 0.5}\n      rules",
        21,
        "Field required",
    ),
}


@pytest.mark.parametrize("old", FAULTS)
def test_a_fault_is_one_line_with_its_place(file, old):
    fault, line, reason = FAULTS[old]
    assert old in SOUND
    file.write_text(SOUND.replace(old, fault, 1))
    with pytest.raises(UserMistake) as mistake:
        load_experiments(file)
    assert str(mistake.value).startswith(f"experiments.yaml:{line}: "), mistake.value
    assert reason in str(mistake.value)
    assert "\n" not in str(mistake.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("rows.kinds.trending.max_length: 3", "readers place rows by max_length"),
        ("rows.kinds.trending.watched: show", "readers place rows by watched"),
    ],
)
def test_what_readers_place_rows_by_is_no_variants(file, change, reason):
    file.write_text(SOUND.replace("rows.kinds.trending.personal_weight: 0.0", change))
    with pytest.raises(UserMistake, match=reason):
        load_experiments(file)


def test_experiments_that_may_meet_may_not_change_the_same(file):
    free = SOUND.replace("layer: page\n    slice: [0.5, 1.0]", "layer: free")
    file.write_text(free)
    assert len(load_experiments(file).experiments) == 2
    file.write_text(free.replace("pages.builder: template", "rows.kinds.trending: {}"))
    with pytest.raises(UserMistake, match=r"yaml:30: .*Field required"):
        load_experiments(file)
    same = "rows.kinds.trending.personal_weight: 1.0"
    file.write_text(free.replace("pages.builder: template", same))
    with pytest.raises(UserMistake, match=r"yaml:28: .*as calm does, whose members it may share"):
        load_experiments(file)
    later = free.replace("pages.builder: template", same)
    head, rules = later.split("  rules:\n")
    rules = rules.replace("start: 2026-01-05", "start: 2026-01-19").replace(
        "01-19\n    m", "02-19\n    m"
    )
    file.write_text(f"{head}  rules:\n{rules}")
    assert len(load_experiments(file).experiments) == 2


MONTH = """{title: This Month, reason: "{window_days}", evidence: popular, order: popularity, \
window_days: 30, min_length: 3, max_length: 40, texts: {de: {title: M, reason: R}, es: {title: M, reason: R}}}"""


def with_changes(changes: str) -> str:
    return SOUND.replace("{rows.kinds.trending.personal_weight: 0.0}", f"{{{changes}}}")


def test_a_cell_may_add_a_kind_of_row_and_leave_one_out(file):
    file.write_text(with_changes(f"rows.kinds.month: {MONTH}, rows.kinds.hidden_gems: null"))
    calm = load_experiments(file).experiments["calm"]
    assert list(added_kinds(calm)) == ["month"]
    with in_force(calm.cells["calm"].changes):
        assert "hidden_gems" not in {*rows().kinds, *rows().template, *rows().then}
        assert rows().kinds["month"].title == "This Month"
    assert "month" not in rows().kinds and "hidden_gems" in rows().template


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (f"rows.kinds.this:month: {MONTH}", "kind of row 'this:month': a name has letters"),
        (f"rows.kinds.month: {MONTH.replace('30', '31')}", "window_days must be one of"),
        (f"rows.kinds.month: {MONTH.replace('es: {', 'fr: {')}", "has no texts in es"),
        (f"rows.kinds.month: {MONTH.replace('title: This Month, ', '')}", "title: Field required"),
        ("rows.kinds.month: null", "names 'month', which conf/rows.yaml does not have"),
        ("rows.kinds.popular: null", "requires rows of the kind popular"),
        ("rows.kinds.hidden_gems: null, rows.template: [hidden_gems]", "do not exist: hidden_gems"),
        (
            "rows.kinds.decade: {title: T, reason: R, reason_unplayed: U, evidence: era, order: pvr,"
            " per: era, personal_weight: 1.0, min_length: 3, max_length: 40, texts: {"
            "de: {title: T, reason: R, reason_unplayed: U},"
            " es: {title: T, reason: R, reason_unplayed: U}}}",
            "has none by era",
        ),
    ],
)
def test_a_kind_of_row_that_cannot_be_is_one_line(file, changes, reason):
    file.write_text(with_changes(changes))
    with pytest.raises(UserMistake) as mistake:
        load_experiments(file)
    assert str(mistake.value).startswith("experiments.yaml:20: "), mistake.value
    assert reason in str(mistake.value)
    assert "\n" not in str(mistake.value)


def test_a_kind_of_row_is_the_same_to_readers_in_every_cell(file):
    other = MONTH.replace("max_length: 40", "max_length: 20")
    both = with_changes(f"rows.kinds.month: {MONTH}")
    file.write_text(both.replace("pages.builder: template", f"rows.kinds.month: {other}"))
    with pytest.raises(UserMistake, match="month has another max_length in calm:calm"):
        load_experiments(file)
    said_otherwise = MONTH.replace("This Month", "Of Late")
    file.write_text(both.replace("pages.builder: template", f"rows.kinds.month: {said_otherwise}"))
    assert len(load_experiments(file).experiments) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (SOUND.replace("taste", "Geschm\u00e4cker").encode("latin-1"), "not UTF-8"),
        (b"", ":1: it has to say layers, metrics and experiments"),
        (b"hello", ":1: it has to say layers, metrics and experiments"),
    ],
)
def test_a_file_that_says_nothing_is_one_line(file, content, reason):
    file.write_bytes(content)
    with pytest.raises(UserMistake, match=reason):
        load_experiments(file)


def test_text_that_is_no_yaml_is_one_line(file):
    file.write_text("experiments: {a: [}")
    with pytest.raises(UserMistake, match=r"experiments\.yaml: not valid YAML"):
        load_experiments(file)
