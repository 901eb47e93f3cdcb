"""PVR: orders the whole catalogue of a profile; genre rows are cut from it."""

from jobs.training.title_ranker import TitleRanker

RANKER = TitleRanker("pvr")
