"""Decisions: from which run date they hold, and what may not change while an experiment runs."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.experiment import plan
from conf import experiments as conf_experiments
from conf.errors import UserMistake
from conf.rows import rows
from jobs.declare_experiments import decide, start, stop, undo
from jobs.io.experiments import register
from jobs.io.experiments.added_kinds import kinds_of_variants, reader_rows

DAY = date(2026, 4, 30)
FILE = """\
layers:
  page: {{exclusive: true}}
  free: {{exclusive: false}}
metrics:
  plays: {{of: plays, about: plays}}
experiments:
  rules:
    about: "the template"
    layer: page
    start: {start}
    end: 2026-05-20
    ramp: {{{start}: {ramp}}}
    metric: plays
    size: 5
    cells:
      control: {{share: 0.5}}
      rules: {{share: 0.5, changes: {{pages.builder: template}}}}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "experiments.yaml"
    path.write_text(FILE.format(start=DAY, ramp=1.0))
    monkeypatch.setattr(conf_experiments, "FILE", path)
    return path


def test_decisions_hold_from_a_run_date_on_and_a_change_is_refused(lake, file):
    assert register.running(DAY)[1] == {}
    file.write_text(FILE.format(start=DAY, ramp=0.4))
    start("rules")
    assert list(register.running(DAY)[1]) == ["rules"]
    assert register.running(DAY - timedelta(days=1))[1] == {}
    assert register.running(date(2026, 5, 20))[1] == {}
    assert start("rules") == register.decisions()["rules"]
    assert len(register.decisions_of("rules")) == 1
    faults = {
        "metric: plays\n": (
            "metric: plays\n    guardrails: [plays]\n",
            ":14: rules: guardrails was changed",
        ),
        "      rules: {share": ("      other: {share", ":15: rules: cell rules has gone"),
        "exclusive: true": ("exclusive: false", ":1: exclusive was changed"),
        "about: plays": ("about: clicks", ":4: metrics was changed"),
        "layers:\n": ("holdout: 0.1\nlayers:\n", ":1: holdout was changed"),
        "  rules:\n    about": (
            "  others:\n    about",
            ":6: rules runs and is not declared any more",
        ),
    }
    text = file.read_text()
    for old, (new, line) in faults.items():
        file.write_text(text.replace(old, new, 1))
        with pytest.raises(UserMistake) as mistake:
            register.running(DAY)
        assert line in str(mistake.value), mistake.value
    file.write_text(FILE.format(start=DAY, ramp=0.3))
    with pytest.raises(UserMistake, match=r"yaml:12: rules: a ramp only rises"):
        start("rules")
    file.write_text(FILE.format(start=DAY, ramp=1.0))
    assert start("rules").action == register.RAMP
    assert register.running(DAY)[1]["rules"].ramp_on(DAY) == 1.0
    with pytest.raises(UserMistake, match="no cell 'best'"):
        stop("rules", "best")
    assert stop("rules", "rules").winner == "rules"
    assert register.running(DAY)[1] == {}
    assert register.changes(DAY) == {"rules:rules": {"pages.builder": "template"}}
    with pytest.raises(UserMistake, match="declare it under another one"):
        start("rules")
    with pytest.raises(UserMistake, match="does not run"):
        stop("rules")


def test_a_decision_is_undone_and_the_undoing_too(lake, file):
    file.write_text(FILE.format(start=DAY, ramp=0.4))
    with pytest.raises(UserMistake, match="nothing was decided of 'rules'; decided: none"):
        undo("rules")
    start("rules")
    file.write_text(FILE.format(start=DAY, ramp=0.7))
    start("rules")
    with pytest.raises(UserMistake, match=r"yaml:12: rules: ramp was changed while it runs"):
        undo("rules")
    file.write_text(FILE.format(start=DAY, ramp=0.4))
    assert undo("rules").experiment.ramp_on(DAY) == 0.4
    stop("rules", "rules")
    assert register.changes(DAY) == {"rules:rules": {"pages.builder": "template"}}
    assert register.running(DAY)[1] == {}
    assert undo("rules").is_running
    assert list(register.running(DAY)[1]) == ["rules"]
    undone = undo("rules")
    assert (undone.action, undone.winner) == ("winner", "rules")


def test_a_start_that_is_undone_is_a_stop(lake, file):
    file.write_text(FILE.format(start=DAY, ramp=0.4))
    start("rules")
    undone = undo("rules")
    assert (undone.action, undone.since, undone.winner) == ("stop", DAY, None)
    assert register.running(DAY)[1] == {} and register.changes(DAY) == {}
    assert undo("rules").is_running


def test_days_before_a_decision_are_built_again_as_they_were(lake, file):
    kept = start("rules").kept
    stopped = DAY + timedelta(days=2)
    decide("rules", register.STOP, stopped, kept)
    eve = stopped - timedelta(days=1)
    assert list(register.running(eve)[1]) == ["rules"]
    assert register.running(stopped)[1] == {}
    decide("rules", register.WINNER, stopped + timedelta(days=1), kept, "rules")
    assert register.changes_of_winners(stopped) == {}
    assert list(register.changes_of_winners(stopped + timedelta(days=1))) == ["rules:rules"]


KIND = """{title: This Month, reason: "{window_days}", evidence: popular, order: popularity, \
window_days: 30, min_length: 3, max_length: 40, texts: {de: {title: M, reason: R}, es: {title: M, reason: R}}}"""


def test_a_kind_that_a_variant_added_is_known_to_readers_for_good(lake, file):
    assert reader_rows() is rows()
    text = FILE.format(start=DAY, ramp=1.0)
    file.write_text(text.replace("pages.builder: template", f"rows.kinds.month: {KIND}"))
    start("rules")
    assert reader_rows().kinds["month"].title == "This Month"
    assert list(reader_rows().kinds)[1:] == list(rows().kinds) and "month" not in rows().kinds
    stop("rules")
    assert kinds_of_variants()["month"][0] == "rules"
    longer = KIND.replace("max_length: 40", "max_length: 75")
    other = text.replace("  rules:\n", "  later:\n", 1)
    file.write_text(other.replace("pages.builder: template", f"rows.kinds.month: {longer}"))
    with pytest.raises(UserMistake, match=r"yaml:15: later: kind of row month had another max_len"):
        start("later")
    file.write_text(other.replace("pages.builder: template", f"rows.kinds.month: {KIND}"))
    assert start("later").is_running


def test_a_ranker_that_was_never_promoted_is_no_variants(lake, file):
    """It was found at night alone, and every member of the cell fell back."""
    wrong = "serving.top_picks: top_picks-0123456789ab"
    file.write_text(FILE.format(start=DAY, ramp=1.0).replace("pages.builder: template", wrong))
    for asked in (lambda: start("rules"), lambda: plan_of("rules")):
        with pytest.raises(
            UserMistake, match=r"yaml:17: rules: no top_picks was promoted as 'top_"
        ):
            asked()
    assert register.decisions() == {}
    file.write_text(file.read_text().replace("top_picks-0123456789ab", "none"))
    assert start("rules").is_running


def plan_of(name: str) -> None:
    CliRunner().invoke(plan, [name], catch_exceptions=False)
