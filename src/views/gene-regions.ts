import type { Gene } from "../domain/gene.js";
import type { Predicate, Region } from "../domain/variant-filter.js";
import { VitalomeError } from "../errors.js";

/**
 * Fills in where the named genes lie, from the gene tables of the snapshot that is read: so a filter by gene confines
 * the search to regions. NOT_FOUND for a gene that no table knows: an empty list would look like "no variants".
 */
export function withGeneRegions(predicate: Predicate, genesNamed: (name: string) => readonly Gene[]): Predicate {
  switch (predicate.kind) {
    case "and":
    case "or":
      return { ...predicate, parts: predicate.parts.map((part) => withGeneRegions(part, genesNamed)) };
    case "not":
      return { ...predicate, part: withGeneRegions(predicate.part, genesNamed) };
    case "genes":
      return { ...predicate, regions: predicate.names.flatMap((name) => regionsOf(name, genesNamed(name))) };
    default:
      return predicate;
  }
}

function regionsOf(name: string, genes: readonly Gene[]): readonly Region[] {
  if (genes.length === 0) {
    throw new VitalomeError("NOT_FOUND", `no gene table of this snapshot knows ${name.slice(0, 64)}`, {
      details: {
        field: "geneIds",
        expected: "an HGNC id, an Ensembl id or a symbol of a gene table that was ingested",
      },
    });
  }
  return genes.map(({ build, contig, start, end }) => ({ build, contig, start0: start - 1, end0: end }));
}
