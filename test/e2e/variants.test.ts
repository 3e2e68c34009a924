import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { buildVcf, writeVcf } from "../helpers/vcf.js";

const SHEET = "sample\tpop\tsuper_pop\tgender\nS1\tGBR\tEUR\tfemale\nS2\tGBR\tEUR\tmale\nS3\tCHB\tEAS\tfemale\n";

let service: Service;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-list-"));
  service = await startService();
  const sheet = await writeVcf(folder, "sheet.tsv", SHEET);
  const records = [
    "98 rs98 ACG A 10 PASS . GT 0/1 0/0 0/0",
    "99 . A C 20 PASS . GT 0/0 0/1 0/0",
    "100 rs100 A C 30 q10 . GT 0/0 0/0 1/1",
    "200 . A C,G . . . GT 1/2 ./. 0/0",
    "201 . A AT 50 PASS . GT 1/1 1/1 1/1",
  ];
  const path = await writeVcf(folder, "list.vcf", buildVcf(records));
  expect((await service.cli("ingest", path, "--samples", sheet, "--call-set", "list", "--output", "json")).code).toBe(
    0,
  );
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
  await removeFolder(folder);
});

interface Answer {
  readonly variants: {
    readonly nodes: readonly { readonly id: string }[];
    readonly edges: readonly { readonly cursor: string }[];
    readonly count: { readonly value: number };
    readonly pageInfo: {
      readonly hasNextPage: boolean;
      readonly endCursor: string | null;
      readonly snapshotId: string;
    };
  };
}

const QUERY = `query List($filter: VariantFilter!, $orderBy: VariantOrder = POSITION, $first: Int = 100, $after: Cursor) {
  variants(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
    nodes { id } edges { cursor } count(mode: EXACT) { value } pageInfo { hasNextPage endCursor snapshotId }
  }
}`;

async function list(filter: object, orderBy = "POSITION"): Promise<string> {
  const { variants } = await service.query<Answer>(QUERY, { filter, orderBy });
  expect(variants.count.value).toBe(variants.nodes.length);
  expect(variants.edges).toHaveLength(variants.nodes.length);
  return variants.nodes.map(({ id }) => id.replace("GRCh38:1-", "")).join(" ");
}

const region = (start: number, end: number, coordinateSystem = "ONE_BASED_CLOSED"): object => ({
  regions: [{ referenceName: "chr1", start, end, assemblyId: "GRCh38", coordinateSystem }],
});
const ALL = "98-ACG-A 99-A-C 100-A-C 200-A-C 200-A-G 201-A-AT";

describe("variants", () => {
  it("finds what overlaps a region in both coordinate systems: both edges are in, and a deletion that begins before", async () => {
    expect(await list(region(100, 200))).toBe("98-ACG-A 100-A-C 200-A-C 200-A-G");
    expect(await list(region(99, 200, "ZERO_BASED_HALF_OPEN"))).toBe("98-ACG-A 100-A-C 200-A-C 200-A-G");
    expect(await list(region(101, 199))).toBe("");
    expect(await list({})).toBe(ALL);
  });

  it("filters by type, QUAL, FILTER and PASS; a dot is neither PASS nor its opposite", async () => {
    expect(await list({ variantTypes: ["indel"] })).toBe("98-ACG-A 201-A-AT");
    expect(await list({ variantTypes: ["insertion"] })).toBe("201-A-AT");
    expect(await list({ qual: { gte: 30 } })).toBe("100-A-C 201-A-AT");
    expect(await list({ qual: { gte: 30, includeMissing: true } })).toBe("100-A-C 200-A-C 200-A-G 201-A-AT");
    expect(await list({ not: { qual: { gte: 30 } } })).toBe("98-ACG-A 99-A-C");
    expect(await list({ passOnly: true })).toBe("98-ACG-A 99-A-C 201-A-AT");
    expect(await list({ not: { passOnly: true } })).toBe("100-A-C");
    expect(await list({ filter: ["q10"] })).toBe("100-A-C");
  });

  it("filters by frequency in a call set, a population and a sex, with missing made explicit", async () => {
    const frequency = (af: object, more: object = {}): object => ({
      cohortAlleleFrequency: { source: "list", af, ...more },
    });
    expect(await list(frequency({ gte: 0.3 }))).toBe("100-A-C 201-A-AT");
    expect(await list(frequency({ gt: 0 }, { population: "EAS" }))).toBe("100-A-C 201-A-AT");
    expect(await list(frequency({ gt: 0 }, { population: "GBR", sex: null }))).toBe(
      "98-ACG-A 99-A-C 200-A-C 200-A-G 201-A-AT",
    );
    expect(await list(frequency({ gt: 0 }, { sex: "male" }))).toBe("99-A-C 201-A-AT");
    expect(await list(frequency({ gt: 0 }, { population: "AFR" }))).toBe("");
    expect(await list({ not: frequency({ gt: 0 }, { population: "AFR" }) })).toBe("");
    expect(await list(frequency({ gt: 0, includeMissing: true }, { population: "AFR" }))).toBe(ALL);
  });

  it("filters by genotypes of samples, and by identifiers", async () => {
    expect(await list({ subject: { sampleIds: ["S1"] } })).toBe("98-ACG-A 200-A-C 200-A-G 201-A-AT");
    expect(await list({ subject: { sampleIds: ["S1"], zygosity: ["HET_ALT"] } })).toBe("200-A-C 200-A-G");
    expect(await list({ subject: { sampleIds: ["S2"], zygosity: ["MISSING"] } })).toBe("200-A-C 200-A-G");
    expect(await list({ subject: { sampleIds: ["S3"], zygosity: ["HOM_REF"] }, ...region(1, 150) })).toBe(
      "98-ACG-A 99-A-C",
    );
    expect(await list({ ids: ["rs100", "GRCh38:1-201-A-AT", "1-98-ACG-A"] })).toBe("98-ACG-A 100-A-C 201-A-AT");
    expect(await list({ ids: ["rs1"] })).toBe("");
  });

  it("combines with and, or, not", async () => {
    expect(await list({ or: [{ qual: { lt: 15 } }, { filter: ["q10"] }] })).toBe("98-ACG-A 100-A-C");
    expect(await list({ and: [region(99, 201), { not: { variantTypes: ["SNV"] } }] })).toBe("98-ACG-A 201-A-AT");
    expect(await list({ and: [] })).toBe(ALL);
    expect(await list({ or: [] })).toBe("");
  });

  it("orders by quality and frequency with missing last", async () => {
    expect(await list({}, "QUAL_DESC")).toBe("201-A-AT 100-A-C 99-A-C 98-ACG-A 200-A-C 200-A-G");
    expect(await list({}, "AF_ASC")).toBe("98-ACG-A 99-A-C 200-A-C 200-A-G 100-A-C 201-A-AT");
  });

  it.each(["POSITION", "QUAL_DESC", "AF_ASC"])(
    "pages in order %s without skip or repeat while new data are published",
    async (orderBy) => {
      const found: string[] = [];
      let pinned: string | null = null;
      let after: string | null = null;
      for (let page = 0; ; page += 1) {
        const { variants }: Answer = await service.query<Answer>(QUERY, {
          filter: region(90, 250),
          orderBy,
          first: 2,
          after,
        });
        pinned ??= variants.pageInfo.snapshotId;
        expect(variants.pageInfo.snapshotId).toBe(pinned);
        expect(variants.count.value).toBe(6);
        found.push(...variants.nodes.map(({ id }) => id));
        if (!variants.pageInfo.hasNextPage) break;
        after = variants.pageInfo.endCursor;
        const name = `${orderBy}${String(page)}.vcf`;
        const path = await writeVcf(folder, name, buildVcf([`${String(150 + page)} . T G 40 PASS . GT 0/1 0/0 0/0`]));
        const run = await service.cli("ingest", path, "--call-set", name, "--output", "json");
        expect(run.lines()).toMatchObject([{ accepted: 1 }]);
      }
      expect(new Set(found).size).toBe(6);
      expect(found).toHaveLength(6);
      const { callSets } = await service.query<{ callSets: { id: string; name: string }[] }>(
        "{ callSets { id name } }",
      );
      for (const { id, name } of callSets.filter(({ name }) => name !== "list")) {
        expect(name).toContain(orderBy);
        const { removeCallSet } = await service.query<{ removeCallSet: { id: string } }>(
          'mutation R($id: ID!) { removeCallSet(id: $id, reason: "test") { id } }',
          { id },
        );
        for (let state = ""; state !== "COMPLETE";) {
          ({ state } = (
            await service.query<{ job: { state: string } }>("query S($id: ID!) { job(id: $id) { state } }", {
              id: removeCallSet.id,
            })
          ).job);
        }
      }
    },
  );

  it("refuses a cursor of another list, and names the fault of a filter", async () => {
    const { variants } = await service.query<Answer>(QUERY, { filter: {}, first: 1 });
    const other = service.query(QUERY, { filter: { passOnly: true }, after: variants.pageInfo.endCursor });
    await expect(other).rejects.toThrow("the cursor belongs to another query");
    await expect(list(region(5, 1))).rejects.toThrow("filter.regions.0.end: expected at least the start");
    await expect(list({ variantTypes: ["banana"] })).rejects.toThrow("filter.variantTypes: expected SNV");
    await expect(list({ ids: ["NC_000001.11:g.100del"] })).rejects.toThrow("filter.ids: expected identifiers");
  });
});
