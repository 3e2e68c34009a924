import { afterAll, beforeAll, describe, expect } from "@jest/globals";
import { readFileSync } from "node:fs";
import { itShared, requireShared, sharedPath } from "../helpers/shared.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";

let service: Service;

beforeAll(async () => {
  if (sharedPath("edge") !== null) service = await startService();
});

afterAll(async () => {
  if (sharedPath("edge") === null) return;
  expect(await service.stop()).toBe(0);
  await removeFolder(service.directory);
});

describe("the 522 VCF files of the edge suites, as one job", () => {
  itShared(
    "ends each with a balanced ledger or a refusal that names its reason, and loses none",
    async () => {
      const rows = readFileSync(requireShared("edge/EXPECTED.tsv"), "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t")[0] ?? "")
        .filter((path) => path.startsWith("edge/vcf") || path.startsWith("edge/wrong-assembly"));
      expect(rows).toHaveLength(522);
      const run = await service.cli("ingest", ...rows.map(requireShared), "--assembly", "GRCh37", "--output", "json");
      const lines = run.lines();
      expect(lines).toHaveLength(522);
      for (const [index, line] of lines.entries()) {
        expect(rows[index]).toContain(String(line["file"]));
        if (line["status"] === "refused")
          expect(line).toMatchObject({
            code: "INGEST_REJECTED",
            message: expect.stringMatching(/.{10}/),
            field: expect.any(String),
          });
        else expect(line).toMatchObject({ balanced: true, alleles: { balanced: true } });
      }
      const { jobs } = await service.query<{
        jobs: { nodes: { state: string; ledger: { recordsRead: number; balanced: boolean } }[] };
      }>("{ jobs { nodes { state ledger { recordsRead balanced } } } }");
      expect(jobs.nodes).toMatchObject([{ state: "COMPLETE", ledger: { balanced: true } }]);
    },
    120_000,
  );
});
