import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteTopics, foreignKafka, withAdmin } from "../backend/cluster/kafka-for-tests.js";
import { removeFolder, startService, type Service } from "../helpers/service.js";
import { clusterEnvironment, stackForTests } from "../helpers/stack.js";

const corner = `foreign-${randomBytes(4).toString("hex")}`;
const topic = `${corner}-ward`;
let service: Service;
let broker: string;
let folder: string;

beforeAll(async () => {
  const stack = await stackForTests();
  broker = stack.kafka;
  folder = await mkdtemp(join(tmpdir(), "vitalome-foreign-"));
  service = await startService(undefined, ["--no-demo"], clusterEnvironment(stack, corner));
  const people = join(folder, "people.ndjson");
  await writeFile(people, `${JSON.stringify({ resourceType: "Patient", id: "p1", birthDate: "1950-01-01" })}\n`);
  expect((await service.cli("ingest-clinical", people)).code).toBe(0);
  await withAdmin(broker, (admin) =>
    admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true }),
  );
});
afterAll(async () => {
  await service.stop();
  for (const one of [folder, service.directory]) await removeFolder(one);
  await deleteTopics(broker, [topic]);
});

function reading(sequence: number): string {
  const device = { deviceId: "icu-1", session: "a", sequence };
  const at = { eventTime: new Date(Date.now() - 60_000 + sequence * 10).toISOString() };
  return JSON.stringify({ patientId: "p1", code: "8867-4", value: 80, unit: "/min", ...device, ...at });
}

interface Told {
  readonly observationLedgers: readonly { readonly source: string; readonly ledger: { readonly read: number } }[];
}

async function ledgerOf(count: number): Promise<unknown> {
  const ledgers = `{ observationLedgers { source ledger { read accepted duplicates rejected { rule count } balanced } } }`;
  for (let look = 0; ; look += 1) {
    const { observationLedgers } = await service.query<Told>(ledgers);
    const found = observationLedgers.find(({ source }) => source === "icu")?.ledger;
    if (found?.read === count) return found;
    if (look === 300) throw new Error(JSON.stringify(found));
    await new Promise((done) => setTimeout(done, 100));
  }
}

it("a topic of the cluster that a source is declared with is taken in once, also over the death of the worker", async () => {
  const producer = foreignKafka(broker).producer();
  await producer.connect();
  const send = (values: readonly (string | null)[]): Promise<unknown> =>
    producer.send({ topic, messages: values.map((value) => ({ key: "p1", value })) });
  const first = reading(1);
  await send([first, "poison", first, null]);
  await service.query(`mutation { setSource(id: "icu", kind: BEDSIDE, topic: "${topic}", reason: "test") { id } }`);
  await ledgerOf(4);
  await service.kill();
  await send([reading(2), reading(3)]);
  const stack = await stackForTests();
  service = await startService(service.directory, ["--no-demo"], clusterEnvironment(stack, corner));
  expect(await ledgerOf(6)).toEqual({
    ...{ read: 6, accepted: 3, duplicates: 1, balanced: true },
    rejected: [{ rule: "JSON", count: 2 }],
  });
  await producer.disconnect();
});
