import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { buildVcf, writeVcf } from "../helpers/vcf.js";

let folder: string;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vitalome-clean-up-"));
  service = await startService();
}, 60_000);
afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await removeFolder(folder);
});

describe("clean-up from the command line", () => {
  it("keeps what was published today, says so, and is a job with a log", async () => {
    for (const name of ["a", "b"]) {
      const path = await writeVcf(folder, `${name}.vcf`, buildVcf(["100 . A C . PASS . GT 0/1 0/0 0/0"]));
      expect((await service.cli("ingest", path, "--call-set", name)).code).toBe(0);
    }
    const nothing = { oldestReadable: "0", files: 0, bytes: 0, reasons: [] };
    const dry = await service.cli("clean-up", "--dry-run", "--output", "json");
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.lines()).toEqual([{ jobId: expect.any(String), dryRun: true, ...nothing }]);
    const run = await service.cli("clean-up", "--keep", "7d", "--output", "text");
    expect(run.stdout).toBe("removed  0 files  0 bytes; the oldest readable snapshot is 0\n");
    const { jobs } = await service.query<{ jobs: { nodes: object[] } }>(
      '{ jobs(kind: "clean-up", first: 1) { nodes { state parameters logTail cleanUp { files } outputs { id } } } }',
    );
    expect(jobs.nodes).toEqual([
      {
        state: "COMPLETE",
        parameters: { keep: "7d", dryRun: false },
        logTail: [
          expect.stringMatching(/^\S+Z clean-up on snapshot 2$/),
          expect.stringMatching(/ removed 0 files, 0 bytes; the oldest readable snapshot is 0$/),
        ],
        cleanUp: { files: 0 },
        outputs: [],
      },
    ]);
  });

  it("refuses to keep for less than the life of a cursor", async () => {
    const refused = await service.cli("clean-up", "--keep", "23h");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("BAD_USER_INPUT");
    expect(refused.stderr).toContain("keep: hours or days, as in 36h or 7d, of at least 24h");
  });
});
