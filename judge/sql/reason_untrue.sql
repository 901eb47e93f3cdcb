SELECT
    reader, seen_at, reasons.profile_id,
    concat_ws(' ', evidence_type, subject, said_count, said_days, 'of', reasons.title_id, 'in', row_id)
FROM reasons
LEFT JOIN built_titles AS titles
    ON titles.as_of = reasons.as_of AND titles.title_id = reasons.title_id
LEFT JOIN title_plays AS plays
    ON plays.as_of = reasons.as_of AND plays.title_id = reasons.title_id
LEFT JOIN histories AS own
    ON own.as_of = reasons.as_of AND own.profile_id = reasons.profile_id
    AND own.title_id = reasons.title_id
LEFT JOIN histories AS anchor
    ON anchor.as_of = reasons.as_of AND anchor.profile_id = reasons.profile_id
    AND anchor.title_id = subject
LEFT JOIN own_tags
    ON own_tags.as_of = reasons.as_of AND own_tags.profile_id = reasons.profile_id
    AND own_tags.tag = subject
    AND own_tags.facet = CASE evidence_type WHEN 'taste' THEN 'genre' ELSE evidence_type END
WHERE NOT is_rows_own IS TRUE
AND (
    CASE evidence_type
        WHEN 'again' THEN said_count = own.plays
        WHEN 'watched' THEN anchor.is_liked
        WHEN 'director' THEN list_contains(titles.directors, subject)
            AND said_count = own_tags.liked_titles AND said_count >= getvariable('least_titles')
        WHEN 'cast' THEN list_contains(titles."cast", subject)
            AND said_count = own_tags.liked_titles AND said_count >= getvariable('least_titles')
        WHEN 'new' THEN said_days BETWEEN 0 AND getvariable('new_days')
            AND abs(
                (epoch_us(reasons.as_of) - epoch_us(titles.launched_at)) / 86400e6 - said_days - 0.5
            ) <= 0.5001
        WHEN 'trending' THEN said_days = getvariable('trend_days')
            AND said_count BETWEEN getvariable('least_plays') AND plays.trend_plays
        WHEN 'award' THEN list_contains(titles.awards, subject)
        WHEN 'taste' THEN list_contains(titles.genres, subject)
            AND said_count = coalesce(own_tags.titles, 0)
        WHEN 'genre' THEN list_contains(titles.genres, subject)
        WHEN 'popular' THEN said_days = getvariable('popular_days')
            AND said_count BETWEEN 0 AND plays.popular_plays
        ELSE false
    END
) IS NOT TRUE
