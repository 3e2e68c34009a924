/** What the INFO column of a symbolic or breakend record says. Source: VCF 4.5, sections 3 and 5. */
export interface StructuralFacts {
  readonly svType: string;
  readonly endPos: number | null;
  readonly svLen: number | null;
  readonly ciPos: string | null;
  readonly ciEnd: string | null;
  readonly mateId: string | null;
  readonly imprecise: boolean;
  readonly copyNumber: number | null;
}

/** Types whose SVLEN counts bases of the reference behind POS; that of an insertion counts bases it adds. */
const SPANNING = /^(?:DEL|DUP|INV|CNV)/;

/** `altIndex` is 1-based and picks the value of a per-allele key. SVLEN is given without sign. */
export function structuralFacts(
  pos: number,
  alt: string,
  altIndex: number,
  endPos: number | null,
  info: string,
): StructuralFacts {
  const keys = new Map<string, string>();
  for (const part of info === "" ? [] : info.split(";")) {
    const at = part.indexOf("=");
    keys.set(at < 0 ? part : part.slice(0, at), at < 0 ? "" : part.slice(at + 1));
  }
  const perAllele = (key: string): string | null => {
    const values = keys.get(key)?.split(",");
    const value = values?.[altIndex - 1] ?? values?.[0];
    return value === undefined || value === "." || value === "" ? null : value;
  };
  const number = (key: string): number | null => {
    const value = Number(perAllele(key) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  const symbolic = /^<([^>]+)>$/.exec(alt)?.[1] ?? null;
  const breakend = /[[\]]/.test(alt) || /^\.[ACGTN]|[ACGTN]\.$/i.test(alt);
  const svType = symbolic ?? (breakend ? "BND" : (perAllele("SVTYPE") ?? "UNKNOWN"));
  const stated = number("SVLEN");
  const isInsertion = svType.startsWith("INS");
  const end = endPos ?? (stated !== null && SPANNING.test(svType) ? pos + Math.abs(stated) : null);
  const svLen = stated !== null ? Math.abs(stated) : endPos !== null && !breakend && !isInsertion ? endPos - pos : null;
  return {
    svType,
    endPos: breakend ? null : end,
    svLen,
    ciPos: keys.get("CIPOS") ?? null,
    ciEnd: keys.get("CIEND") ?? null,
    mateId: perAllele("MATEID"),
    imprecise: keys.has("IMPRECISE"),
    copyNumber: number("CN"),
  };
}
