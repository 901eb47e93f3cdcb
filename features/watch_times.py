"""How long was watched, of players that tell how far they came so far, as SQL that Spark and DuckDB
both read.

Pieces of one film or episode do not overlap. Where those of a profile would - what one tells is
longer than the time until the next, which is not shorter - they are running totals, and each adds
what it is beyond the one before. A shorter one begins anew, and so does an equal one after
`sitting_gap_hours`.
"""
# Tested by tests/features/test_sittings.py and tests/features/test_oracle.py.

from conf.resumes import viewing_settings

# Whose pieces rise each time tell totals, but by chance; of others nobody watches faster than the second.
OVERLAP_OF_RISING, OVERLAP = 1.25, 2.5
LEAST_PAIRS = 2  # of pieces, one after the other
OF_EPISODE = "PARTITION BY profile_id, title_id, episode, kind, watched_seconds IS NULL"


def before(at_s: str) -> dict[str, str]:
    """What the record before told, and how long it is since, by the names that `added` asks for.

    `at_s` is the instant in seconds.
    """
    in_order = f"({OF_EPISODE} ORDER BY event_at)"
    return {
        "_before": f"lag(watched_seconds) OVER {in_order}",
        "_since": f"{at_s} - lag({at_s}) OVER {in_order}",
    }


def goes_on() -> str:
    """Whether a record may be a total that goes on with the one before."""
    gap = viewing_settings().sitting_gap_hours * 3600
    rises = "watched_seconds > _before"
    return f"coalesce({rises} OR (watched_seconds = _before AND _since < {gap}), false)"


def are_totals() -> str:
    """Whether the records of a profile's film or episode are running totals."""
    on = goes_on()
    told, there_was = "sum(CASE WHEN {} THEN {} END)", "least(_before, _since)"
    window = f"OVER ({OF_EPISODE})"
    rises = f"bool_and(CASE WHEN {on} THEN watched_seconds > _before END) {window}"
    return (
        f"coalesce(kind = 'play' AND sum(CASE WHEN {on} THEN 1 END) {window} >= {LEAST_PAIRS}"
        f" AND {told.format(on, '_before')} {window} > {told.format(on, there_was)} {window}"
        f" * CASE WHEN {rises} THEN {OVERLAP_OF_RISING} ELSE {OVERLAP} END, false)"
    )


def added() -> str:
    """The seconds that a record adds to those told before it."""
    return (
        f"CASE WHEN {goes_on()} AND {are_totals()} THEN watched_seconds - _before"
        " ELSE watched_seconds END"
    )
