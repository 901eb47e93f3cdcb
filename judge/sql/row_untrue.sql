-- The name and the reason of each row, worked out anew from the words of its kind.
WITH about AS (
    SELECT
        given.*, kinds.per, kinds.window_days, ways.language, ways.day, ways.months,
        row_texts.title, row_texts.reason AS said, row_texts.reason_unplayed AS said_unplayed,
        CASE WHEN contains(row_id, ':') THEN substr(row_id, strpos(row_id, ':') + 1) END AS tag
    FROM given
    LEFT JOIN page_languages USING (reader, seen_at, profile_id, as_of)
    LEFT JOIN ways ON ways.language = page_languages.language
    LEFT JOIN kinds ON kinds.kind = row_kind AND kinds.variant = given.variant
    LEFT JOIN row_texts
        ON row_texts.kind = row_kind AND row_texts.variant = given.variant
        AND row_texts.language = ways.language
),
known AS (
    SELECT
        about.*, named.name AS anchor_name, written(about.day, played.last_at, about.months) AS played_on,
        coalesce(said_tags.said, about.tag) AS tag_said,
        coalesce(own_tags.titles, 0) AS tagged, coalesce(own_sizes.titles, 0) AS played_titles
    FROM about
    LEFT JOIN built_titles AS named
        ON named.as_of = about.as_of AND named.title_id = anchor_title_id
    LEFT JOIN histories AS played
        ON played.as_of = about.as_of AND played.profile_id = about.profile_id
        AND played.title_id = anchor_title_id
    LEFT JOIN own_tags
        ON own_tags.as_of = about.as_of AND own_tags.profile_id = about.profile_id
        AND own_tags.facet = per AND own_tags.tag = about.tag
    LEFT JOIN said_tags
        ON said_tags.language = about.language AND said_tags.facet = per AND said_tags.tag = about.tag
    LEFT JOIN own_sizes
        ON own_sizes.as_of = about.as_of AND own_sizes.profile_id = about.profile_id
),
texts AS (
    SELECT
        *,
        CASE WHEN tagged = 0 AND said_unplayed <> '' THEN said_unplayed ELSE said END AS reason_words
    FROM known
)
SELECT reader, seen_at, profile_id, row_id || ' is called ' || row_title || ': ' || reason
FROM texts
WHERE (
    row_title = fill_in(title, tag_said, anchor_name, played_on, tagged, played_titles, window_days)
    AND reason = fill_in(reason_words, tag_said, anchor_name, played_on, tagged, played_titles, window_days)
) IS NOT TRUE
