import { describe, expect, it } from "@jest/globals";
import type { Gene } from "../../src/domain/gene.js";
import { confiningRegions, type Predicate } from "../../src/domain/variant-filter.js";
import { withGeneRegions } from "../../src/views/gene-regions.js";

function buildGene(overrides: Partial<Gene> = {}): Gene {
  const source = { name: "ensembl", version: "1", released: null };
  const ids = { geneId: "G", ensemblId: null, hgncId: null, symbol: "S", name: null };
  return { source, build: "GRCh38", contig: "1", start: 10, end: 20, ...ids, ...overrides };
}

const genes = (...names: string[]): Predicate => ({ kind: "genes", names, regions: [] });

describe("a filter by genes", () => {
  it("confines the search to where they lie, 0-based and half-open, every gene of a name", () => {
    const named = (name: string): Gene[] =>
      name === "TWICE" ? [buildGene({ contig: "X" }), buildGene({ contig: "Y", start: 1 })] : [buildGene()];
    const predicate = withGeneRegions(
      { kind: "and", parts: [{ kind: "types", types: ["SNV"] }, genes("ONE", "TWICE")] },
      named,
    );
    expect(confiningRegions(predicate)).toEqual([
      { build: "GRCh38", contig: "1", start0: 9, end0: 20 },
      { build: "GRCh38", contig: "X", start0: 9, end0: 20 },
      { build: "GRCh38", contig: "Y", start0: 0, end0: 20 },
    ]);
  });

  it("is filled in wherever it stands, and refused for a gene nobody knows", () => {
    const inside: Predicate = { kind: "or", parts: [{ kind: "not", part: genes("ONE") }] };
    expect(withGeneRegions(inside, () => [buildGene()])).toEqual({
      kind: "or",
      parts: [
        {
          kind: "not",
          part: { kind: "genes", names: ["ONE"], regions: [{ build: "GRCh38", contig: "1", start0: 9, end0: 20 }] },
        },
      ],
    });
    expect(() => withGeneRegions(inside, () => [])).toThrow("no gene table of this snapshot knows ONE");
  });
});
