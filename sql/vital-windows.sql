-- Rows that come into table `vital_windows`: of each window the version that has read furthest, unless the table has
-- one that has read as far. `held_vital_windows` has the windows that are in the table.
CREATE TABLE fresh_vital_windows AS
SELECT
  s.patient_id, s.code, s.size, s.start_at, s.end_at, s.readings, s.value_sum, s.value_sum_of_squares, s.scale,
  s.min_value, s.max_value, s.unit, s.first_at, s.last_at, s.simulated, s.through_offset, s.log_partition, s.log_offset
FROM (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY patient_id, code, size, start_at
      ORDER BY through_offset DESC, log_offset, log_partition
    ) AS place
  FROM staged_vital_windows
) s
LEFT JOIN held_vital_windows h
  ON h.patient_id = s.patient_id AND h.code = s.code AND h.size = s.size AND h.start_at = s.start_at
WHERE s.place = 1 AND (h.through_offset IS NULL OR h.through_offset < s.through_offset)
