"""What training says of each ranker, of one that no page asks for too."""

from conf.rankers import ASKED_FOR, ranker_names
from jobs.train_rankers import _summary


def test_a_ranker_that_no_page_asks_for_is_told() -> None:
    record = {"ranker_id": "new-1", "promoted": True, "reason": "beats ease"}
    assert "no page asks for" in _summary({**record, "ranker": "new"})
    assert "no page asks for" not in _summary({**record, "ranker": "pvr"})


def test_every_ranker_of_the_configuration_is_asked_for() -> None:
    assert set(ranker_names()) == ASKED_FOR
