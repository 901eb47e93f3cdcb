import pytest

from cli.reference.scale import CAPACITIES, GOALS, MARK, amount, number, scale_page
from conf.settings import ROOT

STAGE = {"peak_rss_mb": 900.0, "peak_scratch_mb": 0.0, "cpu_s": 12.0}
RUN = {
    "cpu": "a machine",
    "cores": 2,
    "memory_gb": 23.5,
    "members": [1000, 3000],
    "titles": 2000,
    "days": 90,
    "plays_a_profile": 64,
    "rankers": {"pvr": {"trees": 400, "leaves": 15}},
    "pages_per_cpu_s": 100.0,
    "slope_of_log_bytes": 5000.0,
    "slopes": {
        job: {
            "fixed_cpu_s": 5.0,
            "ms_per_page": 2.0,
            "floor_ratio": ratio,
            "bytes_per_page": 3000.0,
        }
        for job, ratio in (
            ("build_profile_features", None),
            ("assemble_drafts", 3.0),
            ("publish_homepage_rows", 2.0),
        )
    },
    "floor": {"2000": {"assemble_drafts": 0.0007, "build_similars_all": 1.0}},
    "nights": [
        {"members": members, "stages": {"assemble_drafts": {**STAGE, "peak_scratch_mb": scratch}}}
        for members, scratch in ((1000, 1.0), (3000, 3.0))
    ],
}
RUN["nights"] = [
    {**night, "stages": dict.fromkeys(RUN["slopes"], night["stages"]["assemble_drafts"])}
    for night in RUN["nights"]
]


def page(part: str) -> str:
    text = f"before\n<!-- made from scale.json: {part} -->\nold\n<!-- end -->\nafter\n"
    return scale_page(text, RUN)


def test_what_is_written_by_hand_stays():
    text = page("basis")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "1,000, 3,000 members" in text
    assert "`pvr` 400 trees" in text


def test_slopes_over_a_change_of_options_say_so():
    text = "<!-- made from scale.json: basis -->\n<!-- end -->"
    assert "that change in them" in scale_page(text, {**RUN, "job_sizes": ["small", "large"]})
    assert "that change in them" not in scale_page(text, {**RUN, "job_sizes": ["large", "large"]})


def test_what_was_not_measured_says_so():
    text = page("goals")
    assert "| `pages_per_cpu_s` | 100 | >= 500 |" in text
    assert text.count("not measured") == len(GOALS) - 1


def test_capacity_is_the_slope_times_the_members_and_the_fixed_cost():
    lines = page("capacity").splitlines()
    large = next(line for line in lines if line.startswith(f"| {CAPACITIES[-1]:,}"))
    hours = (0.006 * 100_000_000 + 15) / 3600
    assert f"| {number(hours)} |" in large
    assert "| 900 GB | 500 GB |" in large, "kept and log"
    assert f"| {amount(2**20 / 1000 * 100_000_000)} |" in large, "scratch"


def test_each_job_has_its_slope_and_its_multiple_of_the_floor():
    assert "| `assemble_drafts` | 5 | 2 | 3 | 3,000 | 900 |" in page("slopes")


@pytest.mark.parametrize("part", MARK.findall((ROOT / "docs" / "scale.md").read_text()))
def test_every_mark_of_the_page_is_made(part):
    assert page(part[1])


def test_numbers_and_bytes_are_short():
    assert (number(0.0123), number(1234.5), number(True)) == ("0.0123", "1,234", "true")
    assert (amount(999), amount(1_500_000), amount(2.5e12)) == ("999 B", "1.5 MB", "2.5 TB")
