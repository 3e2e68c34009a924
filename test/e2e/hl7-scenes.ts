import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "../helpers/built.js";
import { removeFolder, type Service } from "../helpers/service.js";
import { itShared } from "../helpers/shared.js";
import { buildMessage, realMessage } from "../ingest/hl7/build.js";

const ER7 = "application/hl7-v2";
const SUBMIT = `mutation Submit($hl7: String!, $key: String!) {
  submitObservations(hl7: $hl7, source: "adt", idempotencyKey: $key) { lines cursor } }`;
const OPEN = `query Open($ids: [ID!]) {
  alerts(patientIds: $ids, presence: [ON, ACK, LATCHED], kinds: [TECHNICAL, THRESHOLD]) {
    nodes { id patientId movedFrom ruleId code { code } history { reason } } } }`;

interface Sent {
  readonly lines: number;
  readonly ledger: { readonly rejected: readonly object[] } | null;
}
interface Open {
  readonly id: string;
  readonly patientId: string;
  readonly movedFrom: string | null;
  readonly ruleId: string;
  readonly code: { readonly code: string } | null;
  readonly history: readonly { readonly reason: string }[];
}

let folder: string;
let service: Service;
async function post(body: string | Buffer, source = "laboratory", type = ER7): Promise<Sent> {
  const response = await fetch(new URL(`/observations?source=${source}&wait=30`, service.url), {
    method: "POST",
    headers: { authorization: `Bearer ${service.token}`, "content-type": type },
    body,
  });
  return (await response.json()) as Sent;
}

const register = (id: string, control: string, born = ""): string =>
  buildMessage("ADT^A04", "EVN|A04", `PID|1||${id}^^^BCBS^MR||Test^T||${born}`).replace("|M1|", `|${control}|`);
const readings = async (id: string, more = ""): Promise<readonly Record<string, unknown>[]> =>
  (
    await service.query<{ observations: { nodes: Record<string, unknown>[] } }>(`{ observations(patientId: "${id}") {
      nodes { id patientId code { code } valueQuantity { value unit } originalQuantity { value unit } flags ${more} } } }`)
  ).observations.nodes;
const openOf = async (...ids: string[]): Promise<readonly Open[]> =>
  (await service.query<{ alerts: { nodes: Open[] } }>(OPEN, { ids })).alerts.nodes;

/** Asks until the answer is as it should be; the time of the test ends a wait in vain. */
async function until<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Messages of HL7 version 2, sent and asked about as an app would; `seconds` is how long a start may take. */
export function defineHl7Scenes(seconds: number, start: () => Promise<Service>): void {
  beforeAll(async () => {
    await ensureBuilt();
    folder = await mkdtemp(join(tmpdir(), "vitalome-hl7-"));
    service = await start();
  }, seconds * 1_000);
  afterAll(async () => {
    await service.kill();
    for (const one of [folder, service.directory]) await removeFolder(one);
  });

  describe("results in HL7", () => {
    itShared(
      "come by POST: what is pending has no value, odd units are converted by table, and codes nobody knows are rejected",
      async () => {
        await post(register("10006579", "R1", "19241010"));
        const real = await post(realMessage("LAB-ORU-1.hl7"));
        expect(real).toMatchObject({
          lines: 10,
          ledger: { read: 10, accepted: 0, balanced: true, rejected: [{ rule: "UNKNOWN_CODE", count: 10 }] },
        });
        // The same message with the codes this service has for two of its results.
        const coded = realMessage("LAB-ORU-1.hl7").replace("11125-2", "777-3").replace("11156-7", "6690-2");
        expect(await post(coded.replace("4.06|tera.l-1", "4.06|furlongs").replace("11273-0", "718-7"))).toMatchObject({
          lines: 10,
          ledger: {
            ...{ read: 10, accepted: 2, balanced: true },
            rejected: [
              { rule: "UNKNOWN_CODE", count: 7 },
              { rule: "UNKNOWN_UNIT", count: 1 },
            ],
          },
        });
        const found = await until(
          () => readings("10006579"),
          ({ length }) => length === 2,
        );
        expect(found).toEqual([
          expect.objectContaining({
            ...{ code: { code: "777-3" }, valueQuantity: { value: 221, unit: "10*3/uL" } },
            originalQuantity: { value: 221, unit: "giga.l-1" },
          }),
          expect.objectContaining({ code: { code: "6690-2" }, valueQuantity: null, flags: ["NO_VALUE"] }),
        ]);
      },
    );

    itShared(
      "and movements come from files, in batches and frames, and end with what became of each message",
      async () => {
        const known = register("r1", "B1");
        const order = "OBR|1||F1|24323-8^Panel^LN|||20260301093000+0100";
        const result = (value: string): string =>
          buildMessage("ORU^R01", "PID|1||r1", order, `OBX|1|NM|2823-3^K^LN||${value}|mmol/L|||||F`);
        const messages = [
          known,
          result("4.1"),
          buildMessage("ORM^O01", "PID|1||r1"),
          "MSH|^~|broken",
          result("4.1"),
          known,
        ];
        const batch = join(folder, "batch.hl7");
        await writeFile(
          batch,
          `\uFEFFFHS|^~\\&|LAB\r\nBHS|^~\\&|LAB\r\n${messages.join("\r\n")}\r\nBTS|6\r\nFTS|1\r\n`,
        );
        const { code, lines, stderr } = await service.cli(
          "observe",
          batch,
          "--source",
          "lis",
          "--strict",
          "--output",
          "json",
        );
        expect([code, stderr]).toEqual([3, expect.anything()]);
        expect(lines()).toMatchObject([
          {
            lines: 6,
            ledger: {
              ...{ read: 6, accepted: 2, duplicates: 2, rejected: 2, balanced: true, rejectedByRule: { MESSAGE: 2 } },
              rejectedSamples: [
                { line: 12, rule: "MESSAGE", field: "MSH-2" },
                { line: 10, rule: "MESSAGE", field: "MSH-9", found: '"ORM^O01"' },
              ],
            },
          },
        ]);
        const frames = join(folder, "frames");
        await writeFile(frames, messages.map((one) => `\u000b${one}\r\u001c\r`).join(""));
        const again = await service.cli("observe", frames, "--source", "lis", "--format", "hl7", "--output", "json");
        expect(again.lines()).toMatchObject([{ lines: 6, ledger: { accepted: 0, duplicates: 4, rejected: 2 } }]);
        expect(await readings("r1")).toHaveLength(1);
      },
    );

    it("are not taken for lines, nor lines for them", async () => {
      expect(await post('{"patientId":"p"}')).toMatchObject({ lines: 1, ledger: { rejected: [{ rule: "MESSAGE" }] } });
      const none = service.query(`mutation { submitObservations(source: "x", idempotencyKey: "k") { lines } }`);
      await expect(none).rejects.toThrow("ndjson: expected either ndjson or hl7");
    });
  });

  describe("two records of one person", () => {
    itShared(
      "are one after ADT-A40-01: one open alert, readings and questions of both ids; the unlink restores both",
      async () => {
        await post([register("56789", "M1", "19500101"), register("12345", "M2", "20180205")].join("\r"), "adt");
        const reading = (patientId: string, value: number, sequence: number): string =>
          JSON.stringify({
            ...{ patientId, code: "8867-4", value, unit: "/min", deviceId: `d-${patientId}`, session: "a", sequence },
            eventTime: new Date().toISOString(),
          });
        await post(reading("56789", 310, 1), "ward", "application/x-ndjson");
        const isHeart = ({ code }: Open): boolean => code?.code === "8867-4";
        const heart = async (...ids: string[]): Promise<readonly Open[]> => (await openOf(...ids)).filter(isHeart);
        const [before] = await until(
          () => heart("56789"),
          ({ length }) => length === 1,
        );
        expect(before).toMatchObject({ patientId: "56789", movedFrom: null });

        await service.query(SUBMIT, { hl7: realMessage("ADT-A40-01.hl7"), key: "merge" });
        const [merged, ...more] = await until(
          () => heart("12345"),
          ([one]) => one?.patientId === "12345",
        );
        expect(more).toEqual([]);
        expect(merged).toMatchObject({ id: before?.id, movedFrom: "56789", ruleId: before?.ruleId });
        expect(merged?.history.map(({ reason }) => reason)).toEqual(["RAISED", "MERGED"]);
        expect(await heart("56789")).toEqual([merged]);
        type Person = { patient: { id: string; links: object[]; alerts: { nodes: { id: string }[] } } | null };
        const { patient } = await service.query<Person>(
          `{ patient(id: "56789") { id links { other type disputed } alerts(presence: [ON]) { nodes { id } } } }`,
        );
        expect(patient).toMatchObject({
          ...{ id: "12345", links: [{ other: "56789", type: "replaces", disputed: false }] },
        });
        expect(patient?.alerts.nodes).toContainEqual({ id: before?.id });

        // What still comes under the old id is of the surviving record, and keeps its own.
        await post(reading("56789", 315, 2), "ward", "application/x-ndjson");
        await post(reading("12345", 90, 1), "ward", "application/x-ndjson");
        const all = await until(
          () => readings("12345"),
          ({ length }) => length === 3,
        );
        expect(all.map(({ patientId }) => patientId)).toEqual(["12345", "56789", "56789"]);
        expect(await readings("56789")).toEqual(all);

        const unlink = buildMessage("ADT^A37", "EVN|A37|20260301", "PID|1||12345^^^BCBS^MR", "PID|2||56789^^^BCBS^MR");
        await service.query(SUBMIT, { hl7: unlink, key: "unlink" });
        const [restored, ...others] = await until(
          () => heart("56789"),
          ([one]) => one?.patientId === "56789",
        );
        expect(others).toEqual([]);
        expect(restored).toMatchObject({ id: before?.id, movedFrom: null });
        expect(restored?.history.map(({ reason }) => reason)).toEqual(["RAISED", "MERGED", "UNMERGED"]);
        expect(await heart("12345")).toEqual([]);
        expect((await readings("56789")).map(({ patientId }) => patientId)).toEqual(["56789", "56789"]);
        expect((await readings("12345")).map(({ patientId }) => patientId)).toEqual(["12345"]);
      },
    );
  });

  describe("somebody who leaves", () => {
    it("has no open alert any more, and each says why", async () => {
      const stay = (trigger: string, place: string, control: string): string =>
        buildMessage(`ADT^${trigger}`, `EVN|${trigger}`, "PID|1||w1", `PV1|1|I|${place}`).replace(
          "|M1|",
          `|${control}|`,
        );
      await post(stay("A01", "W7^1^3", "S1"), "adt");
      const bad = (sequence: number): string =>
        JSON.stringify({
          ...{ patientId: "w1", code: "8867-4", value: 310, unit: "/min", deviceId: "d-w1", session: "a", sequence },
          eventTime: new Date().toISOString(),
        });
      for (const [sequence, trigger, place, reason] of [
        [1, "A02", "ICU^^2", "TRANSFERRED"],
        [2, "A03", "ICU^^2", "DISCHARGED"],
      ] as const) {
        await post(bad(sequence), "ward", "application/x-ndjson");
        const [open] = await until(
          () => openOf("w1"),
          (alerts) => alerts.some(({ code }) => code?.code === "8867-4"),
        );
        await post(stay(trigger, place, `S-${trigger}`), "adt");
        await until(
          () => openOf("w1"),
          ({ length }) => length === 0,
        );
        const { alert } = await service.query<{ alert: Open }>(
          `{ alert(id: "${open?.id ?? ""}") { history { reason } } }`,
        );
        expect(alert.history.at(-1)).toEqual({ reason });
      }
    });
  });
}
