-- Rows that come into table `jobs`: of each job the last version, unless the table has one as late. `held_jobs` has the
-- jobs that are in the table.
CREATE TABLE fresh_jobs AS
SELECT
  s.id, s.kind, s.state, s.submitted_by, s.queued_at, s.started_at, s.ended_at, s.snapshot_id, s.version, s.record,
  s.log_partition, s.log_offset
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY id ORDER BY version DESC, log_offset, log_partition) AS place
  FROM staged_jobs
) s
LEFT JOIN held_jobs h ON h.id = s.id
WHERE s.place = 1 AND (h.version IS NULL OR h.version < s.version)
