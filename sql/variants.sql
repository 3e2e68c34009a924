-- Table `variants`: one row per call set and alternate allele, in key order.
SELECT
  CAST(row_number() OVER (ORDER BY build, contig_rank, contig, pos, ref, alt, call_set_id) - 1 AS INTEGER) AS variant_row,
  s.vi, s.call_set_id, s.build, s.contig, s.contig_rank, s.pos, s.ref, s.alt, s.variant_type, s.normalisation,
  s.ids, s.qual, s.filters, s.info, s.original_pos, s.original_ref, s.original_alts, s.alt_index, s.base_gt,
  g.genotype_class AS base_class,
  s.sample_count,
  s.group_counts[1] AS ac, s.group_counts[2] AS an, s.group_counts[3] AS hom_ref, s.group_counts[4] AS het,
  s.group_counts[5] AS het_alt, s.group_counts[6] AS hom_alt, s.group_counts[7] AS hemi_ref,
  s.group_counts[8] AS hemi_alt, s.group_counts[9] AS other_alt, s.group_counts[10] AS half_missing,
  s.group_counts[11] AS missing,
  s.groups_id, s.group_counts, s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_variants s
JOIN variant_outcomes o ON o.vi = s.vi AND o.outcome = 'accepted'
JOIN staged_files f ON f.file_index = s.file_index
LEFT JOIN staged_genotypes g ON g.text = s.base_gt AND g.alt_index = s.alt_index
