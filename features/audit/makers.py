"""Who may have made the rows of a day: the rankers promoted until then, and the builders."""

from collections.abc import Iterable
from typing import NamedTuple

from conf.pages import pages
from conf.rankers import PVR, ROW_MODEL, TOP_PICKS
from features.sql_text import quoted

BY_PLAYS = "popularity"  # the order of rows where no ranker serves
BY_RULES = "template"  # the builder that asks no row model
MAKER_RULES = ("ranker_known", "builder_known")
NO_MODEL = "worth"  # the name of a builder's model where none serves


class Makers(NamedTuple):
    """The names that rows of a day may give."""

    rankers: tuple[str, ...]
    builders: tuple[str, ...]

    def rules(self) -> dict[str, str]:
        """A condition for each of MAKER_RULES; null counts as broken."""
        rankers, builders = (", ".join(map(quoted, names)) for names in self)
        conditions = (f"ranker_id IN ({rankers})", f"builder IN ({builders})")
        return dict(zip(MAKER_RULES, conditions, strict=True))


def makers_of(promoted: Iterable[tuple[str, str]]) -> Makers:
    """The makers of a day, of the rankers promoted until then: (name, ranker_id)."""
    rankers, models = [BY_PLAYS], [NO_MODEL]
    for name, ranker_id in promoted:
        if name in (TOP_PICKS, PVR):
            rankers.append(ranker_id)
        elif name == ROW_MODEL:
            models.append(ranker_id)
    builders = [f"{pages().builder} {model}" for model in models]
    return Makers(tuple(rankers), (BY_RULES, *builders))
