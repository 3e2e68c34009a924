import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { ensureBuilt } from "../helpers/built.js";
import { generateVcf, writeVcf } from "../helpers/vcf.js";

/** Needs a disk of its own; skipped, and counted as skipped, where the system does not give one. */
const canMount = spawnSync("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).status === 0;
const MEGABYTE = 1 << 20;

(canMount ? it : it.skip)(
  "a job on a full disk ends with STORAGE_FULL and the cause in its log, wherever it meets the end; with room it succeeds",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "full-job-"));
    const text = generateVcf(4_000, 300, 5);
    const good = await writeVcf(folder, "good.vcf", text);
    const bad = await writeVcf(folder, "bad.vcf", text.replaceAll(/^(chr\w+)\t\d+\t/gm, "$1\t-1\t"));
    const disk = await mkdtemp(join(folder, "disk-"));
    const runs = [
      ...[16 * 1024, MEGABYTE, 3 * MEGABYTE].map((room) => ({ vcf: good, room })),
      { vcf: bad, room: 2 * MEGABYTE },
      { vcf: good, room: 48 * MEGABYTE },
    ];
    const task = JSON.stringify({ dist: await ensureBuilt(), disk, runs });
    const script = join(import.meta.dirname, "job-full.mjs");
    const mount = 'mount -t tmpfs -o size=64m none "$0" && exec "$@"';
    const { stdout } = spawnSync("unshare", ["-m", "sh", "-c", mount, disk, process.execPath, script, task], {
      env: { PATH: process.env["PATH"] ?? "" },
    });
    await rm(folder, { recursive: true, force: true });
    const jobs = JSON.parse(stdout.toString()) as { readonly last: string }[];
    const last = expect.stringMatching(/No space left|ENOSPC/);
    const full = { state: "failed", code: "STORAGE_FULL", hasScratch: false, last };
    expect(jobs).toMatchObject([full, full, full, full, { state: "succeeded" }]);
    for (const { last } of jobs) expect(last).not.toContain(disk);
  },
  120_000,
);
