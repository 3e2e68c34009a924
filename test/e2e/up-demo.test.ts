import { afterEach, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeFolder, startService, type Service } from "../helpers/service.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
const PEOPLE = 30;
const OPTIONS = ["--people", String(PEOPLE)];
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await removeFolder(folder);
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vitalome-up-demo-"));
  folders.push(folder);
  return folder;
}

interface Content {
  readonly callSets: readonly { readonly name: string; readonly samples: number; readonly sites: number }[];
  readonly people: { readonly count: { readonly value: number } };
  readonly linked: { readonly count: { readonly value: number } };
  readonly serviceInfo: {
    readonly snapshotId: string;
    readonly annotationSources: readonly { readonly name: string }[];
  };
}

async function contentOf(service: Service): Promise<Content> {
  return service.query<Content>(`{
    callSets { name samples sites }
    people: patients(first: 1) { count(mode: EXACT) { value } }
    linked: patients(first: 1, filter: [{ sampleIds: ["SIM1-000001"] }]) { count(mode: EXACT) { value } }
    serviceInfo { snapshotId annotationSources { name } } }`);
}

describe("vitalome up on an empty folder", () => {
  it("loads simulated people through the ingest; from a person to a pathogenic variant is one question", async () => {
    const service = await startService(await newFolder(), OPTIONS);
    const content = await contentOf(service);
    expect(content).toMatchObject({
      callSets: [{ name: "SIMULATED-1", samples: PEOPLE }],
      people: { count: { value: PEOPLE } },
      linked: { count: { value: 1 } },
      serviceInfo: { annotationSources: [{ name: "clinvar-excerpt" }, { name: "ensembl-excerpt" }] },
    });
    const { patients } = await service.query<{ patients: { nodes: readonly Record<string, unknown>[] } }>(
      `{ patients(filter: [{ variant: { clinicalSignificance: ["P/LP"] } }]) { nodes {
         simulated samples variants(filter: { clinicalSignificance: ["P/LP"] }) { nodes { annotations { clinical { significance } } } } } } }`,
    );
    expect(patients.nodes.length).toBeGreaterThan(0);
    for (const person of patients.nodes) {
      expect(person).toMatchObject({ simulated: true, samples: [expect.any(String)] });
      expect(JSON.stringify(person["variants"])).toContain("athogenic");
    }
    expect(await service.stop()).toBe(0);
    // The second start finds everything, and adds nothing.
    const again = await startService(service.directory, OPTIONS);
    expect(await contentOf(again)).toEqual(content);
    await again.stop();
  });

  it("goes on where a killed start ended, and ends with the same content", async () => {
    const whole = await startService(await newFolder(), OPTIONS);
    const expected = await contentOf(whole);
    await whole.stop();
    const folder = await newFolder();
    for (const wait of [300, 900, 1_500]) await killedStart(folder, wait);
    const service = await startService(folder, OPTIONS);
    const { callSets, people, linked, serviceInfo } = await contentOf(service);
    await service.stop();
    expect({ callSets, people, linked, sources: serviceInfo.annotationSources }).toEqual({
      ...{ callSets: expected.callSets, people: expected.people, linked: expected.linked },
      sources: expected.serviceInfo.annotationSources,
    });
  });

  it("stays empty with --no-demo, and a folder that holds data is never filled", async () => {
    const service = await startService(await newFolder());
    expect((await contentOf(service)).people.count.value).toBe(0);
    const { cancelJob } = await service.query<{ cancelJob: object | null }>(
      'mutation { cancelJob: submitBatchJob(input: { kind: "annotate-variants", idempotencyKey: "k" }) { id } }',
    );
    expect(cancelJob).not.toBeNull();
    await service.stop();
    const again = await startService(service.directory, OPTIONS);
    expect((await contentOf(again)).people.count.value).toBe(0);
    await again.stop();
    folders.push(service.directory);
  });
});

/** Starts, and kills a moment after the loading has begun. */
async function killedStart(folder: string, wait: number): Promise<void> {
  const child = spawn(BIN, ["up", "--data", folder, "--port", "0", ...OPTIONS, "--output", "json"], {
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: "ignore",
  });
  while (!existsSync(join(folder, "demo-state.json"))) await new Promise((done) => setTimeout(done, 20));
  await new Promise((done) => setTimeout(done, wait));
  child.kill("SIGKILL");
  await once(child, "exit");
}
