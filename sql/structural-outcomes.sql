-- As for variants; a structural variant is named by its place, its text, its end and its length.
CREATE TABLE structural_outcomes AS
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
FROM staged_structural s
LEFT JOIN existing_structural_variants e
  ON e.call_set_id = s.call_set_id AND e.build = s.build AND e.contig = s.contig AND e.pos = s.pos
  AND e.ref = s.ref AND e.alt = s.alt
  AND coalesce(e.end_pos, -1) = coalesce(s.end_pos, -1) AND coalesce(e.sv_len, -1) = coalesce(s.sv_len, -1)
  AND coalesce(e.mate_id, '') = coalesce(s.mate_id, '') AND coalesce(e.ids, '') = coalesce(s.ids, '')
WINDOW w AS (
  PARTITION BY s.call_set_id, s.build, s.contig, s.pos, s.ref, s.alt,
    coalesce(s.end_pos, -1), coalesce(s.sv_len, -1), coalesce(s.mate_id, ''), coalesce(s.ids, '')
  ORDER BY s.file_index, s.line, s.alt_index
)
