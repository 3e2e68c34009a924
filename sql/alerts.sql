-- Rows that come into table `alerts`: each alert as its last version left it, with every step it made, those of the
-- table first. Of several events of one version the first holds. `held_alerts` has the alerts that are in the table.
-- A step is JSON that begins with its version at a fixed width, so that texts sort as versions do.
CREATE TABLE fresh_alerts AS
WITH news AS (
  SELECT s.*
  FROM (
    SELECT
      *,
      row_number() OVER (PARTITION BY id, version ORDER BY log_offset, log_partition) AS place
    FROM staged_alerts
  ) s
  LEFT JOIN held_alerts h ON h.id = s.id
  WHERE s.place = 1 AND (h.version IS NULL OR h.version < s.version)
),
histories AS (
  SELECT id, max(version) AS version, array_to_string(list_sort(array_agg(step)), ',') AS steps
  FROM news
  GROUP BY id
)
SELECT
  n.patient_id, n.raised_at, n.id, n.code, n.rule_id, n.rule_version, n.kind, n.priority, n.presence,
  n.condition_present, n.onset, n.abatement, n.shadow, n.simulated, n.version, n.record,
  CASE
    WHEN h.steps IS NULL THEN concat('[', t.steps, ']')
    ELSE concat(substring(h.steps, 1, length(h.steps) - 1), ',', t.steps, ']')
  END AS steps,
  n.log_partition, n.log_offset
FROM news n
JOIN histories t ON t.id = n.id AND t.version = n.version
LEFT JOIN held_alerts h ON h.id = n.id
