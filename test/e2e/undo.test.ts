import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { buildVcf, writeVcf } from "../helpers/vcf.js";

let folder: string;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-undo-"));
  service = await startService();
}, 60_000);
afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await removeFolder(folder);
});

async function ingest(name: string, records: readonly string[]): Promise<string> {
  const path = await writeVcf(folder, name, buildVcf(records));
  const run = await service.cli("ingest", path, "--call-set", "mine", "--output", "json");
  expect(run.code).toBe(0);
  return String(run.lines()[0]?.["jobId"]);
}

async function people(name: string, ...records: readonly object[]): Promise<string> {
  const path = await writeVcf(folder, name, records.map((record) => JSON.stringify(record)).join("\n"));
  const run = await service.cli("ingest-clinical", path, "--output", "json");
  expect(run.code).toBe(0);
  return String(run.lines()[0]?.["jobId"]);
}

const IDS =
  "query Ids($after: Cursor) { variants(filter: {}, first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }";
interface Page {
  readonly variants: {
    readonly nodes: readonly { readonly id: string }[];
    readonly pageInfo: { readonly endCursor: string; readonly hasNextPage: boolean };
  };
}

/** Ids of every page from a cursor on. */
async function idsAfter(after: string | null): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = after; ;) {
    const { variants }: Page = await service.query<Page>(IDS, { after: cursor });
    ids.push(...variants.nodes.map(({ id }) => id));
    if (!variants.pageInfo.hasNextPage) return ids;
    cursor = variants.pageInfo.endCursor;
  }
}

const revert = (id: string): ReturnType<Service["cli"]> =>
  service.cli("jobs", "revert", id, "--reason", "the wrong file");

describe("taking back what a job published", () => {
  it("takes its rows out of the next snapshot, while a page pinned before still sees them", async () => {
    await ingest("kept.vcf", ["100 . A C . PASS . GT 0/1 0/0 0/0", "150 . A C . PASS . GT 0/1 0/0 0/0"]);
    const wrong = await ingest("wrong.vcf", ["200 . A C . PASS . GT 0/1 0/0 0/0", "250 . A C . PASS . GT 0/1 0/0 0/0"]);
    const first = await service.query<Page>(IDS, {});
    const done = await revert(wrong);
    expect(done).toMatchObject({ code: 0 });
    expect(await idsAfter(null)).toEqual(["GRCh38:1-100-A-C", "GRCh38:1-150-A-C"]);
    expect(await idsAfter(first.variants.pageInfo.endCursor)).toEqual([
      "GRCh38:1-150-A-C",
      "GRCh38:1-200-A-C",
      "GRCh38:1-250-A-C",
    ]);
    const { callSets, jobs } = await service.query<{ callSets: object[]; jobs: { nodes: object[] } }>(
      '{ callSets { files sites } jobs(kind: "revert-run") { nodes { state parameters outputs { id } } } }',
    );
    expect(callSets).toEqual([{ files: ["kept.vcf"], sites: 2 }]);
    expect(jobs.nodes).toEqual([
      { state: "COMPLETE", parameters: { runId: wrong, snapshot: 2, reason: "the wrong file" }, outputs: [] },
    ]);
  });

  it("says that there is nothing to take back the second time, and that a job without a snapshot has none", async () => {
    const wrong = await ingest("again.vcf", ["300 . A C . PASS . GT 0/1 0/0 0/0"]);
    expect((await revert(wrong)).code).toBe(0);
    expect(await revert(wrong)).toMatchObject({ code: 1, stderr: expect.stringContaining("NOT_FOUND") });
    expect(await revert("job-unknown")).toMatchObject({ code: 1, stderr: expect.stringContaining("NOT_FOUND") });
    // What was taken back can come again.
    await ingest("again.vcf", ["300 . A C . PASS . GT 0/1 0/0 0/0"]);
    expect(await idsAfter(null)).toContain("GRCh38:1-300-A-C");
  });

  it("gives back what the run had replaced, and refuses while a later run builds on it", async () => {
    const patient = { resourceType: "Patient", id: "p1", gender: "female" };
    const updated = (hour: string, gender: string): object => ({
      ...patient,
      gender,
      meta: { lastUpdated: `2026-01-01T${hour}:00:00Z` },
    });
    await people("first.ndjson", patient, { ...patient, id: "p2" });
    const second = await people("second.ndjson", updated("01", "male"));
    const third = await people("third.ndjson", updated("02", "other"));
    const gender = async (): Promise<unknown> =>
      (await service.query<{ patient: { gender: string } }>('{ patient(id: "p1") { gender } }')).patient.gender;
    expect(await gender()).toBe("other");
    const refused = await revert(second);
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain(`${third} wrote again what ${second} had written in patients`);
    expect((await revert(third)).code).toBe(0);
    expect(await gender()).toBe("male");
    expect((await revert(second)).code).toBe(0);
    expect(await gender()).toBe("female");
  });
});
