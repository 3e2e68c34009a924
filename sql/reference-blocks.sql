-- Table `reference_blocks`: where one sample was looked at and no alternate was seen; 1-based, closed.
SELECT
  s.call_set_id, s.sample_id, s.build, s.contig, s.contig_rank, s.start_pos, s.end_pos, s.ref, s.gt,
  s.min_gq, s.min_dp, s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_blocks s
JOIN block_outcomes o ON o.vi = s.vi AND o.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
ORDER BY s.build, s.contig_rank, s.contig, s.start_pos, s.call_set_id, s.sample_id, s.end_pos
