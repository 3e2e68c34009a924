-- What becomes of each staged alternate: kept, a repeat of the same content, or a contradiction.
-- The first in file order wins; what is published already wins over what is staged.
CREATE TABLE variant_outcomes AS
SELECT
  s.vi,
  s.file_index,
  s.line,
  CASE
    WHEN e.content_hash IS NOT NULL AND e.content_hash = s.content_hash THEN 'duplicate'
    WHEN e.content_hash IS NOT NULL THEN 'conflict'
    WHEN row_number() OVER w = 1 THEN 'accepted'
    WHEN first_value(s.content_hash) OVER w = s.content_hash THEN 'duplicate'
    ELSE 'conflict'
  END AS outcome
FROM staged_variants s
LEFT JOIN existing_variants e
  ON e.call_set_id = s.call_set_id AND e.build = s.build AND e.contig = s.contig
  AND e.pos = s.pos AND e.ref = s.ref AND e.alt = s.alt
WINDOW w AS (
  PARTITION BY s.call_set_id, s.build, s.contig, s.pos, s.ref, s.alt
  ORDER BY s.file_index, s.line, s.alt_index
)
