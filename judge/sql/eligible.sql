-- Whether each title that matters to a visit may be shown: those on the page and in its words, and every
-- title for a visit that was given nothing.
CREATE TEMP TABLE pairs AS
SELECT reader, seen_at, profile_id, title_id FROM cells
UNION
SELECT reader, seen_at, profile_id, anchor_title_id FROM given WHERE anchor_title_id IS NOT NULL
UNION
SELECT reader, seen_at, profile_id, evidence_payload.subject FROM cells
WHERE evidence_type = 'watched' AND evidence_payload.subject IS NOT NULL
UNION
SELECT visits.*, everything.title_id
FROM visits CROSS JOIN (SELECT DISTINCT title_id FROM titles) AS everything
WHERE NOT EXISTS (
    FROM given
    WHERE given.reader = visits.reader AND given.seen_at = visits.seen_at
    AND given.profile_id = visits.profile_id
);

CREATE TEMP TABLE known_titles AS
SELECT moments.seen_at, moments.title_id AS asked_id, versions.*
FROM (SELECT DISTINCT seen_at, title_id FROM pairs) AS moments
ASOF LEFT JOIN title_versions AS versions
    ON moments.title_id = versions.title_id AND moments.seen_at >= versions.known_at;

-- The newest version of each window; a title without any is open everywhere.
CREATE TEMP TABLE known_windows AS
SELECT moments.seen_at, windows.*
FROM (SELECT DISTINCT seen_at, title_id FROM pairs) AS moments
JOIN availability AS windows
    ON windows.title_id = moments.title_id AND windows.known_at <= moments.seen_at
QUALIFY row_number() OVER (
    PARTITION BY moments.seen_at, windows.title_id, windows.country, windows.from_at
    ORDER BY windows.known_at DESC, windows.landing_id DESC NULLS LAST
) = 1;
CREATE TEMP TABLE windowed AS SELECT DISTINCT seen_at, title_id FROM known_windows;
CREATE TEMP TABLE open_windows AS
SELECT DISTINCT seen_at, title_id, country FROM known_windows
WHERE from_at <= seen_at AND (until_at IS NULL OR until_at > seen_at);
-- Who has no country may see what is open in every country that has windows.
INSERT INTO open_windows
SELECT seen_at, title_id, ''
FROM open_windows
GROUP BY seen_at, title_id
HAVING count(DISTINCT country) = (
    SELECT count(DISTINCT country) FROM availability WHERE availability.known_at <= open_windows.seen_at
);

CREATE TEMP TABLE eligibility AS
SELECT
    pairs.reader, pairs.seen_at, pairs.profile_id, pairs.title_id,
    any_value(known.name) AS name,
    any_value(known.title_id) IS NULL AS is_unknown,
    bool_or(coalesce(
        coalesce(known.maturity, getvariable('unknown_age')) > limits.age_limit, false
    )) AS is_too_old,
    bool_or(coalesce(list_contains(limits.blocked_titles, pairs.title_id), false)) AS is_blocked,
    bool_or(
        len(known.languages) > 0 AND len(limits.languages) > 0
        AND NOT list_has_any(main_languages(known.languages), limits.languages)
    ) IS TRUE AS is_foreign,
    bool_or(windowed.title_id IS NOT NULL AND open_windows.title_id IS NULL) AS is_closed,
    bool_or(coalesce(known.launched_at > pairs.seen_at, false)) AS is_not_launched
FROM pairs
JOIN limits USING (reader, seen_at, profile_id)
LEFT JOIN known_titles AS known ON known.seen_at = pairs.seen_at AND known.asked_id = pairs.title_id
LEFT JOIN windowed ON windowed.seen_at = pairs.seen_at AND windowed.title_id = pairs.title_id
LEFT JOIN open_windows
    ON open_windows.seen_at = pairs.seen_at AND open_windows.title_id = pairs.title_id
    AND open_windows.country = limits.country
GROUP BY ALL;

CREATE TEMP TABLE judged_cells AS
SELECT * FROM cells JOIN eligibility USING (reader, seen_at, profile_id, title_id);
