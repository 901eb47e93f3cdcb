"""Declarations of experiments: what is wrong is one line with file and line."""

from datetime import date
from pathlib import Path

import pytest

from conf.errors import UserMistake
from conf.experiments import line_of, load_experiments

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


def test_text_that_is_no_yaml_is_one_line(file):
    file.write_text("experiments: {a: [}")
    with pytest.raises(UserMistake, match=r"experiments\.yaml: not valid YAML"):
        load_experiments(file)
