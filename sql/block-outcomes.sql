-- As for variants; a reference block is named by its sample and its interval.
CREATE TABLE block_outcomes AS
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
FROM staged_blocks s
LEFT JOIN existing_reference_blocks e
  ON e.call_set_id = s.call_set_id AND e.sample_id = s.sample_id AND e.build = s.build
  AND e.contig = s.contig AND e.start_pos = s.start_pos AND e.end_pos = s.end_pos
WINDOW w AS (
  PARTITION BY s.call_set_id, s.sample_id, s.build, s.contig, s.start_pos, s.end_pos
  ORDER BY s.file_index, s.line
)
