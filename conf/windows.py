"""The windows of days over which plays are counted, and the prior of a title's mean rating."""

COUNT_WINDOWS = (1, 3, 7, 14, 30, 60, 90, 365)  # days that `title_plays_count_{days}d` exists for
TREND_WINDOWS = (1, 3, 7)  # days that `country_plays` exist for
BASELINE_DAYS = 28  # before the last 7: what a title's trend is measured against
TREND_DAYS = TREND_WINDOWS[-1] + BASELINE_DAYS  # the last 7 days and their baseline
SEASON_DAYS = 15  # to either side of the day of the year
EARLIER_DAYS = 300  # plays that many days old, or older, are of earlier years' seasons
PRIOR_STARS = 10  # weight of the overall mean in a title's mean, in ratings
