import { afterAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { generateVcf, writeVcf } from "../helpers/vcf.js";

/** `make chaos` kills more often. */
const KILLS = process.env["VITALOME_LONG_TESTS"] === "1" ? 20 : 5;
const SEED = 20261123;

const ROWS = `query Rows($source: String!, $callSet: ID!, $after: Cursor) {
  variants(filter: { cohortAlleleFrequency: { source: $source, af: { gte: 0 } } }, first: 200, after: $after) {
    nodes { id frequencies(source: $source) { focusAlleleCount locusAlleleCount } genotypes(callSetId: $callSet, first: 40) { nodes { sampleId gt } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Page {
  readonly variants: {
    readonly nodes: readonly object[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

/** Everything the service says of one call set. */
async function rowsOf(service: Service, source: string): Promise<readonly object[]> {
  const rows: object[] = [];
  for (let after: string | null = null; ;) {
    const { variants }: Page = await service.query<Page>(ROWS, { source, callSet: source, after });
    rows.push(...variants.nodes);
    if (!variants.pageInfo.hasNextPage) return rows;
    after = variants.pageInfo.endCursor;
  }
}

/** Xorshift, so that a run can be repeated by its seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function startIngest(service: Service, path: string, callSet: string): Promise<void> {
  const authorization = `Bearer ${service.token}`;
  const upload = await fetch(new URL("/files?name=cohort.vcf", service.url), {
    method: "PUT",
    headers: { authorization },
    body: readFileSync(path),
  });
  const { id } = (await upload.json()) as { id: string };
  await service.query("mutation Start($input: VariantIngestInput!) { ingestVariants(input: $input) { id } }", {
    input: { uris: [id], callSet, idempotencyKey: callSet },
  });
}

describe("kill -9 during ingest", () => {
  let service: Service | null = null;
  afterAll(() => service?.kill());

  it(`leaves nothing half done over ${String(KILLS)} random moments (seed ${String(SEED)}): a second ingest gives the rows of an undisturbed one`, async () => {
    const random = createRandom(SEED);
    const folder = await mkdtemp(join(tmpdir(), "vitalome-kill-"));
    const path = await writeVcf(folder, "cohort.vcf", generateVcf(600, 40, 3));
    service = await startService();
    const began = performance.now();
    expect((await service.cli("ingest", path, "--call-set", "undisturbed", "--output", "json")).code).toBe(0);
    const duration = performance.now() - began;
    const undisturbed = await rowsOf(service, "undisturbed");
    expect(undisturbed).toHaveLength(600);
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const callSet = `killed ${String(kill)}`;
      await startIngest(service, path, callSet);
      await new Promise<void>((resolve) => setTimeout(resolve, random() * duration));
      await service.kill();
      service = await startService(service.directory);
      const partial = await rowsOf(service, callSet);
      if (partial.length === 0) interrupted += 1;
      else expect(partial).toEqual(undisturbed);
      const run = await service.cli("ingest", path, "--call-set", callSet, "--output", "json");
      expect(run.lines()).toMatchObject([{ recordsRead: 600, balanced: true, quarantined: 0 }]);
      expect(await rowsOf(service, callSet)).toEqual(undisturbed);
    }
    expect(interrupted).toBeGreaterThan(0);
    expect(await service.stop()).toBe(0);
    await removeFolder(service.directory);
    await removeFolder(folder);
  }, 600_000);
});
