"""What an experiment showed: units, their days, and the queries that a warehouse asks."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable

from cli.experiment import experiment
from conf import experiments as conf_experiments
from conf.experiments import load_experiments
from conf.settings import ROOT
from jobs.analyse_experiments import analyse_experiments
from jobs.declare_experiments import start
from jobs.io.experiments.measured import measured_units
from jobs.io.tables import arrow_writes, seals
from jobs.io.tables.arrow import deltalake_path, filtered_rows

START, UNTIL = date(2026, 1, 5), date(2026, 1, 12)
FILE = """\
layers:
  page: {exclusive: true}
metrics:
  plays: {of: plays, about: plays}
  minutes: {of: minutes, about: minutes}
  discoveries: {of: discoveries, about: found}
  play_rate: {of: seen_plays, over: pages, about: rate}
experiments:
  rules:
    about: "the <template>"
    layer: page
    start: 2026-01-05
    end: 2026-01-12
    metric: plays
    guardrails: [minutes]
    size: 20
    cells:
      control: {share: 0.5}
      rules: {share: 0.5, changes: {pages.builder: template}}
"""
ACCOUNTS = 60


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def cell_of(account: int) -> str:
    return "rules" if account % 2 else "control"


@pytest.fixture
def lived(lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """60 accounts of two profiles; those of `rules` play one title more on each day of the experiment."""
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    file = tmp_path / "experiments.yaml"
    file.write_text(FILE)
    monkeypatch.setattr(conf_experiments, "FILE", file)
    start("rules")
    assignments, events, impressions = [], [], []
    for account in range(ACCOUNTS):
        for number in range(2):
            profile = f"p{account}-{number}"
            own = {"profile_id": profile, "account_id": f"a{account}", "unit_id": f"a{account}"}
            assignments.append(
                own | {"experiment": "rules", "cell": cell_of(account), "fell_back": False}
            )
            for offset in range(-6, 7):
                day = START + timedelta(days=offset)
                inside = offset > 0  # from the day after the first page on
                more = inside * ((cell_of(account) == "rules") + (account % 5 == 0))
                count = 1 + account % 3 + more
                events += [played(profile, f"t{offset}-{title}", at(day)) for title in range(count)]
                impressions.append(shown(profile, f"t{offset}-0", at(day, 11), inside))
    for ds in (START, START + timedelta(days=1)):
        arrow_writes.replace_day("assignments", ds, assignments)
    arrow_writes.append("events", events)
    arrow_writes.append("impressions", impressions)
    return file


def played(profile: str, title: str, when: datetime) -> dict[str, object]:
    return {
        "profile_id": profile,
        "title_id": title,
        "event_id": f"{profile} {title}",
        "event_at": when,
        "known_at": when,
        "kind": "play",
        "watched_seconds": 1200,
        "source": "test",
        "landing_id": "1",
        "ds": when.date(),
    }


def shown(profile: str, title: str, when: datetime, inside: bool) -> dict[str, object]:
    return {
        "page_id": f"{profile} {when.date()}",
        "profile_id": profile,
        "row_id": "r",
        "row_position": 1,
        "column_position": 1,
        "title_id": title,
        "shown_at": when,
        "known_at": when,
        "source": "test",
        "landing_id": "1",
        "ds": when.date(),
    }


def test_units_are_accounts_with_their_own_days(lived):
    units = {row["account_id"]: row for row in measured_units("rules", UNTIL).to_pylist()}
    assert len(units) == ACCOUNTS
    for account in range(ACCOUNTS):
        row = units[f"a{account}"]
        per_day = 1 + account % 3
        more = (cell_of(account) == "rules") + (account % 5 == 0)
        assert row["cell"] == cell_of(account)
        assert row["plays"] == 2 * 6 * (per_day + more)
        assert row["plays_before"] == 2 * 7 * per_day
        assert row["minutes"] == 20 * row["plays"]
        assert row["quality_plays"] == row["plays"]
        assert row["discoveries"] == row["seen_plays"] == row["pages"] == 2 * 6
        assert row["active_days"] == 6 * 1 * 1


def test_minutes_of_a_player_that_tells_how_far_it_came_so_far_are_told_once(lived):
    def minutes() -> float:
        units = {row["account_id"]: row for row in measured_units("rules", UNTIL).to_pylist()}
        return float(units["a0"]["minutes"])

    before, evening = minutes(), at(START + timedelta(days=2), 20)
    beats = [
        played("p0-0", "so far", evening + timedelta(minutes=5 * n))
        | {"event_id": f"beat {n}", "watched_seconds": 300 * n}
        for n in range(1, 13)
    ]
    arrow_writes.append("events", beats)
    assert minutes() == before + 60


def test_a_report_tells_the_effect_and_keeps_it(lived):
    (found,) = analyse_experiments(UNTIL)
    assert found.units == {"control": 30, "rules": 30}
    assert not found.is_mismatched
    plays = next(each for each in found.effects if each.metric == "plays")
    assert plays.low <= 12 <= plays.high
    assert plays.relative_low > 0
    assert found.verdict == "Decided: rules raised plays."
    rows = filtered_rows("experiment_results", [("ds", "=", UNTIL)]).to_pylist()
    assert {(row["metric"], row["role"]) for row in rows} == {
        ("plays", "metric"),
        ("minutes", "guardrail"),
    }
    reported = CliRunner().invoke(experiment, ["report", "rules", "--ds", str(UNTIL)])
    assert reported.exit_code == 0, reported.output
    page = Path(reported.output.rsplit("all of it: ")[-1].strip()).read_text()
    assert "the &lt;template&gt;" in page
    assert "Decided: rules raised plays." in page
    assert not re.findall(r'(?:src|href)="|url\(|https?://', page)


def test_cells_without_their_shares_raise_an_alarm(lived):
    table = DeltaTable(deltalake_path("assignments"))
    table.delete("cell = 'rules' AND account_id < 'a5'")
    seals.seal("assignments")
    (found,) = analyse_experiments(UNTIL)
    assert found.is_mismatched
    assert found.verdict.startswith("The cells have not the declared shares")


def test_the_documented_queries_run_on_the_tables(lived):
    queries = re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "experiments.md").read_text(), re.S)
    assert len(queries) == 2
    with duckdb.connect() as database:
        for name in ("assignments", "events", "profiles"):
            path = deltalake_path(name)
            if name == "profiles":
                database.execute(
                    "CREATE TABLE profiles AS SELECT DISTINCT profile_id, account_id,"
                    " now() AS known_at FROM assignments"
                )
            else:
                database.register(name, DeltaTable(path).to_pyarrow_table())
        assigned = database.execute(queries[0]).fetchall()
        values = database.execute(queries[1]).fetchall()
    assert len(assigned) == ACCOUNTS
    assert {row[2] for row in assigned} == {"rules"}
    totals: dict[str, int] = {}
    for account, when, value in values:
        if when.date() > START:
            totals[account] = totals.get(account, 0) + value
    units = measured_units("rules", UNTIL).to_pylist()
    assert totals == {row["account_id"]: row["plays"] for row in units}


def test_what_cannot_be_reported_is_one_line(lived):
    for arguments, line in (
        (["report", "unheard"], "unheard was not started; started: rules"),
        (["plan", "unheard"], "no experiment 'unheard' is declared; there are: rules"),
    ):
        result = CliRunner().invoke(experiment, arguments)
        assert line in str(result.exception), result.output


def test_a_report_before_the_first_night_says_so(lived):
    early = ["report", "rules", "--ds", "2026-01-05"]
    said = CliRunner().invoke(experiment, early)
    assert said.exit_code == 0 and said.output.startswith("Nobody is in it before 2026-01-05")
    record = json.loads(CliRunner().invoke(experiment, [*early, "--json"]).output)
    assert record["units"] == {} and record["effects"] == []


def test_commands_plan_start_and_stop(lived):
    assert load_experiments().experiments.keys() == {"rules"}
    planned = CliRunner().invoke(experiment, ["plan", "rules", "--json"])
    assert planned.exit_code == 0, planned.exception
    assert '"units_now": 0' in planned.output
    stopped = CliRunner().invoke(experiment, ["stop", "rules", "--winner", "rules"])
    assert "winner of rules, from the run of 2026-01-05 on" in stopped.output
