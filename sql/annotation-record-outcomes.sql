-- A record one of whose rows is contradicted goes to quarantine whole; else it is accepted if one of its rows is.
CREATE TABLE annotation_record_outcomes AS
SELECT
  table_name,
  file_index,
  line,
  CASE
    WHEN bool_or(outcome = 'conflict') THEN 'conflict'
    WHEN bool_or(outcome = 'accepted') THEN 'accepted'
    ELSE 'duplicate'
  END AS outcome
FROM annotation_outcomes
GROUP BY table_name, file_index, line
