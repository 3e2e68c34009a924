-- The calls of kept variants as integers, in the order the caller appends.
SELECT v.variant_row, v.call_set_rank, c.sample_index, c.gt, c.dp, c.gq, c.ad_ref, c.ad_alt, c.phase_set, c.filters
FROM staged_calls c
JOIN kept_keys v ON v.vi = c.vi
