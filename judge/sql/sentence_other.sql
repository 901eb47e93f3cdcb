-- What a payload says in the language of the page.
SELECT
    reader, seen_at, reasons.profile_id, reasons.evidence || ' of ' || reasons.title_id || ' in ' || row_id
FROM reasons
LEFT JOIN page_languages USING (reader, seen_at, profile_id, as_of)
LEFT JOIN built_titles AS named
    ON evidence_type = 'watched' AND named.as_of = reasons.as_of AND named.title_id = subject
LEFT JOIN said_tags
    ON evidence_type IN ('taste', 'genre') AND said_tags.language = page_languages.language
    AND said_tags.facet = 'genre' AND said_tags.tag = subject
WHERE NOT is_rows_own IS TRUE
AND NOT EXISTS (
    FROM phrases
    WHERE phrases.language = page_languages.language
    AND phrases.kind = evidence_type
    AND phrases.number = least(CASE evidence_type WHEN 'new' THEN said_days ELSE said_count END, 2)
    AND reasons.evidence = replace(replace(replace(
        phrases.text,
        '{count}', said_count::VARCHAR), '{days}', said_days::VARCHAR),
        '{subject}', coalesce(named.name, said_tags.said, subject, ''))
)
UNION ALL
SELECT reader, seen_at, profile_id, evidence || ' of ' || title_id || ' in ' || row_id
FROM reasons
LEFT JOIN page_languages USING (reader, seen_at, profile_id, as_of)
WHERE is_rows_own
AND NOT EXISTS (
    FROM own_sentences
    WHERE own_sentences.evidence = row_evidence AND own_sentences.language = page_languages.language
    AND regexp_full_match(reasons.evidence, own_sentences.pattern)
)
