-- Rows that come into table `vitals`: each reading once, of its repeats the one that was logged first.
-- `held_vitals` has the readings that are in the table.
CREATE TABLE fresh_vitals AS
SELECT
  s.patient_id, s.code, s.effective_time, s.event_id, s.source, s.submission, s.device_id, s.session, s.sequence,
  s.original_code, s.value, s.comparator, s.unit, s.coded_value, s.original_value, s.original_unit, s.original_time,
  s.received_at, s.late, s.watermark, s.flags, s.clock_offset_ms, s.quality, s.status, s.replaces, s.simulated,
  s.input_topic, s.input_partition, s.input_offset, s.log_partition, s.log_offset
FROM (
  SELECT
    *,
    row_number() OVER (PARTITION BY patient_id, event_id ORDER BY log_offset, log_partition) AS place
  FROM staged_vitals
) s
WHERE
  s.place = 1
  AND NOT EXISTS (SELECT 1 FROM held_vitals h WHERE h.patient_id = s.patient_id AND h.event_id = s.event_id)
