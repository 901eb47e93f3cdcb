"""Top-N: orders the candidates of a profile, for the head of the list alone."""

from jobs.training.title_ranker import TitleRanker

RANKER = TitleRanker("top_picks")
