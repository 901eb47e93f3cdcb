"""Spark reads and writes tables whose past was forgotten, and a late delivery brings nobody back."""

from datetime import timedelta
from pathlib import Path

from conf.errors import UserMistake
from jobs.io.erasure.erase import erase
from jobs.io.tables import spark as tables
from tests import landed


def no_release() -> str:
    raise UserMistake("nothing was published")


def profiles_of(spark, table: str) -> set[str]:
    return {row["profile_id"] for row in tables.read(spark, table).select("profile_id").collect()}


def test_erased_profile_stays_away_whatever_is_landed_again(
    spark, lake: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("FRONTROW_HOME", str(tmp_path / "home"))
    service = landed.service(tmp_path / "service")
    landed.land(spark, service)
    assert "p01" in profiles_of(spark, "events") & profiles_of(spark, "profiles")
    done = erase(["p01"], no_release)
    assert done.traces == [] and done.rows["events"] == landed.DAYS
    others = {f"p{n:02d}" for n in range(30)} - {"p01"}
    assert profiles_of(spark, "events") == profiles_of(spark, "profiles") == others

    again, _ = landed.land(spark, service)
    assert again["events"].again and again["profiles"].again, "the receipts agree with the tables"

    late = landed.plays()[:30]
    for play in late:
        play["event_at"] = f"{landed.LAST + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    odd = {**late[1], "event_at": f"{landed.LAST:%Y-%m-%dT%H:%M:%S}.250+00:00"}
    later = landed.write(tmp_path / "late", events=[*late, odd], profiles=landed.profiles()[:3])
    (later / "profiles.csv").write_text(
        (later / "profiles.csv").read_text().replace("US", "CA"), encoding="utf-8"
    )
    receipts, _ = landed.land(spark, later)
    assert receipts["events"].accepted_count == 29
    assert profiles_of(spark, "events") == profiles_of(spark, "profiles") == others
