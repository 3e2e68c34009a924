/** Text of a ClinVar-like VCF of GRCh38; records are `POS ID REF ALT INFO` on contig 1. */
export function buildClinVar(records: readonly string[], extra: readonly string[] = ["##reference=GRCh38"]): string {
  const info = ["CLNSIG", "CLNSIGCONF", "CLNREVSTAT", "CLNDN", "CLNDISDB", "GENEINFO", "ONC", "ONCREVSTAT", "SCI"];
  return [
    "##fileformat=VCFv4.1",
    "##fileDate=2026-01-31",
    ...extra,
    ...info.map((id) => `##INFO=<ID=${id},Number=.,Type=String,Description="of ClinVar">`),
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
    ...records.map((record) => {
      const [pos, id, ref, alt, values] = record.split(" ");
      return ["1", pos, id, ref, alt, ".", ".", values].join("\t");
    }),
    "",
  ].join("\n");
}
