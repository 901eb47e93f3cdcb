"""What counts as a file that somebody has to touch."""

from pathlib import Path

import pytest

from benchmarks.experiments import touched
from benchmarks.firsthour.sandbox import Ended, Sandbox
from conf.errors import FrontrowError


def test_what_was_changed_or_added_counts_and_what_was_made_does_not(tmp_path: Path) -> None:
    sources, copy = tmp_path / "sources", tmp_path / "copy"
    for folder in (sources, copy):
        for name in ("conf/a.yaml", "conf/b.yaml", "var/table"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)
    assert list(touched.changed(copy, sources)) == []
    (copy / "conf" / "b.yaml").write_text("conf/c.yaml")  # of the same length
    (copy / "var" / "table").write_text("more")
    (copy / "conf" / "new.yaml").write_text("")
    (copy / "said.log").write_text("")
    assert list(map(str, touched.changed(copy, sources))) == ["conf/b.yaml", "conf/new.yaml"]


@pytest.mark.parametrize(
    ("ended", "said"),
    [(Ended(2, "error: no such experiment"), "no such"), (Ended(None, "slow"), "did not end")],
)
def test_a_command_that_fails_gives_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: Ended, said: str
) -> None:
    monkeypatch.setattr(touched.sandbox, "made", lambda folder, home: Sandbox(folder))
    monkeypatch.setattr(Sandbox, "run", lambda place, line, patience_s: ended)
    with pytest.raises(FrontrowError, match=said):
        touched.touched_figures(tmp_path)


def test_an_experiment_that_no_night_would_build_gives_no_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touched.sandbox, "made", lambda folder, home: Sandbox(folder))
    monkeypatch.setattr(Sandbox, "run", lambda place, line, patience_s: Ended(0, "changes: []"))
    with pytest.raises(FrontrowError, match="no night would build"):
        touched.touched_figures(tmp_path)
