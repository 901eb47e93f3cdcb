SELECT reader, seen_at, profile_id, name || ' is ' || string_agg(DISTINCT title_id, ', ')
FROM judged_cells JOIN known_titles USING (seen_at, name, title_id)
WHERE year IS NOT NULL
GROUP BY reader, seen_at, profile_id, name, year
HAVING count(DISTINCT title_id) > 1
