import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";

const IDLE = ["--until-idle", "--output", "json"];

let service: Service;
let folder: string;
beforeAll(async () => {
  await ensureBuilt();
  folder = await mkdtemp(join(tmpdir(), "vitalome-alerts-"));
  service = await startService();
  const patient = { resourceType: "Patient", id: "p1", gender: "female", birthDate: "1950-06-15" };
  const file = join(folder, "people.ndjson");
  await writeFile(file, `${JSON.stringify(patient)}\n`);
  expect((await service.cli("ingest-clinical", file)).code).toBe(0);
});
afterAll(async () => {
  await service.stop();
  await removeFolder(service.directory);
  await removeFolder(folder);
});

interface Told {
  readonly sequence: string;
  readonly event: {
    readonly alert: { readonly id: string; readonly version: number; readonly ruleId: string };
    readonly transition: { readonly reason: string; readonly by: string | null };
  };
}

/** What came on a stream since the cursor in its file. */
async function since(name: string, ...options: readonly string[]): Promise<readonly unknown[]> {
  const run = await service.cli("watch", name, "--resume", join(folder, `${name}.cursor`), ...options, ...IDLE);
  expect(run.code).toBe(0);
  return run.lines();
}

/** Oxygen saturation every three seconds up to now. */
async function send(values: readonly number[]): Promise<void> {
  const now = Date.now();
  const lines = values.map((value, at) => {
    const eventTime = new Date(now - 3_000 * (values.length - 1 - at)).toISOString();
    const device = { deviceId: "d1", session: "b1", sequence: at };
    return JSON.stringify({
      eventId: `e${String(at)}`,
      patientId: "p1",
      code: "2708-6",
      value,
      unit: "%",
      eventTime,
      ...device,
    });
  });
  const document = `mutation Send($ndjson: String!) {
    submitObservations(source: "ward", ndjson: $ndjson, idempotencyKey: "one") { id } }`;
  await service.query(document, { ndjson: lines.join("\n") });
}

interface Listed {
  readonly id: string;
  readonly version: number;
  readonly message: string;
}

async function open(): Promise<readonly Listed[]> {
  const run = await service.cli("alerts", "--patient", "p1", "--output", "json");
  expect(run.code).toBe(0);
  return run.lines() as unknown as Listed[];
}

describe("a reading that calls", () => {
  it("becomes an alert on the stream; somebody takes it on, and everybody sees that, also after a restart", async () => {
    expect(await since("alerts")).toEqual([]);
    expect(await since("vitals")).toEqual([]);
    await send([97, 96, ...Array<number>(12).fill(84)]);
    let alerts = await open();
    for (let look = 0; look < 40 && !alerts.some(({ message }) => /critically/.test(message)); look += 1)
      alerts = await open();
    const alert = alerts.find(({ message }) => /critically/.test(message));
    if (alert === undefined) throw new Error(JSON.stringify(alerts));

    const acknowledged = await service.cli(
      "alerts",
      "ack",
      alert.id,
      "--note",
      "seen",
      "--key",
      "k",
      "--output",
      "json",
    );
    expect(acknowledged.lines()).toMatchObject([
      { id: alert.id, version: alert.version + 1, presence: "ACK", note: "seen" },
    ]);
    const repeat = ["alerts", "ack", alert.id, "--expect", String(alert.version), "--key", "k", "--output", "json"];
    expect((await service.cli(...repeat)).lines()).toEqual(acknowledged.lines());
    const wrong = await service.cli("alerts", "resolve", alert.id, "--expect", "1", "--reason", "sensor changed");
    expect(wrong).toMatchObject({ code: 5, stdout: "" });
    expect(wrong.stderr).toContain("CONFLICT");

    const told = ((await since("alerts")) as Told[]).filter(({ event }) => event.alert.id === alert.id);
    expect(told.map(({ event }) => [event.alert.version, event.transition.reason, event.transition.by])).toEqual([
      [1, "RAISED", null],
      [alert.version + 1, "ACKNOWLEDGED", "owner"],
    ]);
    expect(told[0]?.sequence).toMatch(/^\d-\d+$/);
    const readings = (await since("vitals")) as { patientId: string; event: { id: string } }[];
    expect(readings.map(({ event }) => event.id)).toEqual(Array.from({ length: 14 }, (_none, at) => `e${String(at)}`));

    const before = await service.cli("alerts", "show", alert.id);
    expect(await service.stop()).toBe(0);
    service = await startService(service.directory);
    const after = await service.cli("alerts", "show", alert.id);
    expect(after.lines()).toEqual(before.lines());
    expect(((await since("alerts")) as Told[]).filter(({ event }) => event.alert.id === alert.id)).toEqual([]);
    expect(await since("vitals")).toEqual([]);
    const { observations } = await service.query<{ observations: { nodes: { id: string }[] } }>(
      '{ observations(patientId: "p1", first: 3) { nodes { id } } }',
    );
    expect(observations.nodes.map(({ id }) => id)).toEqual(["e13", "e12", "e11"]);
  });

  it("is told what is wrong with a verb, with the code that says so", async () => {
    expect((await service.cli("alerts", "ack", "none")).code).toBe(1);
    expect((await service.cli("alerts", "ack")).code).toBe(2);
    expect((await service.cli("alerts", "weep", "x")).code).toBe(2);
    expect((await service.cli("alerts", "snooze", "x", "--for", "PT1M")).stderr).toContain("--reason");
    expect((await service.cli("watch", "vitals", "--min-priority", "HIGH")).code).toBe(2);
    expect((await service.cli("watch", "alerts", "--min-priority", "LOUD")).code).toBe(2);
    expect((await service.cli("watch", "vitals", "--max-rate", "often")).code).toBe(2);
  });
});
