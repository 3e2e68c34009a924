import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, runCli, startService, type Service } from "../helpers/service.js";
import { generateVcf, writeVcf } from "../helpers/vcf.js";

let service: Service;
let folder: string;
beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "vitalome-watch-"));
  service = await startService();
});
afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await rm(folder, { recursive: true });
});

describe("vitalome watch", () => {
  it("gives what happened since the cursor in its file, once, and ends when nothing waits", async () => {
    const [cursor, published] = [join(folder, "jobs.cursor"), join(folder, "datasets.cursor")];
    const idle = ["--until-idle", "--output", "json"];
    expect(await service.cli("watch", "jobs", "--resume", cursor, ...idle)).toMatchObject({ code: 0, stdout: "" });
    expect(await service.cli("watch", "datasets", "--resume", published, ...idle)).toMatchObject({
      code: 0,
      stdout: "",
    });
    const vcf = await writeVcf(folder, "some.vcf", generateVcf(20, 3, 1));
    expect((await service.cli("ingest", vcf, "--call-set", "some")).code).toBe(0);
    const { jobs } = await service.query<{ jobs: { nodes: { id: string; version: number }[] } }>(
      "{ jobs { nodes { id version } } }",
    );
    const [job] = jobs.nodes;

    const text = await service.cli(
      "watch",
      "jobs",
      "--resume",
      join(folder, "none"),
      "--until-idle",
      "--output",
      "text",
    );
    expect(text).toMatchObject({ code: 0, stdout: "" });
    const first = await readFile(cursor, "utf8");
    const readable = await service.cli("watch", "jobs", "--after", first.trim(), "--until-idle", "--output", "text");
    expect(readable.stdout).toMatch(/^job-[0-9a-f]{20}  QUEUED          ingest-variants\n/);
    expect(readable.stdout).toMatch(/  COMPLETE        ingest-variants   100 %\n$/);

    const run = await service.cli("watch", "jobs", "--resume", cursor, ...idle);
    const seen = run.lines().map((line) => line["event"] as { id: string; version: number; state: string });
    expect(run.code).toBe(0);
    expect(seen.map(({ version }) => version)).toEqual(Array.from({ length: job?.version ?? 0 }, (_none, n) => n + 1));
    expect(seen.at(-1)).toMatchObject({ id: job?.id, state: "COMPLETE" });
    expect((await service.cli("watch", "jobs", "--resume", cursor, ...idle)).stdout).toBe("");

    const snapshots = (await service.cli("watch", "datasets", "--resume", published, ...idle)).lines();
    expect(snapshots).toMatchObject([{ event: { __typename: "DatasetPublication", snapshotId: "1", jobId: job?.id } }]);
    expect(JSON.stringify(snapshots)).toContain('{"table":"variants","rows":');
  });

  it("says what is wrong with a cursor, a file, a stream or an option, with 2", async () => {
    expect(await service.cli("watch", "jobs", "--after", "nonsense")).toMatchObject({ code: 2, stdout: "" });
    const file = join(folder, "other");
    await writeFile(file, "no cursor\n");
    expect((await service.cli("watch", "jobs", "--resume", file)).stderr).toContain("holds no cursor");
    expect((await service.cli("watch", "weather")).code).toBe(2);
    expect((await service.cli("watch", "datasets", "--id", "job-1")).code).toBe(2);
    expect((await service.cli("watch", "jobs", "--patience", "long")).code).toBe(2);
  });

  it("ends with 4 when the token is refused or there is no service", async () => {
    const refused = await runCli(["watch", "jobs"], { VITALOME_URL: service.url, VITALOME_TOKEN: "a.b.c" });
    expect(refused).toMatchObject({ code: 4, stdout: "" });
    expect(refused.stderr).toContain("a valid bearer token is required");
    const absent = { VITALOME_URL: "http://127.0.0.1:9/graphql", VITALOME_TOKEN: "a.b.c" };
    expect((await runCli(["watch", "jobs"], absent)).code).toBe(4);
  });
});
