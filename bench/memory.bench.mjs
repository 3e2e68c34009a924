import { readFileSync } from "node:fs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { slices, startService } from "./service.mjs";

/** Peak resident memory of the whole process for one input and the same repeated 4 and 8 times over shifted positions. */
export default async function run() {
  const files = slices();
  if (files === null) {
    console.log("memory: skipped (needs the public slices)");
    return;
  }
  const text = gunzipSync(readFileSync(files.find((file) => file.includes("CYP2C9")))).toString("latin1");
  const lines = text.trim().split("\n");
  const header = lines.filter((line) => line.startsWith("#"));
  const body = lines.filter((line) => !line.startsWith("#"));
  const folder = mkdtempSync(join(tmpdir(), "vitalome-memory-"));
  console.log(
    "\n## Peak resident memory of the service during ingest\n\n| input | MB of text | peak MB |\n| --- | --: | --: |",
  );
  for (const times of [1, 4, 8]) {
    const path = join(folder, `x${times}.vcf`);
    const out = [...header];
    for (let copy = 0; copy < times; copy += 1) {
      for (const line of body) {
        const [chrom, pos, ...rest] = line.split("\t");
        out.push([chrom, Number(pos) + copy * 1_000_000, ...rest].join("\t"));
      }
    }
    const content = `${out.join("\n")}\n`;
    writeFileSync(path, content);
    const service = await startService();
    await service.cli(["ingest", path, "--assembly", "GRCh38", "--output", "json"]);
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${service.pid}/status`, "utf8"))?.[1];
    console.log(`| ${times}x | ${(content.length / 1e6).toFixed(0)} | ${(Number(peak) / 1024).toFixed(0)} |`);
    await service.stop();
  }
  rmSync(folder, { recursive: true });
}
