"""`frontrow whatif` on pages that are given, over the small lake of the metrics' tests."""

import json

import pyarrow as pa
import pytest
from click.testing import CliRunner

from cli import whatif as command
from cli.page_metrics import METRICS
from conf.changes import in_force
from conf.errors import Rejected, UserMistake
from conf.pages import pages
from jobs.io.published.simulated import share_as_stored
from tests.cli.test_metrics import DAY, PAGES, published, rows_of, write

__all__ = ["published"]
FLAT = {
    "ann": [("popular", "e f a b"), ("top_picks", "d c")],
    "bob": [("popular", "a e"), ("new", "f")],
}
ASK = ["--set", "pages.builder=template", "--from", "1998-04-22", "--json"]


def made(of):
    """Pages as `simulated_pages` has them."""
    rows = [row | {"row_id": row["row_kind"]} for row in rows_of(of, DAY)]
    return pa.Table.from_pylist(rows)


@pytest.fixture
def arms(monkeypatch, published):
    """Control's pages are PAGES, the variant's are what the test puts here."""
    variant = dict(FLAT)
    monkeypatch.setattr(
        command,
        "simulated_pages",
        lambda ds, profiles, changes: made(variant if changes else PAGES),
    )
    monkeypatch.setattr(command, "share_as_stored", lambda ds, rows: 1.0)
    return variant


def asked(*more):
    return CliRunner().invoke(command.whatif, [*ASK, *more], catch_exceptions=False)


def test_figures_by_hand(arms):
    found = json.loads(asked().stdout)
    figures = {figure["metric"]: figure for figure in found["metrics"]}
    # ann later played a and f, which both arms have; bob played c, which none has
    recall = figures["recall_3x4"]
    assert (recall["control"], recall["variant"]) == (0.5, 0.5)
    assert figures["err_2d"]["difference"] < 0  # a is no longer the first cell
    assert figures["cells_per_row"]["control"] == pytest.approx((4 + 1.5) / 2)
    assert figures["cells_per_row"]["variant"] == pytest.approx((3 + 1.5) / 2)
    assert found["first_screens_changed"] == 0.5
    assert found["control_as_stored"] == 1.0


def differing(metric: str, low: float | None, high: float | None, stratum: str = "all"):
    ends = {"difference_low": low, "difference_high": high}
    return {"metric": metric, "stratum": stratum, "difference": 0.0, **ends}


@pytest.mark.parametrize(
    ("all_plays", "new_plays", "take"),
    [
        ((0.1, 0.2), (-0.1, 0.1), "variant"),
        ((0.1, 0.2), (None, None), "variant"),
        ((0.1, 0.2), (-0.2, -0.1), "control"),  # plays of what is begun, for plays of what is new
        ((-0.1, 0.2), (0.1, 0.2), "control"),
        ((-0.2, -0.1), (0.1, 0.2), "control"),
    ],
)
def test_what_is_better_by_the_selection_metric_is_taken(all_plays, new_plays, take):
    other = differing("err_2d_all", 0.3, 0.4, "kids")
    found = [differing("err_2d_all", *all_plays), differing("err_2d", *new_plays), other]
    assert command.choice(found)["take"] == take


def test_the_selection_metrics_are_measured_and_told(arms):
    selection = pages().selection
    assert {selection.by, selection.may_not_lose} <= set(METRICS)
    found = json.loads(asked().stdout)["choice"]
    assert found == {"err_2d_all": "not told apart", "err_2d": "not told apart", "take": "control"}
    told = CliRunner().invoke(command.whatif, ASK[:-1], catch_exceptions=False).output
    assert "take the control: not told apart by err_2d_all, not told apart by err_2d" in told
    assert "choice" not in json.loads(asked("--by", "kids").stdout)


def test_a_dry_run_builds_a_few_pages_and_measures_nothing(arms):
    found = json.loads(asked("--dry-run").stdout)
    assert found["dry_pages"] == 2
    assert "metrics" not in found


@pytest.mark.parametrize(
    ("poor", "what"),
    [({"bob": FLAT["bob"]}, "1 pages where"), ({n: r[:1] for n, r in FLAT.items()}, "2 rows")],
)
def test_a_variant_with_too_few_pages_or_rows_is_stopped(arms, poor, what):
    arms.clear()
    arms.update(poor)
    with pytest.raises(Rejected, match=what):
        asked()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "pages.bilder=x"], "bilder"),
        (["--set", "pages.builder=x"], "builder"),
        (["--set", "pages.builder"], "no value"),
        (["--cell", "none.of"], "there are"),
        ([], "nothing is changed"),
        (["--set", "pages.builder=template", "--by", "moon"], "choose from"),
        (["--set", "pages.builder=template", "--to", "1998-04-01"], "runs backwards"),
        (["--set", "pages.builder=template", "--from", "1999-01-01"], "no profiles are stored"),
    ],
)
def test_a_mistake_is_one_line(arms, options, message):
    with pytest.raises(UserMistake, match=message) as mistake:
        CliRunner().invoke(
            command.whatif, ["--from", "1998-04-22", *options], catch_exceptions=False
        )
    assert "\n" not in str(mistake.value)


def test_changes_are_in_force_for_one_arm_alone():
    with in_force({"pages.builder": "template"}):
        assert pages().builder == "template"
    assert pages().builder == "stagewise"


def test_pages_are_held_against_those_stored(lake):
    write(lake, "drafts", made(PAGES).to_pylist(), partition_by=["ds"])
    assert share_as_stored(DAY, made(PAGES)) == 1.0
    other = PAGES | {"bob": [("popular", "e a"), ("new", "f")]}
    assert share_as_stored(DAY, made(other)) == 0.5
