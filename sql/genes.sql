-- Table `genes`: one row per gene. `start_pos` and `end_pos` are 1-based, both included.
SELECT
  r.source, r.version, r.released_at,
  s.build, s.contig, s.contig_rank, s.start_pos, s.end_pos, s.gene_id, s.ensembl_id, s.hgnc_id, s.symbol, s.name,
  s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_genes s
JOIN annotation_outcomes o ON o.table_name = 'genes' AND o.row_index = s.row_index AND o.outcome = 'accepted'
JOIN annotation_record_outcomes a ON a.file_index = s.file_index AND a.line = s.line AND a.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
CROSS JOIN release r
