-- Table `variant_annotations`: one row per allele and overlapping gene, and one per allele and clinical statement.
-- Clinical statements join on the whole normalised allele: the same position with another allele says nothing.
-- Genes join on bins of 2^17 bases, then on overlap; an interval that touches two bins gives one row. Both ends of
-- all intervals are 1-based and included. Source and version of the knowledge are in each row.
WITH alleles AS (
  SELECT DISTINCT
    build, contig, contig_rank, pos, ref, alt, pos + length(ref) - 1 AS end_pos,
    CAST(floor(pos / 131072) AS INTEGER) AS first_bin,
    CAST(floor((pos + length(ref) - 1) / 131072) AS INTEGER) AS last_bin
  FROM input_variants
),
placed_genes AS (
  SELECT
    source, version, released_at, build, contig, start_pos, end_pos, gene_id, symbol,
    CAST(floor(start_pos / 131072) AS INTEGER) AS first_bin,
    CAST(floor(end_pos / 131072) AS INTEGER) AS last_bin
  FROM input_genes
),
allele_bins AS (
  SELECT a.*, a.first_bin + s.step AS bin FROM alleles a JOIN steps s ON s.step <= a.last_bin - a.first_bin
),
gene_bins AS (
  SELECT g.*, g.first_bin + s.step AS bin FROM placed_genes g JOIN steps s ON s.step <= g.last_bin - g.first_bin
)
SELECT DISTINCT
  a.build, a.contig, a.contig_rank, a.pos, a.ref, a.alt,
  'gene' AS annotation, g.source, g.version, g.released_at, g.gene_id, g.symbol,
  CAST(NULL AS STRING) AS variation_id, CAST(NULL AS STRING) AS kind, CAST(NULL AS STRING) AS significance,
  CAST(NULL AS STRING) AS classifications, CAST(NULL AS BOOLEAN) AS conflicting,
  CAST(NULL AS STRING) AS significance_group, CAST(NULL AS STRING) AS review_status,
  CAST(NULL AS INTEGER) AS gold_stars, CAST(NULL AS STRING) AS conditions, CAST(NULL AS STRING) AS last_evaluated
FROM allele_bins a
JOIN gene_bins g
  ON g.build = a.build AND g.contig = a.contig AND g.bin = a.bin
  AND a.pos <= g.end_pos AND a.end_pos >= g.start_pos
UNION ALL
SELECT
  a.build, a.contig, a.contig_rank, a.pos, a.ref, a.alt,
  'clinical', c.source, c.version, c.released_at, NULL, c.gene_symbols,
  c.variation_id, c.kind, c.significance, c.classifications, c.conflicting, c.significance_group, c.review_status,
  c.gold_stars, c.conditions, c.last_evaluated
FROM alleles a
JOIN input_annotations c
  ON c.build = a.build AND c.contig = a.contig AND c.pos = a.pos AND c.ref = a.ref AND c.alt = a.alt
