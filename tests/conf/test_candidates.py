"""Which of the cuts judge a ranker."""

from conf.candidates import candidate_settings


def test_judging_cuts_have_all_their_days_and_share_none() -> None:
    few = {"step_days": 3, "judged_every": 3, "judged_cuts": 2, "cuts": 9}
    settings = candidate_settings().model_copy(update=few)
    days_ago = [settings.step_days * number for number in range(1, settings.cuts + 1)]
    assert settings.judged_days == 9
    assert settings.judged(days_ago) == [9, 18]


def test_there_are_cuts_to_learn_from_before_the_first_that_judges() -> None:
    settings = candidate_settings()
    assert settings.judged_cuts * settings.judged_every < settings.cuts
