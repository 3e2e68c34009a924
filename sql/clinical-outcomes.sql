-- What becomes of each staged row about people. Rows of one record share its fate. The last in file order with the
-- latest time of change wins; the same content again is a repeat; other content without a later time contradicts.
CREATE TABLE clinical_outcomes AS
SELECT
  s.row_index,
  s.table_name,
  s.row_key,
  s.record_index,
  s.file_index,
  CASE
    WHEN e.content_hash IS NOT NULL AND e.content_hash = s.content_hash THEN 'duplicate'
    WHEN row_number() OVER repeats > 1 THEN 'duplicate'
    WHEN e.content_hash IS NOT NULL AND coalesce(s.last_updated, '') < coalesce(e.last_updated, '') THEN 'older'
    WHEN e.content_hash IS NOT NULL AND coalesce(s.last_updated, '') = coalesce(e.last_updated, '') THEN 'conflict'
    WHEN rank() OVER versions > 1 THEN 'older'
    WHEN row_number() OVER firsts > 1 THEN 'conflict'
    ELSE 'accepted'
  END AS outcome,
  e.content_hash IS NOT NULL AND e.content_hash <> s.content_hash AS revises
FROM staged_keys s
LEFT JOIN existing_keys e ON e.table_name = s.table_name AND e.row_key = s.row_key
WINDOW
  repeats AS (PARTITION BY s.table_name, s.row_key, s.content_hash ORDER BY s.row_index),
  versions AS (PARTITION BY s.table_name, s.row_key ORDER BY coalesce(s.last_updated, '') DESC),
  firsts AS (
    PARTITION BY s.table_name, s.row_key, coalesce(s.last_updated, '')
    ORDER BY s.row_index
  )
