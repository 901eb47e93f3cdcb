-- What each profile had done, and each title had had, when a page was built: happened and learned by then.
CREATE TEMP TABLE builds AS SELECT DISTINCT profile_id, as_of FROM given;

CREATE TEMP TABLE past_events AS
SELECT builds.as_of, events.*
FROM builds JOIN events
    ON events.profile_id = builds.profile_id
    AND events.event_at <= builds.as_of AND events.known_at <= builds.as_of;

CREATE TEMP TABLE histories AS
SELECT
    as_of, profile_id, title_id,
    count(*) FILTER (kind = 'play') AS plays,
    max(event_at) FILTER (kind = 'play') AS last_at,
    max_by(value, (event_at, event_id)) FILTER (kind IN ('play', 'rating') AND value IS NOT NULL) AS stars,
    max_by(value, (event_at, event_id)) FILTER (kind = 'thumb' AND value IS NOT NULL) AS thumb
FROM past_events
GROUP BY ALL
HAVING plays > 0;
