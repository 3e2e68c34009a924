import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { ensureBuilt } from "../helpers/built.js";
import { startService, type Service } from "../helpers/service.js";

const BIN = resolve(import.meta.dirname, "../../bin/vitalome");
const SUBMIT = `mutation Submit($ndjson: String!, $key: String!) {
  submitObservations(ndjson: $ndjson, source: "graphql", idempotencyKey: $key) { id cursor lines } }`;
const SUBMISSION = `query Submission($cursor: Cursor!) { submission(cursor: $cursor) {
  lines ledger { read accepted duplicates rejected { rule count } balanced } } }`;

let folder: string;
let service: Service;
beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "vitalome-observations-"));
  service = await startService();
  const people = ["p1", "p2"].map((id) => JSON.stringify({ resourceType: "Patient", id, birthDate: "1950-01-01" }));
  const file = join(folder, "people.ndjson");
  await writeFile(file, people.join("\n"));
  expect((await service.cli("ingest-clinical", file)).code).toBe(0);
});
afterAll(async () => {
  await service.kill();
  for (const one of [folder, service.directory]) await rm(one, { recursive: true, force: true });
});

/** The same reading is the same to the millisecond, however often it is built. */
const BEGIN = Date.now() - 60_000;

function reading(sequence: number, overrides: object = {}): string {
  const at = new Date(BEGIN + sequence * 10).toISOString();
  const device = { deviceId: "monitor-1", session: "a", sequence };
  return JSON.stringify({
    patientId: "p1",
    code: "8867-4",
    value: 80,
    unit: "/min",
    eventTime: at,
    ...device,
    ...overrides,
  });
}

async function post(body: string | Buffer, query: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(new URL(`/observations?${query}`, service.url), {
    method: "POST",
    headers: { authorization: `Bearer ${service.token}`, "content-type": "application/x-ndjson", ...headers },
    body,
  });
  return response.json();
}

describe("readings sent to a service", () => {
  it("over HTTP are judged, and the ledger balances", async () => {
    const fhir = {
      resourceType: "Observation",
      status: "final",
      code: { coding: [{ system: "http://loinc.org", code: "2708-6" }] },
      subject: { reference: "Patient/p2" },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value: 97, unit: "%", system: "http://unitsofmeasure.org", code: "%" },
    };
    const lines = [reading(1), reading(1), "{", JSON.stringify(fhir), reading(2, { patientId: "nobody" })];
    const body = gzipSync([...lines, reading(3, { unit: "furlongs" }), "x".repeat(70_000)].join("\r\n"));
    expect(await post(body, "source=ward-3&wait=30", { "content-encoding": "gzip" })).toMatchObject({
      lines: 7,
      ledger: {
        ...{ read: 7, accepted: 2, duplicates: 1, balanced: true },
        rejected: ["JSON", "TOO_LARGE", "UNKNOWN_PATIENT", "UNKNOWN_UNIT"].map((rule) => ({ rule, count: 1 })),
      },
    });
    const { rejectedObservations } = await service.query<{
      rejectedObservations: { nodes: { line: number; raw: string }[] };
    }>(`{ rejectedObservations(source: "ward-3", first: 10) { nodes { line rule raw } } }`);
    const byLine = new Map(rejectedObservations.nodes.map((node) => [node.line, node.raw]));
    expect([...byLine.keys()].sort()).toEqual([3, 5, 6, 7]);
    expect(byLine.get(3)).toContain("{");
  });

  it("over GraphQL have a cursor that answers for the ledger, once however often they are sent", async () => {
    const variables = { ndjson: `${reading(10)}\n${reading(11)}`, key: "once" };
    type Sent = { submitObservations: { id: string; cursor: string; lines: number } };
    const { submitObservations: first } = await service.query<Sent>(SUBMIT, variables);
    const { submitObservations: again } = await service.query<Sent>(SUBMIT, variables);
    expect(again).toMatchObject({ id: first.id, lines: 2 });
    let ledger: object | null = null;
    while (ledger === null) {
      const { submission } = await service.query<{ submission: { ledger: object | null } }>(SUBMISSION, again);
      ledger = submission.ledger;
    }
    expect(ledger).toMatchObject({ read: 2, accepted: 2, duplicates: 0, balanced: true });
    const other = { ...variables, ndjson: reading(12) };
    await expect(service.query(SUBMIT, other)).rejects.toThrow("this idempotency key was used");
  });

  it("from the command line end with what became of them, and with 3 under --strict where any was rejected", async () => {
    const file = join(folder, "readings.ndjson.gz");
    await writeFile(file, gzipSync([reading(20), reading(20), "{"].join("\n")));
    const { code, lines } = await service.cli("observe", file, "--source", "file", "--strict", "--output", "json");
    expect(code).toBe(3);
    expect(lines()).toMatchObject([
      {
        source: "file",
        lines: 3,
        ledger: { read: 3, accepted: 1, duplicates: 1, rejected: 1, rejectedByRule: { JSON: 1 } },
      },
    ]);
    const missing = await service.cli("observe", join(folder, "none.ndjson"), "--source", "file");
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("cannot read")]);
    const empty = join(folder, "empty.ndjson");
    await writeFile(empty, "");
    expect((await service.cli("observe", empty, "--source", "file")).lines()).toMatchObject([{ lines: 0 }]);
  });

  it("come through a pipe as they are made", async () => {
    const { url, token } = service;
    const environment = { ...process.env, NODE_OPTIONS: "", VITALOME_URL: url, VITALOME_TOKEN: token };
    const args = ["observe", "-", "--source", "pipe", "--output", "json"];
    const verb = spawn(BIN, args, { env: environment, stdio: ["pipe", "pipe", "inherit"] });
    let stdout = "";
    verb.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    verb.stdin.write(`${reading(30)}\n`);
    type Ledgers = { observationLedgers: { source: string; ledger: { accepted: number } }[] };
    let accepted: number | undefined;
    while (accepted === undefined) {
      const { observationLedgers } = await service.query<Ledgers>(
        "{ observationLedgers { source ledger { accepted } } }",
      );
      accepted = observationLedgers.find(({ source }) => source === "pipe")?.ledger.accepted;
    }
    expect(accepted).toBe(1);
    verb.stdin.end(reading(31));
    expect((await once(verb, "exit"))[0]).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ lines: 2, ledger: { accepted: 2 } });
  });

  it("are taken from where their producer writes by itself, and the ledger of the source balances", async () => {
    const set = `mutation Set($topic: String) {
      setSource(id: "icu", kind: BEDSIDE, topic: $topic, reason: "an engine writes there") { version topic } }`;
    expect(await service.query(set, { topic: "icu.feed" })).toEqual({ setSource: { version: 1, topic: "icu.feed" } });
    await expect(service.query(set, { topic: "../etc" })).rejects.toThrow(/^topic: expected 1 to 249 letters/);
    const other = set.replace('"icu"', '"other"');
    await expect(service.query(other, { topic: "icu.feed" })).rejects.toThrow("a topic that is not that of icu");
    const of = (sequence: number, overrides: object = {}): string =>
      reading(sequence, { deviceId: "icu-1", ...overrides });
    const first = of(1);
    const lines = [first, "poison", first, of(2, { patientId: "p2" }), of(3, { patientId: "nobody" }), of(4)];
    await writeFile(join(service.directory, "foreign", "icu.feed.ndjson"), `${lines.join("\n")}\n`);
    const ledgers = `{ observationLedgers { source ledger { read accepted duplicates rejected { rule count } balanced } } }`;
    interface Told {
      readonly observationLedgers: readonly { readonly source: string; readonly ledger: { readonly read: number } }[];
    }
    let told: Told["observationLedgers"][number] | undefined;
    for (let look = 0; look < 100 && told?.ledger.read !== lines.length; look += 1) {
      await new Promise((done) => setTimeout(done, 100));
      told = (await service.query<Told>(ledgers)).observationLedgers.find(({ source }) => source === "icu");
    }
    expect(told?.ledger).toEqual({
      ...{ read: 6, accepted: 3, duplicates: 1, balanced: true },
      rejected: ["JSON", "UNKNOWN_PATIENT"].map((rule) => ({ rule, count: 1 })),
    });
    const ready = await (await fetch(new URL("/readyz", service.url))).json();
    expect(ready).toMatchObject({ dependencies: { foreign: { ok: true, detail: "1 topics are read" } } });
  });

  it("are looked at by a rule from the moment it is written", async () => {
    await service.query(`mutation {
      upsertAlertRule(id: "hr-any", input: { kind: THRESHOLD, name: "any heart rate", priority: LOW, code: { code: "8867-4" },
        limit: { comparator: ">", value: 150, unit: "/min" }, rationale: "test" }) { status } }`);
    await service.query(`mutation { setAlertRuleStatus(id: "hr-any", status: ACTIVE, reason: "tried") { version } }`);
    await post(reading(40, { value: 155 }), "source=ward-3&wait=30");
    type Alerts = { alerts: { nodes: { ruleId: string; ruleVersion: number }[] } };
    let found: Alerts["alerts"]["nodes"] = [];
    while (!found.some(({ ruleId }) => ruleId === "hr-any")) {
      found = (await service.query<Alerts>(`{ alerts(patientIds: ["p1"]) { nodes { ruleId ruleVersion } } }`)).alerts
        .nodes;
    }
    expect(found.find(({ ruleId }) => ruleId === "hr-any")).toMatchObject({ ruleVersion: 2 });
  });

  it("survive a service that is killed while they come: sent again, none is lost and none is taken twice", async () => {
    const lines = Array.from({ length: 2_000 }, (_, at) => `${reading(100 + at)}\n`);
    type Ledger = { accepted: number; duplicates: number };
    type Ledgers = { observationLedgers: { source: string; ledger: Ledger }[] };
    const ledgerOf = async (name: string): Promise<Ledger | undefined> => {
      const { observationLedgers } = await service.query<Ledgers>(
        "{ observationLedgers { source ledger { read accepted duplicates balanced rejected { rule count } } } }",
      );
      return observationLedgers.find(({ source }) => source === name)?.ledger;
    };
    const sender = httpRequest(new URL("/observations?source=killed", service.url), {
      method: "POST",
      headers: { authorization: `Bearer ${service.token}`, "content-type": "application/x-ndjson" },
    });
    sender.on("error", () => undefined);
    sender.write(lines.slice(0, 1_000).join(""));
    while (((await ledgerOf("killed"))?.accepted ?? 0) < 1_000);
    const others = await ledgerOf("ward-3");
    await service.kill();
    service = await startService(service.directory);
    expect(await ledgerOf("ward-3")).toEqual(others);
    expect(await ledgerOf("killed")).toMatchObject({ accepted: 1_000, duplicates: 0 });
    await post(lines.join(""), "source=killed&wait=60");
    expect(await ledgerOf("killed")).toMatchObject({
      ...{ read: 3_000, accepted: 2_000, duplicates: 1_000, balanced: true, rejected: [] },
    });
  });
});
