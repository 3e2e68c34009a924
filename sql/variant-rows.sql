-- The place of each kept alternate in key order, from 0. Spark ranks by sorted ranges instead: a window over all rows
-- would pass through one process.
CREATE TABLE variant_rows AS
SELECT
  s.vi,
  CAST(row_number() OVER (ORDER BY build, contig_rank, contig, pos, ref, alt, call_set_id) - 1 AS INTEGER) AS variant_row
FROM staged_variants s
JOIN variant_outcomes o ON o.vi = s.vi AND o.outcome = 'accepted'
