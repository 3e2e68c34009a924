import { COUNT_FIELDS, COUNT_WIDTH, callAllele } from "../../domain/counts.js";
import type { GenotypeText } from "../../domain/genotype.js";
import type { Grouping } from "../../domain/sample.js";
import type { RecordGenotypes } from "../../ingest/sources/vcf/index.js";

/** Genotype counts of one alternate for every group, flattened: group × COUNT_WIDTH. */
export type GroupCounts = Int32Array;

const AC = 0;
const AN = 1;

interface CallWeights {
  readonly field: number;
  readonly dosage: number;
  readonly called: number;
}

/** Counts the genotypes of records of one file. The column of a sample in the file is mapped to the call set's order. */
export interface GenotypeCounter {
  /** Counts recomputed from the genotypes of the record; all zero when it has none. */
  count(genotypes: RecordGenotypes, altIndex: number): GroupCounts;
}

export function createGenotypeCounter(grouping: Grouping, sampleOfColumn: Uint32Array): GenotypeCounter {
  const cells = grouping.cellSizes.length;
  const cellOfColumn = Uint16Array.from(sampleOfColumn, (sample) => grouping.cellOf[sample] ?? 0);
  const byCell = new Int32Array(cells * COUNT_WIDTH);
  const listedInCell = new Int32Array(cells);
  const weights: (CallWeights | undefined)[][] = [];

  function weightsOf(texts: readonly GenotypeText[], code: number, altIndex: number): CallWeights {
    const ofAlt = (weights[altIndex] ??= []);
    let known = ofAlt[code];
    if (known === undefined) {
      const genotype = texts[code];
      if (genotype === undefined) throw new TypeError(`no genotype text has code ${String(code)}`);
      const call = callAllele(genotype, altIndex);
      known = { field: COUNT_FIELDS.indexOf(call.genotypeClass), dosage: call.dosage, called: call.called };
      ofAlt[code] = known;
    }
    return known;
  }

  return {
    count(genotypes, altIndex) {
      byCell.fill(0);
      listedInCell.fill(0);
      const { sample, code, count, texts } = genotypes;
      for (let index = 0; index < count; index += 1) {
        const cell = cellOfColumn[sample[index] ?? 0] ?? 0;
        const call = weightsOf(texts, code[index] ?? 0, altIndex);
        const at = cell * COUNT_WIDTH;
        byCell[at + AC]! += call.dosage;
        byCell[at + AN]! += call.called;
        byCell[at + call.field]! += 1;
        listedInCell[cell]! += 1;
      }
      if (genotypes.base >= 0) {
        const base = weightsOf(texts, genotypes.base, altIndex);
        for (let cell = 0; cell < cells; cell += 1) {
          const unlisted = (grouping.cellSizes[cell] ?? 0) - (listedInCell[cell] ?? 0);
          byCell[cell * COUNT_WIDTH + AN]! += unlisted * base.called;
          byCell[cell * COUNT_WIDTH + base.field]! += unlisted;
        }
      }
      return rollUp(byCell, grouping);
    },
  };
}

function rollUp(byCell: Int32Array, grouping: Grouping): GroupCounts {
  const counts = new Int32Array(grouping.groups.length * COUNT_WIDTH);
  grouping.groupsOfCell.forEach((groups, cell) => {
    const from = cell * COUNT_WIDTH;
    for (const group of groups) {
      const to = group * COUNT_WIDTH;
      for (let field = 0; field < COUNT_WIDTH; field += 1) counts[to + field]! += byCell[from + field] ?? 0;
    }
  });
  return counts;
}
