SELECT given.reader, given.seen_at, given.profile_id, anchor_title_id || ' is named by ' || row_id
FROM given JOIN eligibility
    ON eligibility.reader = given.reader AND eligibility.seen_at = given.seen_at
    AND eligibility.profile_id = given.profile_id AND eligibility.title_id = anchor_title_id
WHERE is_too_old OR is_blocked OR is_unknown
UNION ALL
SELECT
    cells.reader, cells.seen_at, cells.profile_id,
    evidence_payload.subject || ' is named by a cell of ' || row_id
FROM cells JOIN eligibility
    ON eligibility.reader = cells.reader AND eligibility.seen_at = cells.seen_at
    AND eligibility.profile_id = cells.profile_id
    AND eligibility.title_id = evidence_payload.subject
WHERE evidence_type = 'watched' AND (is_too_old OR is_blocked OR is_unknown)
