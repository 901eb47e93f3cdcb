-- Which experiment cells each page says that it was made for, and what these change by the declarations kept as
-- their experiments were started. Pages of one set of cells are a variant; '' is that of pages of none.
ALTER TABLE given ADD COLUMN variant VARCHAR;
UPDATE given SET variant = coalesce(array_to_string(list_sort(experiment_cells), ' '), '');

-- The days whose decisions a page may have been made by: a page of the night its own, one of a later moment that of
-- the night before too.
CREATE TEMP TABLE said_cells AS
SELECT DISTINCT
    reader, seen_at, profile_id, as_of, variant, cell, split_part(cell, ':', 1) AS experiment,
    substr(cell, strpos(cell, ':') + 1) AS own_name,
    unnest(
        CASE WHEN as_of = date_trunc('day', as_of) + to_days(1) - to_microseconds(1)
        THEN [as_of::DATE] ELSE [as_of::DATE, as_of::DATE - 1] END
    ) AS day
FROM given, unnest(experiment_cells) AS unnested(cell);

-- The newest decision on each experiment that holds on a day.
CREATE TEMP TABLE decided AS
SELECT
    said_cells.*, action, winner, decided_at, (declaration::JSON) -> '$.experiment' AS declared,
    json_keys(declared, '$.cells') AS cells,
    declared ->> ['$.start', '$.end'] AS days
FROM said_cells JOIN experiments USING (experiment)
WHERE experiments.ds <= said_cells.day
QUALIFY row_number() OVER (
    PARTITION BY reader, seen_at, profile_id, as_of, cell, said_cells.day
    ORDER BY experiments.ds DESC, decided_at DESC
) = 1;
CREATE TEMP TABLE held_cells AS
SELECT *
FROM decided
WHERE CASE
    WHEN action IN ('start', 'ramp') THEN
        list_contains(cells, own_name) AND day >= days[1]::DATE AND day < days[2]::DATE
    WHEN action = 'winner' THEN winner = own_name
    ELSE false
END;

CREATE TEMP TABLE variant_cells AS
SELECT variant, cell, own_name, max_by(declared -> '$.cells', decided_at)::VARCHAR AS declared_cells
FROM decided
WHERE list_contains(cells, own_name)
GROUP BY ALL;
