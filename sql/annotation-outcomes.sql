-- What becomes of each staged row of knowledge: kept, a repeat of the same content, or a contradiction.
-- The first in file order wins; what the same release already holds wins over what is staged.
CREATE TABLE annotation_outcomes AS
SELECT
  s.table_name,
  s.row_index,
  s.file_index,
  s.line,
  CASE
    WHEN e.content_hash IS NOT NULL AND e.content_hash = s.content_hash THEN 'duplicate'
    WHEN e.content_hash IS NOT NULL THEN 'conflict'
    WHEN row_number() OVER w = 1 THEN 'accepted'
    WHEN first_value(s.content_hash) OVER w = s.content_hash THEN 'duplicate'
    ELSE 'conflict'
  END AS outcome
FROM staged_keys s
LEFT JOIN existing_keys e ON e.table_name = s.table_name AND e.row_key = s.row_key
WINDOW w AS (PARTITION BY s.table_name, s.row_key ORDER BY s.file_index, s.line, s.row_index)
