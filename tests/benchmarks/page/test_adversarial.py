"""Hard cases break no rule, and are as hard as their names say."""

import numpy as np
import pytest

from benchmarks.page import adversarial
from benchmarks.page.adversarial import hard_case_violations, hard_cases
from tests import drafts
from tests.models.page import small


@pytest.fixture
def moment(monkeypatch):
    monkeypatch.setattr(adversarial, "OFFERS", 60)
    catalogue = small.catalogue(drafts.TITLES)
    profiles = small.profiles(catalogue, {"ann": {"history": drafts.OWN}})
    scores = small.scores(catalogue, [{f"t{i:02d}": 12.0 - i for i in range(12)}])
    return catalogue, profiles, scores, small.neighbours(catalogue, {"seen": {"t06": 1.0}})


def test_hard_cases_break_no_rule(moment) -> None:
    assert hard_case_violations(*moment) == {}


def test_hard_cases_are_hard(moment) -> None:
    child, expiring, one_title, many_rows = hard_cases(*moment)
    assert child.profiles.kids.all() and (child.catalogue.maturity > 7).any()
    until_end_s = expiring.catalogue.ends_s[""] - expiring.catalogue.as_of_s
    assert set(until_end_s) == {3600.0}
    assert np.count_nonzero(one_title.catalogue.available[""]) == 1
    assert len(many_rows.profiles.title) == adversarial.OFFERS
    assert many_rows.catalogue.size == adversarial.OFFERS + adversarial.OTHER_TITLES
