-- A record is contradicted if one of its rows is; else accepted if one of its rows is; else older; else a repeat.
CREATE TABLE clinical_record_outcomes AS
SELECT
  record_index,
  any_value(file_index) AS file_index,
  CASE
    WHEN bool_or(outcome = 'conflict') THEN 'conflict'
    WHEN bool_or(outcome = 'accepted') THEN 'accepted'
    WHEN bool_or(outcome = 'older') THEN 'older'
    ELSE 'duplicate'
  END AS outcome
FROM clinical_outcomes
GROUP BY record_index
