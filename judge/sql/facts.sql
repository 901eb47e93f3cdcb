-- What a page can speak of, as it was known when the page was built: titles, their plays, and how often each
-- profile met a genre or a person.
CREATE TEMP TABLE built_titles AS
SELECT moments.as_of, versions.*
FROM (SELECT DISTINCT as_of FROM given) AS moments
JOIN title_versions AS versions ON versions.known_at <= moments.as_of
QUALIFY row_number() OVER (
    PARTITION BY moments.as_of, versions.title_id ORDER BY versions.known_at DESC
) = 1;

-- No count that a page gives may be above these: plays of everybody in the last whole UTC days, and
-- in the day that has not ended when a page is built in its midst.
CREATE TEMP TABLE title_plays AS
SELECT
    moments.as_of, events.title_id,
    count(*) AS all_plays,
    count(*) FILTER (
        event_at >= date_trunc('day', as_of + to_microseconds(1)) - to_days(getvariable('popular_days'))
    ) AS popular_plays,
    count(*) FILTER (
        event_at >= date_trunc('day', as_of + to_microseconds(1)) - to_days(getvariable('trend_days'))
    ) AS trend_plays
FROM (SELECT DISTINCT as_of FROM given) AS moments
JOIN events
    ON events.kind = 'play' AND events.event_at <= moments.as_of
    AND events.known_at <= moments.as_of
GROUP BY ALL;

CREATE TEMP TABLE title_tags AS
SELECT as_of, title_id, 'genre' AS facet, unnest(genres) AS tag FROM built_titles
UNION SELECT as_of, title_id, 'cast', unnest("cast") FROM built_titles
UNION SELECT as_of, title_id, 'director', unnest(directors) FROM built_titles
UNION SELECT as_of, title_id, 'keyword', unnest(keywords) FROM built_titles
UNION SELECT as_of, title_id, 'era', (year // 10 * 10) || 's' FROM built_titles WHERE year IS NOT NULL
UNION SELECT as_of, title_id, 'genre_era', (year // 10 * 10) || 's ' || unnest(genres)
FROM built_titles WHERE year IS NOT NULL;

CREATE TEMP TABLE own_tags AS
SELECT
    as_of, profile_id, facet, tag,
    count(*) AS titles,
    count(*) FILTER (is_liked) AS liked_titles
FROM histories JOIN title_tags USING (as_of, title_id)
GROUP BY ALL;

CREATE TEMP TABLE own_sizes AS
SELECT as_of, profile_id, count(*) AS titles
FROM histories JOIN built_titles USING (as_of, title_id)
GROUP BY ALL;

-- The first language of a profile that there are sentences in, else the first of all.
CREATE TEMP TABLE own_languages AS
SELECT
    builds.profile_id, builds.as_of,
    coalesce(
        list_filter(versions.languages, lambda tag: list_contains(getvariable('languages'), tag))[1],
        getvariable('first_language')
    ) AS language
FROM builds
ASOF LEFT JOIN profile_versions AS versions
    ON builds.profile_id = versions.profile_id AND builds.as_of >= versions.known_at;

-- Cells with a reason of their own, and those that only repeat what their row says. That a title came today counts
-- no days either, and is a reason of its own.
CREATE TEMP TABLE reasons AS
SELECT
    cells.*, evidence_payload.subject AS subject, evidence_payload.count AS said_count,
    evidence_payload.days AS said_days,
    evidence_type = row_evidence AND evidence_payload.subject IS NULL
    AND evidence_payload.count = 0 AND evidence_payload.days = 0
    AND NOT (
        evidence_type = 'new'
        AND list_contains((SELECT list(text) FROM phrases WHERE kind = 'new' AND number = 0), evidence)
    ) AS is_rows_own
FROM cells;
