-- Table `structural_variants`: symbolic alleles and breakends, as the record gives them.
SELECT
  s.call_set_id, s.build, s.contig, s.contig_rank, s.pos, s.end_pos, s.ref, s.alt, s.sv_type, s.sv_len,
  s.ci_pos, s.ci_end, s.mate_id, s.imprecise, s.copy_number, s.ids, s.qual, s.filters, s.info, s.sample_count,
  list_extract(s.group_counts, 1) AS ac, list_extract(s.group_counts, 2) AS an,
  s.groups_id, s.group_counts, s.content_hash,
  f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_structural s
JOIN structural_outcomes o ON o.vi = s.vi AND o.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
ORDER BY s.build, s.contig_rank, s.contig, s.pos, s.ref, s.alt, s.call_set_id, s.line
