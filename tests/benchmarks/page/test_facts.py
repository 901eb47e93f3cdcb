"""The bench sees what the maker overlooks: with the maker's own rule broken, the judge finds it."""

import pytest

from benchmarks.page.violations import violations
from conf.pages import pages
from conf.rows import rows
from models.catalogue import eligibility
from models.page.build import build_pages
from tests.models.page import small

TITLES = {
    f"t{i:02d}": {"plays": 30 - i, "maturity": 18 if i % 2 else 6, "genres": ["Drama"]}
    for i in range(24)
}


def broken_rules() -> dict[str, int]:
    catalogue = small.catalogue(TITLES)
    profiles = small.profiles(catalogue, {"kid": {"kids": True}})
    scores = small.scores(catalogue, [{title: float(i) for i, title in enumerate(TITLES)}])
    eligible = eligibility.allowed(catalogue, profiles)
    scores[~eligible] = float("-inf")
    page_rows = build_pages(catalogue, profiles, scores, small.neighbours(catalogue, {}), "test")
    return violations(page_rows, catalogue, profiles, pages(), rows())


def test_a_sound_maker_breaks_no_rule() -> None:
    assert broken_rules() == {}


def test_a_maker_to_whom_everything_suits_everybody_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def everything(catalogue, profiles):
        return eligibility.available(catalogue, profiles) | True

    monkeypatch.setattr(eligibility, "suitable", everything)
    assert broken_rules()["title_too_old"] > 0
