import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, shell } from "./frame.mjs";
import { slices, startService } from "./service.mjs";

const POINTS = 200;

/** A gene's region and points through GraphQL, against bcftools on the indexed file and the bare service answer. */
export default async function run() {
  const files = slices();
  if (files === null || shell("bcftools", ["--version"]) === null) {
    console.log("reads: skipped (needs the public slices and bcftools)");
    return;
  }
  const service = await startService();
  await service.cli(["ingest", ...files, "--assembly", "GRCh38", "--call-set", "1000G", "--output", "json"]);
  const cyp2c19 = files.find((file) => file.includes("CYP2C19"));
  await compare("Region 10:94781000-94791000, AF at least 0.01: keys of all matches", [
    {
      name: "bcftools view -r on the indexed file",
      run: () =>
        shell("bash", [
          "-c",
          "bcftools view -H -G -r chr10:94781000-94791000 -i 'AC/AN>=0.01' \"$1\" | cut -f1,2,4,5",
          "_",
          cyp2c19,
        ])
          .trim()
          .split("\n")
          .map((line) => line.split("\t").slice(1).join("-")),
    },
    {
      name: "vitalome variants",
      run: async () => {
        const { variants } = await service.query(
          `{ variants(filter: { regions: [{ referenceName: "10", start: 94781000, end: 94791000, assemblyId: GRCh38 }],
             cohortAlleleFrequency: { af: { gte: 0.01 } } }, first: 1000) { nodes { pos ref alt } } }`,
        );
        return variants.nodes.map(({ pos, ref, alt }) => `${pos}-${ref}-${alt}`);
      },
    },
  ]);
  const rows = await everything(service);
  const peer = await startPeer(rows);
  const ids = rows.filter((_, index) => index % Math.floor(rows.length / POINTS) === 0).map(({ id }) => id);
  const point =
    "query One($id: String!) { variant(id: { id: $id }) { variant { id chrom pos ref alt frequencies { focusAlleleCount locusAlleleCount } } } }";
  const points = (ask) => async () => {
    const found = [];
    for (const id of ids) found.push((await ask(point, { id })).variant.variant);
    return found;
  };
  await compare(`${ids.length} points by id, one request each, with counts`, [
    { name: "bare graphql-js over indexed SQLite", run: points(peer.query) },
    { name: "vitalome variant(id)", run: points(service.query) },
  ]);
  const gene = `query { variants(filter: { regions: [{ referenceName: "10", start: 94762681, end: 94855547, assemblyId: ASSEMBLY }] }, first: 1000) {
    nodes { id chrom pos ref alt frequencies { focusAlleleCount locusAlleleCount } } } }`;
  await compare("The first 1,000 variants of CYP2C19, with counts", [
    {
      name: "bare graphql-js over indexed SQLite",
      run: async () => (await peer.query(gene.replace("ASSEMBLY", '"GRCh38"'))).variants.nodes,
    },
    {
      name: "vitalome variants",
      run: async () => (await service.query(gene.replace("ASSEMBLY", "GRCh38"))).variants.nodes,
    },
  ]);
  peer.stop();
  await service.stop();
}

/** Every variant of the service, page by page. */
async function everything(service) {
  const rows = [];
  for (let after = null; ;) {
    const { variants } = await service.query(
      `query All($after: Cursor) { variants(filter: {}, first: 1000, after: $after) {
         nodes { id chrom pos ref alt frequencies { focusAlleleCount locusAlleleCount } } pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    for (const { frequencies, ...variant } of variants.nodes) {
      rows.push({ ...variant, ac: frequencies[0].focusAlleleCount, an: frequencies[0].locusAlleleCount });
    }
    if (!variants.pageInfo.hasNextPage) return rows;
    after = variants.pageInfo.endCursor;
  }
}

async function startPeer(rows) {
  const folder = mkdtempSync(join(tmpdir(), "vitalome-peer-"));
  const path = join(folder, "rows.json");
  writeFileSync(path, JSON.stringify(rows));
  const child = spawn(process.execPath, [join(import.meta.dirname, "peer-server.mjs"), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise((done) => child.stdout.once("data", (chunk) => done(String(chunk).trim())));
  return {
    async query(query, variables = {}) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      const answer = await response.json();
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return answer.data;
    },
    stop() {
      child.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
