-- A record is accepted if one of its rows is; else contradicted if one is; else a duplicate.
CREATE TABLE record_outcomes AS
SELECT
  file_index,
  line,
  CASE
    WHEN bool_or(outcome = 'accepted') THEN 'accepted'
    WHEN bool_or(outcome = 'conflict') THEN 'conflict'
    ELSE 'duplicate'
  END AS outcome
FROM (
  SELECT file_index, line, outcome FROM variant_outcomes
  UNION ALL
  SELECT file_index, line, outcome FROM structural_outcomes
  UNION ALL
  SELECT file_index, line, outcome FROM block_outcomes
) rows
GROUP BY file_index, line
