-- What was known when: visits, their rows and cells, and the newest version of each thing at each visit.
CREATE TEMP TABLE visits AS
SELECT reader, seen_at, profile_id FROM asked UNION SELECT reader, seen_at, profile_id FROM given;

CREATE TEMP TABLE cells AS
SELECT
    given.* EXCLUDE (cells, evidence_type), given.evidence_type AS row_evidence, cell.*
FROM given, unnest(given.cells) AS unnested(cell);

-- Of versions learned at one instant the one with the greater landing_id counts.
CREATE TEMP TABLE title_versions AS
SELECT * FROM titles
QUALIFY row_number() OVER (PARTITION BY title_id, known_at ORDER BY landing_id DESC NULLS LAST) = 1;
CREATE TEMP TABLE profile_versions AS
SELECT * FROM profiles
QUALIFY row_number() OVER (PARTITION BY profile_id, known_at ORDER BY landing_id DESC NULLS LAST) = 1;
CREATE TEMP TABLE artwork_versions AS
SELECT * FROM artwork
QUALIFY row_number() OVER (
    PARTITION BY title_id, artwork_id, known_at ORDER BY landing_id DESC NULLS LAST
) = 1;

CREATE MACRO main_languages(tags) AS list_transform(tags, lambda tag: lower(split_part(tag, '-', 1)));

CREATE MACRO written(way, moment, months) AS
    replace(replace(replace(way, '{d}', day(moment)::VARCHAR), '{m}', months[month(moment)]), '{y}', year(moment)::VARCHAR);

CREATE MACRO fill_in(words, tag, anchor, day, tagged, played, window_days) AS
    replace(replace(replace(replace(replace(replace(
        words, '{window_days}', window_days::VARCHAR), '{tag}', coalesce(tag, '')),
        '{day}', coalesce(day, '')), '{count}', tagged::VARCHAR),
        '{played}', played::VARCHAR), '{anchor}', coalesce(anchor, ''));

-- A profile of which neither settings nor a play is known may be a child, unless the caller says how old it is.
CREATE TEMP TABLE own_settings AS
SELECT
    visits.*, versions.country, main_languages(versions.languages) AS languages,
    versions.blocked_titles,
    CASE
        WHEN versions.kids THEN least(coalesce(versions.maturity_limit, getvariable('kids_limit')), getvariable('kids_limit'))
        WHEN versions.profile_id IS NOT NULL THEN versions.maturity_limit
        WHEN NOT EXISTS (
            FROM events
            WHERE events.profile_id = visits.profile_id AND kind = 'play'
            AND event_at <= visits.seen_at AND events.known_at <= visits.seen_at
        ) AND NOT EXISTS (
            FROM passed
            WHERE passed.reader = visits.reader AND passed.seen_at = visits.seen_at
            AND passed.profile_id = visits.profile_id
            AND (passed.kids IS NOT NULL OR passed.maturity_limit IS NOT NULL)
        ) THEN getvariable('kids_limit')
    END AS age_limit
FROM visits
ASOF LEFT JOIN profile_versions AS versions
    ON visits.profile_id = versions.profile_id AND visits.seen_at >= versions.known_at;

-- What holds for a visit: the settings known, and those that the caller passed; a title has to keep both.
CREATE TEMP TABLE limits AS
SELECT
    own.* EXCLUDE (country), coalesce(passed.country, own.country, '') AS country
FROM own_settings AS own LEFT JOIN passed USING (reader, seen_at, profile_id)
UNION ALL
SELECT
    passed.reader, passed.seen_at, passed.profile_id, main_languages(passed.languages),
    passed.blocked_titles,
    CASE
        WHEN passed.kids THEN least(coalesce(passed.maturity_limit, getvariable('kids_limit')), getvariable('kids_limit'))
        ELSE passed.maturity_limit
    END,
    coalesce(passed.country, own.country, '')
FROM passed JOIN own_settings AS own USING (reader, seen_at, profile_id);
