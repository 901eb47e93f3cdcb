WITH shown AS (
    SELECT DISTINCT seen_at, title_id, artwork_id FROM cells WHERE artwork_id <> getvariable('title_card')
),
ages AS (
    SELECT shown.*, coalesce(pictures.maturity, titles.maturity, getvariable('unknown_age')) AS age
    FROM shown
    ASOF JOIN artwork_versions AS pictures
        ON shown.title_id = pictures.title_id AND shown.artwork_id = pictures.artwork_id
        AND shown.seen_at >= pictures.known_at
    LEFT JOIN known_titles AS titles ON titles.seen_at = shown.seen_at AND titles.asked_id = shown.title_id
)
SELECT reader, seen_at, profile_id, artwork_id || ' for ' || title_id || ' in ' || row_id
FROM cells JOIN ages USING (seen_at, title_id, artwork_id)
WHERE EXISTS (
    FROM limits
    WHERE limits.reader = cells.reader AND limits.seen_at = cells.seen_at
    AND limits.profile_id = cells.profile_id AND ages.age > limits.age_limit
)
