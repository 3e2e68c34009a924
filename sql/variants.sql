-- Table `variants`: one row per call set and alternate allele. `variant_rows` holds what is kept, with its place in key
-- order.
SELECT
  r.variant_row, s.vi, s.call_set_id, s.build, s.contig, s.contig_rank, s.pos, s.ref, s.alt,
  s.variant_type, s.normalisation,
  s.ids, s.qual, s.filters, s.info, s.original_pos, s.original_ref, s.original_alts, s.alt_index, s.base_gt,
  g.genotype_class AS base_class,
  s.sample_count,
  list_extract(s.group_counts, 1) AS ac, list_extract(s.group_counts, 2) AS an,
  list_extract(s.group_counts, 3) AS hom_ref, list_extract(s.group_counts, 4) AS het,
  list_extract(s.group_counts, 5) AS het_alt, list_extract(s.group_counts, 6) AS hom_alt,
  list_extract(s.group_counts, 7) AS hemi_ref, list_extract(s.group_counts, 8) AS hemi_alt,
  list_extract(s.group_counts, 9) AS other_alt, list_extract(s.group_counts, 10) AS half_missing,
  list_extract(s.group_counts, 11) AS missing,
  s.groups_id, s.group_counts, s.content_hash, f.name AS source_file, s.line AS source_line, f.run_id
FROM staged_variants s
JOIN variant_rows r ON r.vi = s.vi
JOIN staged_files f ON f.file_index = s.file_index
LEFT JOIN staged_genotypes g ON g.text = s.base_gt AND g.alt_index = s.alt_index
