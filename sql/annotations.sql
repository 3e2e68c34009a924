-- Table `annotations`: one row per normalised allele, variation and kind of classification. `pos` is 1-based.
SELECT
  r.source, r.version, r.released_at,
  s.build, s.contig, s.contig_rank, s.pos, s.ref, s.alt, s.variation_id, s.kind, s.significance, s.classifications,
  s.conflicting, s.significance_group, s.review_status, s.gold_stars, s.conditions, s.last_evaluated, s.gene_symbols,
  s.evidence, s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_annotations s
JOIN annotation_outcomes o ON o.table_name = 'annotations' AND o.row_index = s.row_index AND o.outcome = 'accepted'
JOIN annotation_record_outcomes a ON a.file_index = s.file_index AND a.line = s.line AND a.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
CROSS JOIN release r
