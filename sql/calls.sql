-- Table `calls`: one row per sample and variant whose entry differs from the record's base genotype.
-- `ordered_calls` holds the integers in the wanted order; what it joins with is small.
SELECT
  c.variant_row,
  v.call_set_id, v.build, v.contig, v.contig_rank, v.pos, v.ref, v.alt,
  c.sample_index, m.sample_id,
  g.text AS gt, g.dosage, g.other_alt_dosage, g.ploidy, g.phased, g.genotype_class,
  p.text AS phase_set,
  nullif(c.dp, -1) AS dp, nullif(c.gq, -1) AS gq, nullif(c.ad_ref, -1) AS ad_ref, nullif(c.ad_alt, -1) AS ad_alt,
  t.text AS filters
FROM ordered_calls c
JOIN kept_keys v ON v.variant_row = c.variant_row
JOIN staged_samples m ON m.call_set_id = v.call_set_id AND m.sample_index = c.sample_index
JOIN staged_genotypes g ON g.code = c.gt AND g.alt_index = v.alt_index
LEFT JOIN staged_texts p ON p.code = c.phase_set
LEFT JOIN staged_texts t ON t.code = c.filters
