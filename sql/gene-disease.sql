-- Table `gene_disease`: one row per gene symbol and disease.
SELECT
  r.source, r.version, r.released_at,
  s.symbol, s.system, s.code, s.name, s.evidence, s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_gene_disease s
JOIN annotation_outcomes o ON o.table_name = 'gene_disease' AND o.row_index = s.row_index AND o.outcome = 'accepted'
JOIN annotation_record_outcomes a ON a.file_index = s.file_index AND a.line = s.line AND a.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
CROSS JOIN release r
