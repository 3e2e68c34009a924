/** One distinct genotype text. Allele 0 is REF, -1 is missing. */
export interface GenotypeText {
  readonly text: string;
  readonly alleles: readonly number[];
  /** True when every separator is `|` (a haploid call is phased only where the text says so). */
  readonly phased: boolean;
}

/** Null when the text is no genotype, or names an allele the record does not have. Source: VCF 4.5, section 1.6.2. */
export function parseGenotype(text: string, alleleCount: number): GenotypeText | null {
  if (!/^[/|]?(?:\d+|\.)(?:[/|](?:\d+|\.))*$/.test(text)) return null;
  const leading = text[0] === "/" || text[0] === "|";
  const body = leading ? text.slice(1) : text;
  const alleles = body.split(/[/|]/).map((allele) => (allele === "." ? -1 : Number(allele)));
  if (alleles.some((allele) => allele >= alleleCount)) return null;
  return { text, alleles, phased: text.includes("|") && !body.includes("/") };
}

export function isHomRef(genotype: GenotypeText): boolean {
  return genotype.alleles.every((allele) => allele === 0);
}
