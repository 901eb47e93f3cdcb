-- What a payload says in the profile's language; a page for everybody speaks the first one.
SELECT reader, seen_at, reasons.profile_id, evidence || ' of ' || reasons.title_id || ' in ' || row_id
FROM reasons
JOIN own_languages
    ON own_languages.as_of = reasons.as_of AND own_languages.profile_id = reasons.profile_id
LEFT JOIN built_titles AS named
    ON evidence_type = 'watched' AND named.as_of = reasons.as_of AND named.title_id = subject
WHERE NOT is_rows_own IS TRUE
AND NOT EXISTS (
    FROM phrases
    WHERE phrases.language IN (own_languages.language, getvariable('first_language'))
    AND phrases.kind = evidence_type
    AND phrases.number = least(CASE evidence_type WHEN 'new' THEN said_days ELSE said_count END, 2)
    AND evidence = replace(replace(replace(
        phrases.text,
        '{count}', said_count::VARCHAR), '{days}', said_days::VARCHAR),
        '{subject}', coalesce(named.name, subject, ''))
)
UNION ALL
SELECT reader, seen_at, profile_id, evidence || ' of ' || title_id || ' in ' || row_id
FROM reasons
WHERE is_rows_own
AND NOT EXISTS (
    FROM own_sentences
    WHERE own_sentences.evidence = row_evidence
    AND regexp_full_match(reasons.evidence, own_sentences.pattern)
)
