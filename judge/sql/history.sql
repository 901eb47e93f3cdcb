-- What each profile had done, and each title had had, when a page was built: happened and learned by then.
CREATE TEMP TABLE builds AS SELECT DISTINCT profile_id, as_of FROM given;

CREATE TEMP TABLE past_events AS
SELECT builds.as_of, events.*
FROM builds JOIN events
    ON events.profile_id = builds.profile_id
    AND events.event_at <= builds.as_of AND events.known_at <= builds.as_of;

-- What a player tells again of one instant is one record, and what begins soon after the record before it, of the
-- same title and episode, is the same sitting.
CREATE TEMP TABLE told_once AS
SELECT * FROM past_events
QUALIFY kind <> 'play' OR row_number() OVER (
    PARTITION BY as_of, profile_id, title_id, episode, event_at, kind
    ORDER BY known_at DESC, watched_seconds DESC NULLS LAST, event_id DESC
) = 1;
CREATE TEMP TABLE sittings AS
SELECT
    *,
    kind = 'play' AND coalesce(
        event_at - lag(event_at) OVER (
            PARTITION BY as_of, profile_id, title_id, episode, kind ORDER BY event_at
        ) >= to_hours(getvariable('sitting_gap_hours')), true
    ) AS begins_play
FROM told_once;

CREATE TEMP TABLE histories AS
SELECT
    as_of, profile_id, title_id,
    count(*) FILTER (begins_play) AS plays,
    max(event_at) FILTER (kind = 'play') AS last_at,
    max_by(value, (event_at, event_id)) FILTER (kind IN ('play', 'rating') AND value IS NOT NULL) AS stars,
    max_by(value, (event_at, event_id)) FILTER (kind = 'thumb' AND value IS NOT NULL) AS thumb,
    coalesce(stars >= getvariable('least_stars'), true) AND coalesce(thumb >= 0, true) AS is_liked
FROM sittings
GROUP BY as_of, profile_id, title_id
HAVING count(*) FILTER (kind = 'play') > 0;
