import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { removeFolder } from "../helpers/service.js";
import { STACK_TIMEOUT_MS } from "../helpers/stack.js";
import { INPUTS } from "./inputs.js";
import { runInput } from "./outcomes.js";
import { onBoth, startProfiles, type Profile, type Profiles } from "./profiles.js";

const JOB_TIMEOUT_MS = 300_000;
const FED = [
  "a cohort with its sheet",
  "files that are refused, records that break rules, intervals of a gVCF, as one job",
  "a generated cohort of another build",
  "a gene table",
  "clinical statements",
  "people",
];
const CURRENT = { regions: [{ referenceName: "1", start: 1, end: 248956422, assemblyId: "GRCh38" }] };
const FILTERS: Readonly<Record<string, object>> = {
  everything: {},
  "a call set's frequencies": { cohortAlleleFrequency: { source: "old", af: { gte: 0.1, lt: 0.5 } } },
  "a population's frequencies": { populationAlleleFrequency: [{ population: "EUR", sex: "female", af: { gt: 0 } }] },
  "what is not passed, and unknown qualities": { not: { passOnly: true }, qual: { lt: 60, includeMissing: true } },
  "a gene and its statements": { geneIds: ["GENE1"], clinicalSignificance: ["P/LP"], minReviewStars: 2 },
  "genotypes of samples": { subject: { sampleIds: ["S1", "S4"], zygosity: ["HET", "HOM_ALT"] } },
  "names that are statements": { or: [{ ids: ["rs1"] }, { filter: ["'; DROP TABLE variants; --", "\\' OR 1=1 --"] }] },
};
const DOCUMENT = `mutation E($filter: VariantFilter!, $format: ExportFormat!, $fields: [String!], $snapshotId: ID, $key: String!) {
  exportVariants(filter: $filter, format: $format, fields: $fields, snapshotId: $snapshotId, idempotencyKey: $key) { id parameters }
}`;
const READ_BOTH = `
import sys, pyarrow as pa, pyarrow.parquet as pq
read = pq.read_table if sys.argv[1] == "PARQUET" else lambda path: pa.ipc.open_file(path).read_all()
left, right = map(read, sys.argv[2:])
left.validate(full=True)
print(left.equals(right), left.num_rows)
`;

let folder: string;
let profiles: Profiles;
let keys = 0;

beforeAll(
  async () => {
    folder = await mkdtemp(join(tmpdir(), "vitalome-parity-exports-"));
    profiles = await startProfiles();
    for (const name of FED) {
      const input = INPUTS[name];
      if (input === undefined) throw new Error(`there is no input ${name}`);
      await onBoth(profiles, (profile) => runInput(profile, name, input));
    }
  },
  STACK_TIMEOUT_MS + 6 * JOB_TIMEOUT_MS,
);
afterAll(async () => {
  await profiles.close();
  await removeFolder(folder);
}, 120_000);

interface Exported {
  readonly parameters: unknown;
  readonly state: string;
  readonly error: unknown;
  /** Null where there is none. */
  readonly file: Buffer | null;
}

/** Runs one export to its end, and brings its file in two pieces. */
async function exported({ service }: Profile, key: string, variables: object): Promise<Exported> {
  const { exportVariants: job } = await service.query<{ exportVariants: { id: string; parameters: unknown } }>(
    DOCUMENT,
    {
      key,
      ...variables,
    },
  );
  for (;;) {
    const { job: found } = await service.query<{ job: { state: string; error: unknown } }>(
      "query J($id: ID!) { job(id: $id) { state error { code message } } }",
      { id: job.id },
    );
    if (["COMPLETE", "EXECUTOR_ERROR"].includes(found.state))
      return { parameters: job.parameters, ...found, file: await fetched(service, job.id) };
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function fetched({ url, token }: Profile["service"], id: string): Promise<Buffer | null> {
  const get = (headers: Record<string, string>): Promise<Response> =>
    fetch(new URL(`/exports/${id}`, url), { headers: { authorization: `Bearer ${token}`, ...headers } });
  const whole = await get({});
  if (whole.status === 404) return null;
  expect(whole.status).toBe(200);
  const bytes = Buffer.from(await whole.arrayBuffer());
  expect(whole.headers.get("etag")).toBe(`"${createHash("sha256").update(bytes).digest("hex")}"`);
  const half = Math.floor(bytes.length / 2);
  if (half > 0) {
    const rest = await get({ range: `bytes=${String(half)}-`, "if-range": whole.headers.get("etag") ?? "" });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(half))).toBe(true);
  }
  return bytes;
}

async function both(variables: object): Promise<readonly [Exported, Exported]> {
  const key = `export ${String((keys += 1))}`;
  return onBoth(profiles, (profile) => exported(profile, key, variables));
}

describe("exports of both profiles", () => {
  it.each(Object.entries(FILTERS))(
    "hold the same bytes of %s",
    async (_name, filter) => {
      const [embedded, cluster] = await both({ filter, format: "CSV" });
      expect(cluster.parameters).toEqual(embedded.parameters);
      expect(cluster.file?.toString("utf8")).toBe(embedded.file?.toString("utf8"));
      expect(embedded.file?.toString("utf8").split("\r\n").length).toBeGreaterThan(2);
    },
    JOB_TIMEOUT_MS,
  );

  it(
    "hold the same lines of JSON, in the columns asked for, of the snapshot asked for",
    async () => {
      const fields = ["af", "variant_id", "info", "original_alternates", "call_set_name"];
      const [embedded, cluster] = await both({ filter: {}, format: "NDJSON", fields, snapshotId: "1" });
      expect(cluster).toEqual(embedded);
      expect(String(embedded.file)).toContain('"call_set_name":"cohort"');
      expect(String(embedded.file)).not.toContain('"call_set_name":"old"');
    },
    JOB_TIMEOUT_MS,
  );

  it(
    "hold the same VCF",
    async () => {
      const [embedded, cluster] = await both({ filter: CURRENT, format: "VCF_BGZ" });
      expect(gunzipSync(cluster.file ?? "").toString()).toBe(gunzipSync(embedded.file ?? "").toString());
    },
    JOB_TIMEOUT_MS,
  );

  it.each(["PARQUET", "ARROW_IPC"])(
    "hold the same rows and types as %s",
    async (format) => {
      const files = await both({ filter: {}, format });
      const paths = ["embedded", "cluster"].map((name) => join(folder, `${name}.${format}`));
      for (const [at, path] of paths.entries()) await writeFile(path, files[at]?.file ?? "");
      const said = execFileSync(profiles.stack.python, ["-c", READ_BOTH, format, ...paths], { encoding: "utf8" });
      expect(said).toMatch(/^True [1-9]\d+\n$/);
    },
    JOB_TIMEOUT_MS,
  );

  it(
    "are empty alike, and end alike where the rows do not fit the format",
    async () => {
      const none = await both({ filter: { ids: ["rs404"] }, format: "CSV" });
      expect(none[1]).toEqual(none[0]);
      expect(String(none[0].file)).toMatch(/^variant_id,[a-z_,]+\r\n$/);
      const mixed = await both({ filter: {}, format: "VCF_BGZ" });
      expect(mixed[1]).toEqual(mixed[0]);
      expect(mixed[0]).toMatchObject({ state: "EXECUTOR_ERROR", error: { code: "BAD_USER_INPUT" }, file: null });
    },
    JOB_TIMEOUT_MS,
  );
});
