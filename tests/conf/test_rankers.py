"""Settings of the rankers."""

import pytest

from conf.errors import UserMistake
from conf.rankers import ranker_settings


def test_unknown_ranker_lists_the_known_ones() -> None:
    assert ranker_settings("top_picks").objective == "rank_xendcg"
    with pytest.raises(UserMistake, match="top_picks"):
        ranker_settings("bottom_picks")
