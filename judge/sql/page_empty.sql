SELECT reader, seen_at, profile_id, 'may see ' || any_value(title_id)
FROM eligibility
WHERE NOT EXISTS (
    FROM given
    WHERE given.reader = eligibility.reader AND given.seen_at = eligibility.seen_at
    AND given.profile_id = eligibility.profile_id
)
AND NOT (is_unknown OR is_too_old OR is_blocked OR is_foreign OR is_closed OR is_not_launched)
GROUP BY ALL
