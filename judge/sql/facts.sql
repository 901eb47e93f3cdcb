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

-- How each language writes the tags that rows and reasons may name.
CREATE TEMP TABLE said_tags AS
WITH tags AS (
    SELECT DISTINCT
        facet, tag, CASE facet WHEN 'genre_era' THEN substr(tag, strpos(tag, 's ') + 2) ELSE tag END AS genre,
        split_part(tag, 's', 1) AS decade
    FROM title_tags
)
SELECT
    ways.language, facet, tag,
    CASE facet
        WHEN 'genre' THEN coalesce(genre_names.said, tag)
        WHEN 'era' THEN replace(era, '{decade}', decade)
        WHEN 'genre_era' THEN
            replace(replace(genre_era, '{decade}', decade), '{genre}', coalesce(genre_names.said, tags.genre))
        ELSE tag
    END AS said
FROM tags CROSS JOIN ways
LEFT JOIN genre_names
    ON genre_names.language = ways.language AND genre_names.genre = tags.genre
    AND facet IN ('genre', 'genre_era');

-- The language of each page, that of its profile or, of a page for everybody, the first of all: the one that more
-- of its rows are named in. Everything on it has to be in this one.
CREATE TEMP TABLE own_languages AS
SELECT
    builds.profile_id, builds.as_of,
    coalesce(
        list_filter(
            main_languages(versions.languages), lambda tag: list_contains(getvariable('languages'), tag)
        )[1],
        getvariable('first_language')
    ) AS language
FROM builds
ASOF LEFT JOIN profile_versions AS versions
    ON builds.profile_id = versions.profile_id AND builds.as_of >= versions.known_at;

CREATE TEMP TABLE page_languages AS
SELECT
    reader, seen_at, profile_id, as_of,
    max_by(spoken.language, (agree, spoken.language = own)) AS language
FROM (
    SELECT
        given.reader, given.seen_at, given.profile_id, given.as_of, own_languages.language AS own,
        row_texts.language, count(*) FILTER (given.row_title = row_texts.title) AS agree
    FROM given
    JOIN own_languages USING (profile_id, as_of)
    LEFT JOIN row_texts
        ON row_texts.kind = given.row_kind AND row_texts.variant = given.variant
        AND row_texts.language IN (own_languages.language, getvariable('first_language'))
    GROUP BY ALL
) AS spoken
GROUP BY ALL;

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
